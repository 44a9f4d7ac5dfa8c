import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from service.composition import open_ledger
from service.database.engine import new_id
from service.errors import Conflict
from service.ledger.readers.subscriptions import LoggedEvent
from service.ledger.tables import events, readers
from service.models.worker import NAME, build_registrar, run
from service.settings import Settings
from service.tunes.events import TuneSucceeded
from service.vault.vault import open_vault
from service.worker.context import WorkerContext
from tests.models.world import World


@asynccontextmanager
async def running(world: World, *, processes: int = 1) -> AsyncIterator[None]:
    stop = asyncio.Event()
    engine, settings = world.ledger.engine, Settings(secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    async with asyncio.TaskGroup() as group:
        for _ in range(processes):
            context = WorkerContext(
                engine=engine,
                ledger=open_ledger(engine),
                settings=settings,
                vault=open_vault(settings),
                owner=new_id(),
            )
            group.create_task(run(context, stop))
        try:
            yield
        finally:
            stop.set()


async def versions(world: World, name: str) -> list[dict[str, Any]]:
    """The versions of the model of that name, the first first; empty as long as there is none."""
    models = (await world.read("/v1/models", name=name))["data"]
    if not models:
        return []
    listed: list[dict[str, Any]] = (await world.read(f"/v1/models/{models[0]['id']}/versions"))["data"]
    return listed[::-1]


async def until(world: World, name: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        while len(registered := await versions(world, name)) < count:  # noqa: ASYNC110 - another task makes them
            await asyncio.sleep(0.02)
    return registered


async def caught_up(world: World) -> None:
    """Wait until the registrar has seen every event there is."""
    head = sa.select(sa.func.max(events.c.seq)).where(events.c.workspace_id == world.caller.workspace_id)
    async with world.ledger.engine.connect() as connection:
        last = (await connection.execute(head)).scalar_one()
    async with asyncio.timeout(20):
        while await place(world) < last:  # noqa: ASYNC110 - another task moves it
            await asyncio.sleep(0.02)


async def place(world: World) -> int:
    query = sa.select(readers.c.seq).where(readers.c.name == NAME, readers.c.workspace_id == world.caller.workspace_id)
    async with world.ledger.engine.connect() as connection:
        return (await connection.execute(query)).scalar() or 0


async def successes(world: World) -> list[LoggedEvent]:
    """The log's successes, as a reader gets them."""
    columns = [events.c[name] for name in LoggedEvent.__struct_fields__ if name != "data"]
    query = (
        sa.select(*columns, sa.cast(events.c.data, sa.Text).label("data"))
        .where(events.c.workspace_id == world.caller.workspace_id, events.c.type == TuneSucceeded.__name__)
        .order_by(events.c.seq)
    )
    async with world.ledger.engine.connect() as connection:
        return [LoggedEvent(**row) for row in (await connection.execute(query)).mappings()]


async def deliver(world: World, seen: list[LoggedEvent]) -> None:
    await build_registrar(world.ledger).react(world.caller.workspace_id, seen)


async def test_each_success_becomes_the_next_version_of_the_model_it_names(world: World) -> None:
    async with running(world):
        for bump in ("minor", "minor", "major"):
            await world.record_tune(model="news", bump=bump, notes=f"A {bump} one.")
        registered = await until(world, "news", 3)
    assert [(v["version"], v["notes"]) for v in registered] == [
        ("v1.0", "A minor one."),
        ("v1.1", "A minor one."),
        ("v2.0", "A major one."),
    ]
    assert registered[0]["created_by"] == "tuneledger"


async def test_a_model_that_is_there_is_used_and_one_that_is_not_is_begun(world: World) -> None:
    path = await world.model("v1", name="old")
    task = await world.create("/v1/tasks", {"name": "news", "instruction": "Name the category."})
    await world.api.patch(f"/v1/datasets/{world.dataset['id']}", json={"task_id": task["id"]})
    await world.record_tune(model="old")
    await world.record_tune(model="new")
    await deliver(world, await successes(world))
    assert [version["version"] for version in await versions(world, "old")] == ["v1.0", "v1.1"]
    assert (await world.read(path))["latest_version"] == "v1.1"
    [begun] = (await world.read("/v1/models", name="new"))["data"]
    assert (begun["task_id"], begun["latest_version"]) == (task["id"], "v1.0")


async def test_a_version_is_traced_to_the_request_that_asked_for_its_tune(world: World) -> None:
    await world.record_tune(model="news")
    [tune] = (await world.read("/v1/tunes"))["data"]
    request_id = (await world.read(f"/v1/tunes/{tune['id']}/history"))["data"][0]["request_id"]
    await deliver(world, await successes(world))
    [model] = (await world.read("/v1/models"))["data"]
    history = (await world.read(f"/v1/models/{model['id']}/history"))["data"]
    assert {entry["request_id"] for entry in history} == {request_id}


async def test_a_success_that_is_delivered_again_is_registered_once(world: World) -> None:
    await world.record_tune(model="news")
    seen = await successes(world)
    for _ in range(2):
        await deliver(world, seen)
    [model] = (await world.read("/v1/models"))["data"]
    await world.api.patch(f"/v1/models/{model['id']}", json={"name": "renamed"})
    await deliver(world, seen)
    assert [version["version"] for version in await versions(world, "renamed")] == ["v1.0"]
    assert await versions(world, "news") == []


async def test_the_place_is_saved_by_the_statement_that_registers(world: World) -> None:
    await world.record_tune(model="news")
    seen = await successes(world)
    await deliver(world, seen)
    assert await place(world) == seen[-1].seq


async def test_a_success_that_was_registered_by_hand_is_left_alone(world: World) -> None:
    tune_id = await world.record_tune(model="news")
    path = await world.model(name="mine")
    await world.create(f"{path}/versions", {"tune_id": str(tune_id)})
    await deliver(world, await successes(world))
    assert (await versions(world, "news"), len(await versions(world, "mine"))) == ([], 1)


async def test_a_tune_that_names_no_model_becomes_none(world: World) -> None:
    await world.record_tune()
    async with running(world):
        await caught_up(world)
    assert (await world.read("/v1/models"))["data"] == []


async def test_successes_at_the_same_time_get_a_number_each(world: World) -> None:
    tune_ids = [await world.ask(model="news") for _ in range(8)]
    async with running(world, processes=3):
        await asyncio.gather(*[world.succeed(tune_id) for tune_id in tune_ids])
        registered = await until(world, "news", 8)
        await caught_up(world)
    assert [version["version"] for version in registered] == [f"v1.{minor}" for minor in range(8)]
    assert {version["tune_id"] for version in await versions(world, "news")} == {str(tune_id) for tune_id in tune_ids}


async def test_deliveries_that_race_each_other_and_people_register_each_tune_once(world: World) -> None:
    """Even where two processes take themselves for the only one."""
    path = await world.model(name="news")
    for _ in range(4):
        await world.record_tune(model="news")
    seen = await successes(world)
    by_hand = [{"tune_id": str(await world.record_tune())} for _ in range(4)]
    delivered = asyncio.gather(*[deliver(world, [event]) for event in seen * 2], return_exceptions=True)
    answers = await asyncio.gather(*[world.api.post(f"{path}/versions", json=body) for body in by_hand])
    assert {answer.status_code for answer in answers} == {201}
    assert {type(failure) for failure in await delivered if failure is not None} <= {Conflict}
    registered = await versions(world, "news")
    assert len({version["tune_id"] for version in registered}) == len(registered) == 8
    assert [version["version"] for version in registered] == [f"v1.{minor}" for minor in range(8)]


async def test_who_starts_again_goes_on_where_it_was(world: World) -> None:
    async with running(world):
        await world.record_tune(model="news")
        await until(world, "news", 1)
    await world.record_tune(model="news")
    assert len(await versions(world, "news")) == 1
    async with running(world):
        registered = await until(world, "news", 2)
    assert [version["version"] for version in registered] == ["v1.0", "v1.1"]


async def test_a_model_that_somebody_begins_at_the_same_time_is_the_one_that_is_used(world: World) -> None:
    await world.record_tune(model="news")
    seen = await successes(world)
    _, begun = await asyncio.gather(deliver(world, seen), world.api.post("/v1/models", json={"name": "news"}))
    assert begun.status_code in (201, 409)
    assert [version["version"] for version in await versions(world, "news")] == ["v1.0"]


async def test_a_tune_of_an_archived_models_name_makes_a_new_model(world: World) -> None:
    first = await world.create("/v1/models", {"name": "headlines"})
    archived = await world.api.post(f"/v1/models/{first['id']}/archive", json={})
    assert archived.status_code == 200
    for number in range(10):
        await world.add(f"more {number}")
    await world.freeze("enough")
    tune = await world.ask(model="headlines", version="enough")
    await world.succeed(tune)
    async with running(world):
        [version] = await until(world, "headlines", 1)
    assert (version["tune_id"], version["version"]) == (str(tune), "v1.0")
    assert version["model_id"] != first["id"]
