"""The server and its worker killed with -9 in the middle of an import: it ends whole or not at all."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.server.supervisor import ROOT
from tests.datasets.example_bodies import export, list_examples, make_dataset, ok
from tests.datasets.import_files import (
    chat_lines,
    count,
    ended,
    nothing_left_over,
    read_import,
    send_file,
    tables_follow_from_the_log,
)

KEY = "tl_key_of_the_killed_servers_operator"
ROWS = 30_000  # six chunks, so that there is time to kill between them
PATIENCE = 1_500  # looks
ADVANCED, ADDED, WITHDRAWN = (
    f"ledger.events where type = '{kind}'" for kind in ("ImportAdvanced", "ExampleAdded", "ExampleWithdrawn")
)


class Server:
    """A server of the whole application with its worker, as `tuneledger serve` starts it."""

    def __init__(self, process: asyncio.subprocess.Process, api: httpx.AsyncClient) -> None:
        self.process = process
        self.api = api

    async def kill(self) -> None:
        """All of its processes at once, as when the machine loses power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def serving(database_url: str, directory: Path) -> AsyncIterator[Server]:
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
        "DATABASE_URL": database_url,
        "TUNELEDGER_BOOTSTRAP_KEY": KEY,
        "TUNELEDGER_DATA_DIRECTORY": str(directory),
        "TUNELEDGER_PORT": "0",
        "TUNELEDGER_PROCESSES": "1",
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service",
        "serve",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=await _address(process), headers=headers, timeout=60) as api:
            yield Server(process, api)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"ready on" in line:
            return line.decode().split("ready on ")[1].split()[0]
    raise AssertionError("the server did not start")


async def until_there_are(engine: AsyncEngine, query: str, *, at_least: int = 1) -> None:
    """Look until so many rows are there."""
    for _ in range(PATIENCE):
        if await count(engine, query) >= at_least:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(query)


async def the_dead_hold_nothing_any_more(engine: AsyncEngine) -> None:
    """What their leases' time would bring by itself."""
    async with engine.begin() as connection:
        await connection.execute(sa.text("update ledger.leases set leased_until = now()"))


@asynccontextmanager
async def nothing_recorded(engine: AsyncEngine) -> AsyncIterator[None]:
    """While this lasts, no append in any workspace comes through: each waits where it is."""
    lock = sa.text("select pg_advisory_xact_lock(hashtextextended(workspace_id::text, 0)) from ledger.heads")
    async with engine.begin() as connection:
        await connection.execute(lock)
        yield


async def killed_while_the_file_comes_in(server: Server, engine: AsyncEngine, dataset: str) -> None:
    async def half_a_file() -> AsyncIterator[bytes]:
        yield chat_lines(range(ROWS))
        await until_there_are(engine, "ledger.staged", at_least=5_000)
        await server.kill()
        yield chat_lines(range(ROWS))

    with pytest.raises(httpx.TransportError):
        await send_file(server.api, dataset, half_a_file())
    await the_dead_hold_nothing_any_more(engine)


async def nothing_came_of_it(server: Server, engine: AsyncEngine, dataset: str) -> None:
    [import_] = (await ok(await server.api.get(f"/v1/datasets/{dataset}/imports")))["data"]
    operation = await ended(server.api, import_["id"])
    assert (operation["state"], operation["error"]["code"]) == ("failed", "upload_interrupted")
    assert await list_examples(server.api, dataset) == []
    assert await count(engine, ADDED) == 0


async def killed_while_it_is_taken_back(server: Server, engine: AsyncEngine, dataset: str) -> str:
    import_id: str = (await send_file(server.api, dataset, chat_lines(range(ROWS))))["id"]
    await until_there_are(engine, ADVANCED)
    assert (await server.api.post(f"/v1/operations/{import_id}/cancel")).status_code == 200
    await until_there_are(engine, WITHDRAWN)
    await server.kill()
    await the_dead_hold_nothing_any_more(engine)
    return import_id


async def all_of_it_was_taken_back(server: Server, engine: AsyncEngine, dataset: str, import_id: str) -> None:
    assert (await ended(server.api, import_id))["state"] == "cancelled"
    assert (await read_import(server.api, import_id))["added"] == 0
    assert await list_examples(server.api, dataset) == []
    assert await count(engine, WITHDRAWN) == await count(engine, ADDED) > 0


async def killed_while_the_rows_are_added(server: Server, engine: AsyncEngine, dataset: str) -> str:
    before = await count(engine, ADVANCED)
    import_id: str = (await send_file(server.api, dataset, chat_lines(range(ROWS))))["id"]
    await until_there_are(engine, ADVANCED, at_least=before + 1)
    # Killed while its statement waits, which then comes through after all: nobody is there to be told.
    async with nothing_recorded(engine):
        await until_there_are(engine, "pg_locks where locktype = 'advisory' and not granted")
        await server.kill()
    await the_dead_hold_nothing_any_more(engine)
    return import_id


async def all_of_it_is_there(server: Server, dataset: str, import_id: str) -> None:
    operation = await ended(server.api, import_id)
    assert (operation["state"], operation["result"]["added"]) == ("succeeded", ROWS)
    lines = [line.replace(b", ", b",").replace(b": ", b":") for line in chat_lines(range(ROWS)).splitlines()]
    assert (await export(server.api, dataset)).splitlines() == lines


async def test_killed_at_any_point_an_import_ends_whole_or_not_at_all(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with serving(database_url, tmp_path) as server:
        dataset = await make_dataset(server.api)
        await killed_while_the_file_comes_in(server, engine, dataset)
    async with serving(database_url, tmp_path) as server:
        await nothing_came_of_it(server, engine, dataset)
        cancelled = await killed_while_it_is_taken_back(server, engine, dataset)
    async with serving(database_url, tmp_path) as server:
        await all_of_it_was_taken_back(server, engine, dataset, cancelled)
        whole = await killed_while_the_rows_are_added(server, engine, dataset)
    async with serving(database_url, tmp_path) as server:
        await all_of_it_is_there(server, dataset, whole)
        await nothing_left_over(engine)
    await tables_follow_from_the_log(engine)
