"""Clients of the whole application over a fresh database: `api` holds an admin's key, `stranger` another tenant's."""

import asyncio
import atexit
import dataclasses
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.access.domain import generate_secret
from service.app import Resources, build_routes, open_resources
from service.composition import CANCELS, open_ledger
from service.evaluations.gate_measurements import load_gate_facts
from service.models.gates.gate_facts import GateFactsLoader
from service.operations.cancel_registry import CancelFunctions
from service.settings import Settings
from tests.tenant_wall import Watched

OPERATOR_KEY = generate_secret()
SECRET_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
LOOPBACK = "127.0.0.0/8"  # where the tests' sandboxes and providers listen
# One for all tests, as API and workers share it; each database has workspaces of its own.
FILES = Path(tempfile.mkdtemp(prefix="tuneledger-files-"))
atexit.register(shutil.rmtree, FILES, ignore_errors=True)
SETTINGS = Settings(secret_key=SECRET_KEY, connections_allow=LOOPBACK, data_directory=FILES)


def client(app: Litestar, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(cast(Any, Watched(app)))  # its types are ASGI's, put another way
    return httpx.AsyncClient(transport=transport, base_url="http://tuneledger.test", headers=headers)


class Shared:
    """Applications whose routes are built once per settings: to build them costs more than most tests do."""

    def __init__(self) -> None:
        self._built: dict[Settings, tuple[Resources, Litestar]] = {}

    def over(
        self,
        engine: AsyncEngine,
        settings: Settings,
        *,
        cancels: CancelFunctions = CANCELS,
        gate_facts: GateFactsLoader = load_gate_facts,
        stop: asyncio.Event | None = None,
    ) -> Litestar:
        """The application over that engine. It is the only one of its settings: the one given out before is this one.

        Nothing of an earlier test is in it: ledger, known keys and live streams are new. A test that needs two
        of the same settings at once takes the second from create_app.
        """
        fresh = open_resources(engine, cancels=cancels, gate_facts=gate_facts, stop=stop)
        if settings not in self._built:
            self._built[settings] = fresh, build_routes(settings, fresh)
        resources, app = self._built[settings]
        for field in dataclasses.fields(fresh):
            setattr(resources, field.name, getattr(fresh, field.name))
        return app


SHARED = Shared()


@pytest.fixture
async def app(engine: AsyncEngine) -> Litestar:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return SHARED.over(engine, SETTINGS)


@pytest.fixture
async def api(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client(app, OPERATOR_KEY) as opened:
        yield opened


@pytest.fixture
async def stranger(app: Litestar, api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    response = await api.post("/v1/workspaces", json={"name": "elsewhere"})
    async with client(app, response.json()["api_key"]) as opened:
        yield opened
