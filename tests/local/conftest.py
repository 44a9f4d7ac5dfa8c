"""Collected by `make test-local` alone, where the extra is installed."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from service.demo.demo_client import Client, open_client
from tests.live_server import KEY, fresh, running
from tests.local.tiny_model import write_tiny_model

collect_ignore_glob = [] if os.environ.get("TUNELEDGER_TEST_LOCAL") else ["test_*.py"]


class LocalServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server with a worker, and a machine with the base model `tiny`."""

    url: str
    client: Client
    machine: Path


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of 120,000 weights, with a tokenizer and a chat template."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(folder)
    return folder


@pytest.fixture
async def server(
    clones: asyncpg.Connection, postgres_url: str, tmp_path: Path, tiny_base: Path
) -> AsyncIterator[LocalServer]:
    machine = tmp_path / "machine"
    shutil.copytree(tiny_base, machine / "models/tiny")
    async with (
        fresh(clones, postgres_url) as database_url,
        running(database_url, tmp_path / "data", local_directory=str(machine)) as url,
        open_client(url, KEY) as client,
    ):
        yield LocalServer(url=url, client=client, machine=machine)
