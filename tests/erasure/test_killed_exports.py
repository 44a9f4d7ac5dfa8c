"""Exports whose process is killed between its steps, next to an erasure: no erased text stays in the artifact store."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.artifacts import worker as artifacts_worker
from service.artifacts.artifact_store import ArtifactStore
from service.composition import REGISTRY, open_ledger
from service.database.engine import new_id
from service.database.rows import fetch_value
from service.datasets.examples.domain import EXAMPLE
from service.datasets.examples.domain import erase as erase_example
from service.datasets.examples.projection import examples
from service.datasets.exports.commands import ExportRequest, MadeExport, make_export
from service.datasets.exports.export_options import ExportOptions
from service.datasets.filters.selection import Filter
from service.datasets.versions.version_selection import resolve_selection
from service.evaluations.results.preference_pairs import load_judgement_pairs
from service.ledger.store import Caller, Ledger
from tests.datasets.example_bodies import add, export, freeze, make_dataset
from tests.erasure.erasing import erase
from tests.http_client import FILES
from tests.tunes.conftest import SETTINGS, working

FOREIGN = b"of another database"
EVERYTHING = Filter()
SECRET = "the secret of a person"


class Gate:
    """Who reaches it waits until it opens. One that never opens is where a process is killed."""

    def __init__(self) -> None:
        self._reached, self._opened = asyncio.Event(), asyncio.Event()

    async def go_through(self) -> None:
        self._reached.set()
        await self._opened.wait()

    async def wait_until_reached(self) -> None:
        await asyncio.wait_for(self._reached.wait(), 30)

    def open(self) -> None:
        self._opened.set()


class GatedLedger(Ledger):
    gates: dict[str, Gate]

    async def change(self, decider: Any, *arguments: Any, **named: Any) -> Any:
        await go_through(self.gates, "before the record")
        stored = await super().change(decider, *arguments, **named)
        await go_through(self.gates, "after the record")
        return stored


class GatedStore(ArtifactStore):
    gates: dict[str, Gate]

    async def put(self, *arguments: Any, **named: Any) -> None:
        await go_through(self.gates, "before the put")
        await super().put(*arguments, **named)
        await go_through(self.gates, "after the put")


async def go_through(gates: dict[str, Gate], name: str) -> None:
    if name in gates:
        await gates[name].go_through()


class World:
    """A dataset with a frozen version of two examples, one of them secret."""

    def __init__(self, api: httpx.AsyncClient, engine: AsyncEngine) -> None:
        self._api, self._engine = api, engine

    async def begin(self) -> None:
        self.dataset = await make_dataset(self._api)
        await add(self._api, self.dataset, "In the open?")
        self.example = (await add(self._api, self.dataset, SECRET))["id"]
        await freeze(self._api, self.dataset)
        query = sa.select(examples.c.workspace_id).where(examples.c.id == UUID(self.example))
        self.workspace_id: UUID = await fetch_value(self._engine, query)
        self.caller = Caller(workspace_id=self.workspace_id, actor="test", request_id="test")

    @asynccontextmanager
    async def exported(
        self, gates: dict[str, Gate], *, also: Filter = EVERYTHING
    ) -> AsyncIterator["asyncio.Task[MadeExport]"]:
        """An export in another process, which is killed where a gate stays closed."""
        ledger, store = GatedLedger(self._engine, REGISTRY, unique_fields={}), GatedStore(SETTINGS)
        ledger.gates = store.gates = gates
        selection = await resolve_selection(ledger, self.workspace_id, UUID(self.dataset), "v1", parameter="?version")
        request = ExportRequest(
            selection=msgspec.structs.replace(selection, also=also),
            options=ExportOptions(),
            version="v1",
            load_judgements=load_judgement_pairs,
        )
        process = asyncio.ensure_future(make_export(ledger, store, self.caller, request))
        try:
            yield process
        finally:
            process.cancel()
            await asyncio.gather(process, return_exceptions=True)

    async def erase(self) -> None:
        await erase(self._api, self._engine, f"/v1/examples/{self.example}/erase")

    async def put_foreign_file(self) -> None:
        store = ArtifactStore(SETTINGS)
        with store.receive(UUID(self.dataset)) as path:
            path.write_bytes(FOREIGN)
            await store.put(self.workspace_id, hashlib.sha256(FOREIGN).hexdigest(), path)

    def files(self) -> list[bytes]:
        folder = FILES / "artifacts" / "files" / str(self.workspace_id)
        return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]

    def has_secret(self) -> bool:
        return any(SECRET.encode() in content for content in self.files())

    async def wait_until_clean(self) -> None:
        for _ in range(600):
            if not self.has_secret():
                return
            await asyncio.sleep(0.05)
        pytest.fail("the secret is still there after half a minute")


@pytest.fixture
async def world(api: httpx.AsyncClient, engine: AsyncEngine) -> World:
    begun = World(api, engine)
    await begun.begin()
    return begun


async def test_killed_after_the_put_it_is_found_by_an_erasure(world: World, api: httpx.AsyncClient) -> None:
    killed = Gate()
    async with world.exported({"after the put": killed}):
        await killed.wait_until_reached()
        assert world.has_secret()
        await world.erase()
        assert not world.has_secret()
    assert SECRET.encode() not in await export(api, world.dataset, version="v1")


@pytest.mark.parametrize("also", [EVERYTHING, Filter(q=SECRET)])
async def test_killed_after_the_record_it_has_no_content(world: World, api: httpx.AsyncClient, also: Filter) -> None:
    erased, killed = Gate(), Gate()
    async with world.exported({"before the record": erased, "after the record": killed}, also=also) as process:
        await erased.wait_until_reached()
        await world.erase()
        erased.open()
        await killed.wait_until_reached()
        assert not world.has_secret()
        killed.open()  # as one that lives on
        (await process).close()
        assert not world.has_secret()
    assert SECRET.encode() not in await export(api, world.dataset, version="v1")


async def test_an_export_after_the_mark_leaves_the_text_out(
    world: World, api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """An erasure that marked its example, looked for exports, and has not deleted the text yet."""
    await open_ledger(engine).change(
        EXAMPLE, UUID(world.example), lambda example: erase_example(example, erasure_id=new_id()), caller=world.caller
    )
    for options in ({}, {"format": "alpaca"}, {"include": "fields"}):
        assert SECRET.encode() not in await export(api, world.dataset, version="v1", **options)
    assert len(world.files()) == 3


@pytest.mark.parametrize("is_by_worker", [True, False])
async def test_what_is_put_after_its_deletion_is_deleted(
    world: World, api: httpx.AsyncClient, worker_engine: AsyncEngine, is_by_worker: bool
) -> None:
    """What is needed stays, and what was never recorded: it may be of a database that this one is a copy of."""
    erased, killed = Gate(), Gate()
    async with world.exported({"before the put": erased, "after the put": killed}):
        await erased.wait_until_reached()
        await world.erase()
        erased.open()
        await killed.wait_until_reached()
    await world.put_foreign_file()
    needed = await export(api, world.dataset, version="v1")
    assert sorted(world.files(), key=len)[:2] == [FOREIGN, needed]
    assert world.has_secret()
    if is_by_worker:
        async with working(worker_engine, artifacts_worker.run):
            await world.wait_until_clean()
    else:
        other = (await add(api, await make_dataset(api, name="other")))["id"]
        await erase(api, worker_engine, f"/v1/examples/{other}/erase")
    assert sorted(world.files(), key=len) == [FOREIGN, needed]
