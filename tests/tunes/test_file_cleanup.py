"""Files at a provider that no tune needs any more are deleted there; those that one needs stay."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from service.tunes.submission import file_cleanup
from tests.emulators.openai import OpenAIEmulator, emulate
from tests.emulators.openai.server import SECRET
from tests.tunes import conftest
from tests.tunes.conftest import Desk, working

FILES = ("training_file", "validation_file")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "SETTINGS", replace(conftest.SETTINGS, tune_file_hours=0.0))


@pytest.fixture
async def emulator() -> AsyncIterator[OpenAIEmulator]:
    async with emulate(seconds=0.5) as running:
        yield running


async def connect(desk: Desk, emulator: OpenAIEmulator) -> str:
    return await desk.connected(kind="openai", base_url=emulator.base_url, secret=SECRET)


async def deletions(desk: Desk, tune_id: str) -> Any:
    return [entry for entry in await desk.listed(tune_id, "history") if entry["type"] == "TuneFilesDeleted"]


async def test_files_go_once_no_tune_needs_them(desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine) -> None:
    """`other` is of another connection and dataset, but of the same account and content: it has the same files."""
    connection_id, frozen = await connect(desk, emulator), await desk.frozen()
    first = await desk.asked(connection_id, of=frozen)
    emulator.faults.add("POST /v1/files", drop="after")  # found again by its digest, and not sent twice
    async with working(engine, dispatch.run, poller.run):
        tune = await desk.until(first["id"], "succeeded")
    files = {tune[name]["file_id"] for name in FILES}
    assert emulator.files.keys() == files
    waiting = await desk.asked(connection_id, of=frozen)
    async with working(engine, file_cleanup.run):
        await asyncio.sleep(1.0)
    assert emulator.files.keys() == files
    emulator.seconds = 60.0
    other = await desk.asked(await connect(desk, emulator))
    async with working(engine, dispatch.run, poller.run, file_cleanup.run):
        running = await desk.until(other["id"], "running")
        assert {running[name]["file_id"] for name in FILES} == files
        [job] = emulator.jobs_with(waiting["id"])
        job.seconds = 0.1
        await desk.until(waiting["id"], "succeeded")
        await asyncio.sleep(1.0)
        assert emulator.files.keys() == files
        await desk.api.post(f"/v1/tunes/{other['id']}/cancel")
        await desk.until(other["id"], "cancelled")
        for tune_id in (first["id"], waiting["id"], other["id"]):
            await desk.happens(partial(deletions, desk, tune_id))
    assert emulator.files == {}
    assert len(await deletions(desk, first["id"])) == 1
