"""Bodies on their way in: the guard comes first, a slow one is ended, and few bytes are held at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.access.limits.body_limits import BodiesInFlight
from service.composition import open_ledger
from service.errors import TooManyRequests
from service.settings import Settings
from tests.http_client import OPERATOR_KEY, SECRET_KEY, SHARED, client
from tests.live_server import KEY, fresh, running

ANN, BOB = UUID(int=1), UUID(int=2)
SLOW = Settings(secret_key=SECRET_KEY, body_timeout=0.3, body_bytes_workspace=1_000)
TASK = b'{"name": "a", "instruction": "do"}'


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
async def test_the_scope_is_asked_before_the_body_is_read(
    app: Litestar, api: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await api.post("/v1/api-keys", json={"name": "narrow", "scopes": ["tasks:read"]})
    parts: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        parts.append(TASK)
        yield TASK

    async with client(app, response.json()["secret"]) as narrow:
        refused = await narrow.post("/v1/tasks", content=body(), headers=headers)
    assert (refused.status_code, parts) == (403, [])


async def test_a_body_that_stops_is_ended_and_gives_back_its_bytes(engine: AsyncEngine) -> None:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)

    async def endless() -> AsyncIterator[bytes]:
        yield TASK
        await asyncio.sleep(30)

    async with client(SHARED.over(engine, SLOW), OPERATOR_KEY) as api:
        slow = await asyncio.wait_for(api.post("/v1/tasks", content=endless()), 10)
        fine = await api.post("/v1/tasks", content=TASK)
    assert (slow.status_code, slow.json()["code"], fine.status_code) == (408, "body_timeout", 201)


async def test_bodies_of_a_workspace_are_limited_together(engine: AsyncEngine) -> None:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)

    async def held() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.2)
        yield TASK + b" " * 800

    async with client(SHARED.over(engine, SLOW), OPERATOR_KEY) as api:
        headers = {"Content-Length": str(len(TASK) + 800)}
        first = asyncio.create_task(api.post("/v1/tasks", content=held(), headers=headers))
        await asyncio.sleep(0.1)
        second = await api.post("/v1/tasks", content=TASK + b" " * 900)
        limits = {limit["name"]: limit for limit in (await api.get("/v1/limits")).json()["data"]}
        assert (await first).status_code == 201
    assert (second.status_code, second.json()["code"], second.headers["retry-after"]) == (429, "limit_reached", "1")
    assert second.json()["errors"][0]["code"] == "body_bytes"
    assert (limits["body_bytes"]["limit"], limits["body_bytes"]["used"]) == (1_000, len(TASK) + 800)
    assert "1000 bytes for this workspace" in second.json()["detail"]


def test_a_workspace_cannot_take_what_others_need() -> None:
    bodies = BodiesInFlight(timeout=1, process_bytes=100, workspace_bytes=60)
    bodies.hold(ANN, 60)
    with pytest.raises(TooManyRequests, match="this workspace"):
        bodies.hold(ANN, 1)
    with pytest.raises(TooManyRequests, match="the server"):
        bodies.hold(BOB, 41)
    bodies.hold(BOB, 40)
    bodies.release(ANN, 60)
    bodies.hold(ANN, 60)
    assert bodies.held_by(ANN) == 60


async def test_forty_unfinished_bodies_are_refused_or_ended(
    clones: asyncpg.Connection, postgres_url: str, tmp_path: Path
) -> None:
    async with fresh(clones, postgres_url) as url, running(url, tmp_path, "--no-worker", body_timeout="2") as address:
        async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as api:
            response = await api.post("/v1/api-keys", json={"name": "reader", "scopes": ["tasks:read"]})
        heads = await asyncio.wait_for(
            asyncio.gather(*(send_unfinished(address, response.json()["secret"], path) for path in PATHS * 20)), 60
        )
    assert {head.split()[1] for head in heads} <= {b"403", b"408", b"429"}


PATHS = ("/v1/tasks", "/v1/tasks/01900000-0000-7000-8000-000000000000/preview")


async def send_unfinished(address: str, key: str, path: str) -> bytes:
    """Announce 19 MB, send one of them, and wait for the first line of the answer."""
    host, port = urlsplit(address).hostname, urlsplit(address).port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: 19000000\r\n\r\n".encode()
    )
    writer.write(json.dumps("x" * 1_000_000).encode()[:-1])
    try:
        return await reader.readline()
    finally:
        writer.close()
