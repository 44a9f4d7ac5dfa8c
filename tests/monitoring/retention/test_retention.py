"""What a workspace keeps, and the end of the rest: by row, and by month when nobody keeps it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.monitoring.requests import request_tables as telemetry
from service.monitoring.requests.request_tables import create_month, list_months, month_after, month_before, month_of
from service.monitoring.retention.worker import expire, run
from tests.datasets.example_bodies import ok
from tests.datasets.import_files import context_of, count
from tests.monitoring.production import Production, ago, middle_of


@pytest.fixture
async def engine(worker_engine: AsyncEngine) -> AsyncEngine:
    """Only a worker drops months."""
    return worker_engine


async def keep(api: httpx.AsyncClient, days: int | None) -> None:
    assert (await ok(await api.put("/v1/requests/retention", json={"days": days}))) == {"days": days}
    assert (await ok(await api.get("/v1/requests/retention"))) == {"days": days}


async def test_a_workspace_keeps_its_requests_until_it_says_for_how_long(
    production: Production, engine: AsyncEngine
) -> None:
    assert (await ok(await production.api.get("/v1/requests/retention"))) == {"days": None}
    ids = await production.log(*[production.call(at=ago(days=days), client_id=str(days)) for days in (1, 20, 40, 90)])
    await expire(engine, now=datetime.now(UTC))
    assert await production.listed() == ids
    await keep(production.api, 30)
    await expire(engine, now=datetime.now(UTC))
    assert await production.listed() == ids[:2]
    assert await count(engine, "telemetry.texts") == await count(engine, "telemetry.client_ids") == 2
    assert (await production.api.get(f"/v1/requests/{ids[2]}")).status_code == 404


async def test_a_call_that_would_not_be_kept_is_refused(production: Production) -> None:
    await keep(production.api, 30)
    answer = await ok(await production.post(production.call(at=ago(days=31)), production.call(at=ago(days=29))))
    assert [each["outcome"] for each in answer["data"]] == ["refused", "new"]
    assert answer["errors"][0]["code"] == "too_old"


async def test_a_month_goes_whole_when_nobody_keeps_it_and_comes_again_when_asked_for(
    production: Production, engine: AsyncEngine
) -> None:
    old = middle_of(3)
    await production.log(production.call(at=old.isoformat(), client_id="a"))
    await keep(production.api, 10)
    await expire(engine, now=datetime.now(UTC))
    assert await list_months(engine) == []
    assert await count(engine, "telemetry.client_ids") == 0
    await keep(production.api, None)
    [request_id] = await production.log(production.call(at=old.isoformat(), client_id="a"))
    assert (await production.read(request_id))["client_id"] == "a"


async def test_a_month_stays_as_long_as_one_workspace_keeps_it(
    production: Production, stranger: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    old = middle_of(3)
    [request_id] = await production.log(production.call(at=old.isoformat()))
    await production.log(production.call())
    async with engine.begin() as connection:  # another tenant's, whom logging a call of its own would cost a connection
        for table in telemetry.PARTITIONED:
            names = ", ".join(column.name for column in table.c if column.name != "workspace_id")
            copied = f"insert into {table.fullname} (workspace_id, {names}) select gen_random_uuid(), {names}"
            await connection.execute(sa.text(f"{copied} from {table.fullname} where at < now() - interval '40 days'"))
    await keep(production.api, 10)
    await expire(engine, now=datetime.now(UTC))
    assert (await production.api.get(f"/v1/requests/{request_id}")).status_code == 404
    assert old.replace(day=1, hour=0) in await list_months(engine)
    assert await count(engine, "telemetry.requests") == 2


async def test_processes_that_want_the_same_month_make_it_once(engine: AsyncEngine) -> None:
    wanted = [middle_of(number).replace(day=1, hour=0) for number in (1, 2)]
    await asyncio.gather(*[create_month(engine, month) for month in wanted * 6])
    assert await list_months(engine) == wanted[::-1]


async def test_calls_are_kept_while_their_month_is_being_dropped(production: Production, engine: AsyncEngine) -> None:
    old = middle_of(2)
    call = production.call(at=old.isoformat())
    await production.log(call)
    later = old + timedelta(days=400)
    await keep(production.api, 300)
    done = asyncio.Event()

    async def dropping() -> None:
        while not done.is_set():
            with suppress(sa.exc.DBAPIError):  # a deadlock that Postgres ended: the worker's loop begins again, too
                await expire(engine, now=later)
            await asyncio.sleep(0.01)

    async def taken() -> dict[str, int]:
        """As a client does that is told to come back: nothing is lost by a 503."""
        while (answer := await production.post(call)).status_code == 503:  # noqa: ASYNC110 - as told
            await asyncio.sleep(0.1)
        assert answer.status_code == 200, answer.text
        outcome: dict[str, int] = answer.json()
        return outcome

    dropper = asyncio.create_task(dropping())
    outcomes: list[dict[str, int]] = []
    async with asyncio.timeout(60):  # on a busy machine twenty calls may pass before a month is dropped
        while len(outcomes) < 20 or not any(outcome["new"] for outcome in outcomes):
            outcomes.append(await taken())
    done.set()
    await dropper
    # Between the end of a month and that of its client ids a call may still be known; none is refused.
    assert [outcome["new"] + outcome["repeated"] for outcome in outcomes] == [1] * len(outcomes)


async def test_the_worker_makes_the_next_month_before_it_begins(engine: AsyncEngine) -> None:
    stop = asyncio.Event()
    stopping = asyncio.get_running_loop().call_later(0.5, stop.set)
    async with asyncio.timeout(20):
        await run(context_of(engine), stop)
    stopping.cancel()
    now = month_of(datetime.now(UTC))
    assert await list_months(engine) == [now, month_after(now)]


def test_months_follow_each_other_over_the_year() -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    assert month_after(december) == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_before(month_after(december)) == december
    assert month_of(datetime.fromisoformat("2027-01-01T00:30:00+01:00")) == december


async def test_what_expires_takes_its_feedback_and_its_stored_responses_along(
    production: Production, engine: AsyncEngine
) -> None:
    call = {"requests": [production.call(at=ago(days=2), output="an answer of some length")]}
    key = {"Idempotency-Key": "logged"}
    [logged] = (await ok(await production.api.post("/v1/requests", json=call, headers=key)))["data"]
    await production.judge(logged["id"], stars=1, comment="about Jane", correction="better for Jane")
    assert await count(engine, "ledger.contents where convert_from(body, 'UTF8') like '%Jane%'") == 2
    await keep(production.api, 1)
    await expire(engine, now=datetime.now(UTC))
    assert await count(engine, "ledger.contents where convert_from(body, 'UTF8') like '%Jane%'") == 0
    repeated = await production.api.post("/v1/requests", json=call, headers=key)
    assert (repeated.status_code, repeated.json()["code"]) == (410, "erased")


async def test_a_deleted_request_is_not_brought_back_by_a_repeat(production: Production) -> None:
    call, key = {"requests": [production.call()]}, {"Idempotency-Key": "logged"}
    [logged] = (await ok(await production.api.post("/v1/requests", json=call, headers=key)))["data"]
    assert (await production.api.delete(f"/v1/requests/{logged['id']}")).status_code == 204
    repeated = await production.api.post("/v1/requests", json=call, headers=key)
    assert (repeated.status_code, repeated.json()["code"]) == (410, "erased")
