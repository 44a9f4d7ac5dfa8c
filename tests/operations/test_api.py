"""Operations over HTTP, fed by a stream of events as imports feed them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.ledger.store import Caller, Ledger
from service.settings import Settings
from tests.http_client import OPERATOR_KEY, SETTINGS, SHARED, client
from tests.operations.jobs import JobCounted, JobEnded, JobQueued, cancel_job, job_ledger, record


@pytest.fixture
def ledger(engine: AsyncEngine) -> Ledger:
    return job_ledger(engine)


@pytest.fixture
async def caller(api: httpx.AsyncClient) -> Caller:
    me = (await api.get("/v1/me")).json()
    return Caller(workspace_id=UUID(me["workspace_id"]), actor="ada", request_id="req_1")


@pytest.fixture
async def cancelling(app: Litestar, engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that knows how a job is cancelled."""
    knowing = SHARED.over(engine, Settings(secret_key=SETTINGS.secret_key), cancels={"job": cancel_job})
    async with client(knowing, OPERATOR_KEY) as opened:
        yield opened


async def queued(ledger: Ledger, caller: Caller, *, total: int | None = None) -> UUID:
    job_id = new_id()
    await record(ledger, caller, job_id, JobQueued(total=total))
    return job_id


async def test_an_operation_says_how_far_it_is(api: httpx.AsyncClient, ledger: Ledger, caller: Caller) -> None:
    job_id = await queued(ledger, caller, total=10)
    await record(ledger, caller, job_id, JobCounted(done=4))
    answer = await api.get(f"/v1/operations/{job_id}")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["state"], shown["progress"]) == ("running", {"done": 4, "total": 10, "unit": "rows"})
    assert (shown["result"], shown["error"], shown["finished_at"]) == (None, None, None)
    assert (shown["created_by"], shown["kind"]) == ("ada", "job")


async def test_waiting_answers_as_soon_as_it_ends(api: httpx.AsyncClient, ledger: Ledger, caller: Caller) -> None:
    job_id = await queued(ledger, caller)
    waiting = asyncio.create_task(api.get(f"/v1/operations/{job_id}?wait=50"))
    await asyncio.sleep(0.4)
    assert not waiting.done()
    await record(ledger, caller, job_id, JobEnded(state="succeeded", result={"added": 3}))
    shown = (await asyncio.wait_for(waiting, 20)).json()
    assert (shown["state"], shown["result"]) == ("succeeded", {"added": 3})


async def test_waiting_ends_with_what_there_is(api: httpx.AsyncClient, ledger: Ledger, caller: Caller) -> None:
    job_id = await queued(ledger, caller)
    shown = (await api.get(f"/v1/operations/{job_id}?wait=0.3")).json()
    assert shown["state"] == "queued"


async def test_a_failed_operation_says_why(api: httpx.AsyncClient, ledger: Ledger, caller: Caller) -> None:
    job_id = await queued(ledger, caller)
    await record(ledger, caller, job_id, JobEnded(state="failed", error={"code": "bad_rows", "detail": "Row 3."}))
    shown = (await api.get(f"/v1/operations/{job_id}")).json()
    assert shown["error"] == {"code": "bad_rows", "detail": "Row 3.", "errors": []}
    assert shown["finished_at"] is not None


async def test_the_list_is_newest_first_and_pages_without_a_gap(
    api: httpx.AsyncClient, ledger: Ledger, caller: Caller
) -> None:
    ids = [str(await queued(ledger, caller)) for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await api.get("/v1/operations", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert seen == sorted(ids, reverse=True)


async def test_the_list_is_narrowed_by_state_and_kind(api: httpx.AsyncClient, ledger: Ledger, caller: Caller) -> None:
    waiting, done = await queued(ledger, caller), await queued(ledger, caller)
    await record(ledger, caller, done, JobEnded(state="succeeded"))
    assert [r["id"] for r in (await api.get("/v1/operations?state=queued")).json()["data"]] == [str(waiting)]
    both = (await api.get("/v1/operations?kind=job")).json()["data"]
    assert {row["id"] for row in both} == {str(waiting), str(done)}
    assert (await api.get("/v1/operations?kind=other")).json()["data"] == []
    refused = await api.get("/v1/operations?state=sleeping")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "?state"


async def test_cancelling_asks_the_stream_once(
    cancelling: httpx.AsyncClient, ledger: Ledger, caller: Caller, api: httpx.AsyncClient
) -> None:
    job_id = await queued(ledger, caller)
    first = await cancelling.post(f"/v1/operations/{job_id}/cancel")
    assert (first.status_code, first.json()["cancel_requested"]) == (200, True)
    again = await cancelling.post(f"/v1/operations/{job_id}/cancel")
    assert again.json() == first.json()
    assert len(await ledger.load_events(caller.workspace_id, "job", job_id)) == 2


async def test_what_has_ended_or_has_no_way_to_stop_is_not_cancelled(
    api: httpx.AsyncClient, cancelling: httpx.AsyncClient, ledger: Ledger, caller: Caller
) -> None:
    job_id = await queued(ledger, caller)
    unknown = await api.post(f"/v1/operations/{job_id}/cancel")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "not_cancellable")
    await record(ledger, caller, job_id, JobEnded(state="succeeded"))
    late = await cancelling.post(f"/v1/operations/{job_id}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "not_cancellable")


async def test_a_strangers_operations_are_not_there(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, ledger: Ledger, caller: Caller
) -> None:
    job_id = await queued(ledger, caller)
    assert (await stranger.get(f"/v1/operations/{job_id}")).status_code == 404
    assert (await stranger.post(f"/v1/operations/{job_id}/cancel")).status_code == 404
    assert (await stranger.get("/v1/operations")).json()["data"] == []


async def test_a_wait_over_a_minute_is_refused(api: httpx.AsyncClient) -> None:
    refused = await api.get(f"/v1/operations/{new_id()}?wait=61")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?wait")
