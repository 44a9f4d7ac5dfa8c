"""Runs: questions are asked once, go on after a crash, and one that goes wrong is a line among the others."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.inference import provider_client, worker
from tests.datasets.import_files import tables_follow_from_the_log
from tests.inference.example_runs import Desk, run_worker, worker_process
from tests.tunes.sandbox import Sandbox

CHAT = "POST /v1/chat/completions"
CHATS = "/v1/chat/completions"


async def paid(sandbox: Sandbox) -> int:
    return await sandbox.count("done", CHAT)


async def paid_twice(sandbox: Sandbox) -> list[str]:
    """The calls that the sandbox has made more than one answer for."""
    counted = (await sandbox.http.get("/sandbox/calls")).json()["chat"]["paid"]
    return [call for call, times in counted.items() if times > 1]


async def test_a_run_asks_every_question_once_and_says_what_it_used(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    prices = {"gpt-4o-mini-2024-07-18": {"input": "1000", "output": "2000"}}
    run_id = await desk.asked(await desk.connected(sandbox, prices=prices), 20)
    before = await paid(sandbox)
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    assert (operation["state"], operation["progress"]) == ("succeeded", {"done": 20, "total": 20, "unit": "questions"})
    assert Counter(operation["result"]["said"].values()) == {"answered": 20}
    assert await paid(sandbox) - before == 20
    calls = await desk.calls(run_id)
    assert len({call["key"] for call in calls}) == 20
    assert all(call["text"] and call["latency_ms"] >= 0 and call["attempts"] == 1 for call in calls)
    used = operation["result"]["usage"]
    tokens = sum(call["input_tokens"] for call in calls), sum(call["output_tokens"] for call in calls)
    assert (used["input_tokens"], used["output_tokens"]) == tokens
    assert float(used["cost"]["amount"]) == (1000 * tokens[0] + 2000 * tokens[1]) / 1_000_000
    assert (used["answered"], used["failed"], used["calls_without_price"]) == (20, 0, 0)
    await tables_follow_from_the_log(engine)


async def test_killed_in_the_middle_it_goes_on_and_pays_for_no_question_twice(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    run_id = await desk.asked(await desk.connected(sandbox), 40)
    before = await paid(sandbox)
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.3, times=1000)
    for answered in (3, 12):
        async with worker_process(database_url) as process:
            await desk.answered(run_id, answered)
            process.kill()
            assert await process.wait() == -9
    await sandbox.http.delete("/sandbox/faults")
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    assert operation["state"] == "succeeded"
    assert Counter(operation["result"]["said"].values()) == {"answered": 40}
    assert await paid(sandbox) - before == 40
    assert await paid_twice(sandbox) == []


async def test_an_answer_lost_on_its_way_is_found_and_not_paid_again(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    run_id = await desk.asked(await desk.connected(sandbox), 3)
    before = await paid(sandbox)
    await sandbox.meets("drop_reply", method="POST", path=CHATS, times=2)
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    assert Counter(operation["result"]["said"].values()) == {"answered": 3}
    assert await paid(sandbox) - before == 3
    assert not any(call["in_doubt"] for call in await desk.calls(run_id))


async def test_where_no_answers_are_kept_a_lost_one_is_asked_again_and_said_to_be_in_doubt(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    connection = await desk.connected(sandbox, capabilities={"stored_completions": False})
    run_id = await desk.asked(connection, 1)
    before = await paid(sandbox)
    await sandbox.meets("drop_reply", method="POST", path=CHATS)
    async with run_worker(engine):
        await desk.ended(run_id)
    assert await paid(sandbox) - before == 2
    assert [call["in_doubt"] for call in await desk.calls(run_id)] == [True]


async def test_a_provider_that_asks_to_wait_is_asked_again(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    run_id = await desk.asked(await desk.connected(sandbox), 2)
    await sandbox.meets("rate_limited", method="POST", path=CHATS, retry_after=0.2, times=2)
    await sandbox.meets("server_error", method="POST", path=CHATS)
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    assert Counter(operation["result"]["said"].values()) == {"answered": 2}
    assert sum(call["attempts"] for call in await desk.calls(run_id)) == 5


async def test_no_more_questions_are_open_at_once_than_the_connection_allows(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    run_id = await desk.asked(await desk.connected(sandbox, concurrency=2), 12, at_once=12)
    await sandbox.http.delete("/sandbox/calls")
    async with run_worker(engine):
        await desk.ended(run_id)
    counted = (await sandbox.http.get("/sandbox/calls")).json()
    assert counted["chat"]["most_in_flight"] == 2


async def test_a_refusal_for_good_is_told_on_its_row(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    run_id = await desk.asked(await desk.connected(sandbox), 5, at_once=1)
    await sandbox.meets("insufficient_quota", method="POST", path=CHATS)
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    assert Counter(operation["result"]["said"].values()) == {"answered": 4, "provider_refused": 1}
    failed = [call for call in await desk.calls(run_id) if call["state"] == "failed"]
    assert [call["error_code"] for call in failed] == ["provider_refused"]
    assert "quota" in failed[0]["error_detail"]


async def test_a_run_on_a_deleted_connection_ends_and_says_so_on_every_row(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    connection = await desk.connected(sandbox)
    run_id = await desk.asked(connection, 3)
    assert (await desk.api.delete(f"/v1/connections/{connection}")).is_success
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    assert Counter(operation["result"]["said"].values()) == {"connection_gone": 3}


async def test_an_equal_question_of_an_earlier_run_is_answered_for_free(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    connection = await desk.connected(sandbox)
    async with run_worker(engine):
        first = await desk.asked(connection, 4, reuse=True)
        await desk.ended(first)
        before = await paid(sandbox)
        second = await desk.asked(connection, 6, reuse=True)
        operation = await desk.ended(second)
    assert await paid(sandbox) - before == 2
    assert (operation["result"]["usage"]["reused"], operation["result"]["usage"]["answered"]) == (4, 2)
    texts = {call["key"]: call["text"] for call in await desk.calls(first)}
    assert texts.items() <= {call["key"]: call["text"] for call in await desk.calls(second)}.items()


async def test_a_cancel_ends_the_run_and_stops_paying(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    run_id = await desk.asked(await desk.connected(sandbox), 200, at_once=2)
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.2, times=1000)
    async with run_worker(engine):
        await desk.answered(run_id, 2)
        asked = await desk.api.post(f"/v1/operations/{run_id}/cancel")
        assert asked.json()["cancel_requested"] is True
        operation = await desk.ended(run_id)
        assert operation["state"] == "cancelled"
        kept, before = await desk.calls(run_id), await sandbox.count("calls", CHAT)
        await asyncio.sleep(1)
        assert await sandbox.count("calls", CHAT) == before
    assert 2 <= len(kept) < 60
    again = await desk.api.post(f"/v1/operations/{run_id}/cancel")
    assert again.json()["state"] == "cancelled"


async def test_calls_are_paged_and_hidden_from_others(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, stranger: httpx.AsyncClient
) -> None:
    run_id = await desk.asked(await desk.connected(sandbox), 5)
    async with run_worker(engine):
        await desk.ended(run_id)
    path, seen, cursor = f"/v1/operations/{run_id}/calls", [], None
    while True:
        page = (await desk.api.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [call["key"] for call in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == [f"question/{n}" for n in range(5)]
    assert (await stranger.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "empty"}, "empty_answer"),
        ({"kind": "null_content"}, "empty_answer"),
        ({"kind": "refuses"}, "model_refused"),
        ({"kind": "refuses", "finish_reason": "content_filter"}, "model_refused"),
        ({"kind": "huge"}, "answer_too_long"),
        ({"kind": "rubbish", "times": 10}, "not_readable"),
        ({"kind": "hangs", "seconds": 30, "times": 10}, "timed_out"),
        ({"kind": "server_error", "times": 100}, "provider_unavailable"),
    ],
    ids=lambda case: case if isinstance(case, str) else "-".join(map(str, case.values())),
)
async def test_a_bad_answer_is_told_on_its_row_and_the_others_go_on(
    desk: Desk,
    sandbox: Sandbox,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    code: str,
) -> None:
    monkeypatch.setitem(provider_client.MAX_ATTEMPTS, "down", 2)
    monkeypatch.setattr(worker, "PATIENT_CLAIMS", 1)  # also where no other row was answered just then
    # Where answers are kept, the good one would be found behind the bad.
    given: dict[str, Any] = {"timeout_seconds": 1, "capabilities": {"stored_completions": False}}
    run_id = await desk.asked(await desk.connected(sandbox, **given), 6)
    await sandbox.meets(**fault, method="POST", path=CHATS, contains="question number 3")
    async with run_worker(engine):
        operation = await desk.ended(run_id)
    said = operation["result"]["said"]
    assert (operation["state"], said.pop("3"), set(said.values())) == ("succeeded", code, {"answered"})
    [failed] = [call for call in await desk.calls(run_id) if call["state"] == "failed"]
    assert (failed["key"], failed["error_code"]) == ("question/3", code)
    assert failed["error_detail"]


async def test_a_run_waits_for_a_provider_that_is_away_and_ends_when_it_is_back(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(provider_client.MAX_ATTEMPTS, "down", 2)
    run_id = await desk.asked(await desk.connected(sandbox), 4)
    await sandbox.meets("server_error", method="POST", path=CHATS, times=1000)
    async with run_worker(engine):
        await desk.waits(run_id)
        assert (await desk.operation(run_id))["finished_at"] is None
        await sandbox.http.delete("/sandbox/faults")
        operation = await desk.ended(run_id)
    assert Counter(operation["result"]["said"].values()) == {"answered": 4}
