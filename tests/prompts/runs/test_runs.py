"""Asking with prompts: one question at a time, and over a dataset, where each row is paid once and fails alone."""

from collections import Counter

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.worker.loops import RUN_KINDS
from tests.datasets.bulk.test_bulk_changes import bulk_worker
from tests.datasets.example_bodies import (
    Json,
    add_many,
    answer_text,
    chat,
    edit,
    five_stars,
    freeze,
    list_examples,
    ok,
    pages,
    pointers,
)
from tests.datasets.import_files import tables_follow_from_the_log
from tests.inference.run_world import make_connection, wait_for_end
from tests.prompts.batch_runs import (
    CHAT,
    CHATS,
    make_news_dataset,
    make_sandbox_prompt,
    predictions,
    run_worker,
    start_batch_run,
    wait_for_predictions,
    worker_process,
)
from tests.prompts.prompt_bodies import QUESTION, add_version, move
from tests.tunes.sandbox import MODEL, Sandbox

SCHEMA = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}},
    "additionalProperties": False,
}
GIVEN = {"variables": {"summary": "Rain in the town."}}


async def test_one_question_is_answered_with_what_it_took(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox, parameters={"temperature": 0, "max_tokens": 50, "seed": 1})
    before = await sandbox.count("done", CHAT)
    head = len((await api.get("/v1/events?limit=1000")).json()["data"])
    answer = await ok(await api.post(f"/v1/prompts/{prompt_id}/run", json=GIVEN, headers={"Idempotency-Key": "k"}))
    assert answer["text"]
    assert (answer["version"], answer["failure"], answer["served"]["provider_model"]) == (1, None, MODEL)
    assert answer["input_tokens"] > 0
    assert answer["output_tokens"] > 0
    assert answer["latency_ms"] >= 0
    again = await ok(await api.post(f"/v1/prompts/{prompt_id}/run", json=GIVEN, headers={"Idempotency-Key": "k"}))
    assert again == answer
    assert await sandbox.count("done", CHAT) == before + 1
    assert len((await api.get("/v1/events?limit=1000")).json()["data"]) == head


async def test_a_price_of_the_connection_is_what_an_answer_costs(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    prices = {MODEL: {"input": "1000", "output": "2000"}}
    target = {"connection_id": await make_connection(api, sandbox, prices=prices), "model": MODEL}
    prompt_id = await make_sandbox_prompt(api, sandbox)
    answer = await ok(await api.post(f"/v1/prompts/{prompt_id}/run", json={**GIVEN, "target": target}))
    cost = (1000 * answer["input_tokens"] + 2000 * answer["output_tokens"]) / 1_000_000
    assert (float(answer["cost"]["amount"]), answer["cost"]["currency"]) == (cost, "USD")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("empty", "empty_answer"), ("refuses", "model_refused"), ("not_json", "not_json"), ("huge", "answer_too_long")],
)
async def test_an_answer_that_is_no_use_says_why(
    api: httpx.AsyncClient, sandbox: Sandbox, fault: str, code: str
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox, parameters={"response_schema": SCHEMA})
    await sandbox.meets(fault, path=CHATS)
    answer = await ok(await api.post(f"/v1/prompts/{prompt_id}/run", json=GIVEN))
    assert answer["failure"]["code"] == code


async def test_a_question_that_cannot_be_asked_is_refused(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    prompt_id = await make_sandbox_prompt(api, None)
    away = await api.post(f"/v1/prompts/{prompt_id}/run", json=GIVEN)
    assert (away.status_code, away.json()["code"]) == (503, "provider_unavailable")
    missing = await api.post(f"/v1/prompts/{prompt_id}/run", json={})
    assert (missing.status_code, pointers(missing)) == (422, ["/variables/summary"])
    await add_version(api, prompt_id)
    aimless = await api.post(f"/v1/prompts/{prompt_id}/run", json=GIVEN)
    assert (aimless.status_code, pointers(aimless)) == (422, ["/target"])


async def test_a_batch_predicts_each_example_of_its_moment(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    dataset_id, examples = await make_news_dataset(api, 12)
    await freeze(api, dataset_id)
    run_id = await start_batch_run(api, prompt_id, dataset_id, dataset_version="v1", split="test")
    await edit(api, examples[0]["id"], content=chat("Something else"))
    before = await sandbox.count("done", CHAT)
    async with run_worker(engine):
        operation = await wait_for_end(api, run_id)
    assert operation["state"] == "succeeded"
    assert operation["progress"] == {"done": 12, "total": 12, "unit": "examples"}
    result = operation["result"]
    assert (result["predictions"], result["succeeded"], result["failed"]) == (12, 12, 0)
    assert await sandbox.count("done", CHAT) - before == 12
    rows = await predictions(api, run_id)
    assert [row["example_id"] for row in rows] == [example["id"] for example in examples]
    assert all(row["text"] and row["state"] == "succeeded" and row["latency_ms"] >= 0 for row in rows)
    assert rows[0]["example_version"] == 1
    assert await pages(api, f"/v1/runs/{run_id}/predictions", limit=5) == [rows[:5], rows[5:10], rows[10:]]
    [listed] = (await ok(await api.get(f"/v1/prompts/{prompt_id}/runs")))["data"]
    assert await ok(await api.get(f"/v1/runs/{run_id}")) == listed
    assert (listed["id"], listed["state"], listed["done"], listed["dataset_version"]) == (run_id, "succeeded", 12, "v1")
    await tables_follow_from_the_log(engine)


async def test_killed_in_the_middle_a_batch_goes_on_and_no_row_is_paid_twice(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    dataset_id, _ = await make_news_dataset(api, 40)
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    before = await sandbox.count("done", CHAT)
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.3, times=1000)
    for number in (3, 15):
        async with worker_process(database_url) as process:
            await wait_for_predictions(api, run_id, number)
            process.kill()
            assert await process.wait() == -9
    await sandbox.http.delete("/sandbox/faults")
    async with run_worker(engine):
        operation = await wait_for_end(api, run_id)
    assert (operation["result"]["succeeded"], operation["progress"]["done"]) == (40, 40)
    calls = (await ok(await api.get(f"/v1/operations/{run_id}/calls?limit=1000")))["data"]
    assert max(Counter(call["key"] for call in calls).values()) == 1
    paid = (await sandbox.http.get("/sandbox/calls")).json()["chat"]["paid"]
    assert [paid[call["id"]] for call in calls] == [1] * 40
    assert await sandbox.count("done", CHAT) - before == 40


async def test_a_bad_row_fails_alone(api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine) -> None:
    places = {"summary": "/metadata/summary"}
    prompt_id = await make_sandbox_prompt(api, sandbox, inputs=places, parameters={"response_schema": SCHEMA})
    dataset_id, _ = await make_news_dataset(api, 1)
    rows = [{"content": chat("q"), "metadata": {"summary": f"Row {n:03} of rain"}} for n in range(1, 9)]
    await add_many(api, dataset_id, rows)
    spoilt = {"not_json": "001", "wrong_schema": "002", "empty": "003", "refuses": "004", "huge": "005"}
    for kind, number in spoilt.items():
        await sandbox.meets(kind, path=CHATS, contains=f"Row {number}", times=10)
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    async with run_worker(engine):
        operation = await wait_for_end(api, run_id)
    assert operation["state"] == "succeeded"
    assert (operation["result"]["succeeded"], operation["result"]["failed"]) == (3, 6)
    failed = await predictions(api, run_id, state="failed")
    assert [row["failure"]["code"] for row in failed] == [
        "missing_variable",
        "not_json",
        "schema_mismatch",
        "empty_answer",
        "model_refused",
        "answer_too_long",
    ]
    missing, _, mismatched, *_ = failed
    assert (missing["call_id"], missing["failure"]["faults"][0]["pointer"]) == (None, "/variables/summary")
    assert mismatched["failure"]["faults"]
    assert mismatched["text"]
    assert len(await predictions(api, run_id, state="succeeded")) == 3
    await tables_follow_from_the_log(engine)


async def test_an_answer_can_be_erased_and_its_prediction_stays(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    dataset_id, _ = await make_news_dataset(api, 1)
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    async with run_worker(engine):
        await wait_for_end(api, run_id)
    [row] = await predictions(api, run_id)
    assert row["text"] not in (await api.get("/v1/events?limit=1000")).text
    async with engine.begin() as connection:
        await connection.execute(sa.text("delete from ledger.contents where subject = :id"), {"id": row["call_id"]})
    [erased] = await predictions(api, run_id)
    assert (erased["text"], erased["state"], erased["call_id"]) == (None, "succeeded", row["call_id"])


async def test_no_example_is_shown_with_its_own_answer(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id, examples = await make_news_dataset(api, 3, rating=five_stars(5))
    draw = {"dataset_id": dataset_id, "k": 2, "split": "test"}
    prompt_id = await make_sandbox_prompt(api, sandbox, examples=draw)
    # The sandbox refuses whatever holds the answer of the first: it is shown to the two others alone.
    await sandbox.meets("refuses", path=CHATS, contains="Title 0", times=10)
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    async with run_worker(engine):
        await wait_for_end(api, run_id)
    states = {row["example_id"]: row["state"] for row in await predictions(api, run_id)}
    assert [states[example["id"]] for example in examples] == ["succeeded", "failed", "failed"]


async def test_a_label_gives_each_example_a_version_for_good(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    version = (await ok(await api.get(f"/v1/prompts/{prompt_id}/versions/1")))["target"]
    await add_version(api, prompt_id, messages=QUESTION, target=version, notes="second")
    await move(api, prompt_id, weights={"1": 1, "2": 1})
    dataset_id, _ = await make_news_dataset(api, 24)
    runs = [await start_batch_run(api, prompt_id, dataset_id, label="production", reuse=True) for _ in range(2)]
    await move(api, prompt_id, version=2)
    async with run_worker(engine):
        await wait_for_end(api, runs[0])
        await wait_for_end(api, runs[1])
    picked = [[row["prompt_version"] for row in await predictions(api, run_id)] for run_id in runs]
    assert picked[0] == picked[1]
    assert set(picked[0]) == {1, 2}
    again = await start_batch_run(api, prompt_id, dataset_id, version=2, reuse=True)
    async with run_worker(engine):
        await wait_for_end(api, again)
    reused = {row["example_id"]: row["reused"] for row in await predictions(api, again)}
    assert reused == {row["example_id"]: row["prompt_version"] == 2 for row in await predictions(api, runs[0])}


async def test_a_cancelled_batch_stops_paying(api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    dataset_id, _ = await make_news_dataset(api, 60)
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.2, times=1000)
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    async with run_worker(engine):
        await wait_for_predictions(api, run_id, 2)
        await ok(await api.post(f"/v1/operations/{run_id}/cancel"))
        operation = await wait_for_end(api, run_id)
    assert operation["state"] == "cancelled"
    assert 2 <= len(await predictions(api, run_id)) < 60


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"version": 7}, 422, "/version"),
        ({"label": "nowhere"}, 422, "/label"),
        ({"dataset_version": "v9"}, 422, "/dataset_version"),
        ({"as_of": "2999-01-01T00:00:00Z"}, 400, "/as_of"),
        ({"inputs": {"summary": "/input", "other": "/input"}}, 422, "/inputs/other"),
        ({"inputs": {"summary": "input"}}, 422, "/inputs/summary"),
        ({"variables": {"other": 1}}, 422, "/variables/other"),
        ({"variables": {"summary": 1}}, 422, "/variables/summary"),
        ({"target": {"model": "x"}}, 400, "/target"),
        ({"limit": 0}, 400, "/limit"),
    ],
)
async def test_a_batch_that_makes_no_sense_is_refused_before_anything_is_asked(
    api: httpx.AsyncClient, changes: Json, status: int, pointer: str
) -> None:
    prompt_id = await make_sandbox_prompt(api, None)
    dataset_id, _ = await make_news_dataset(api, 1)
    refused = await api.post(f"/v1/prompts/{prompt_id}/runs", json={"dataset_id": dataset_id, **changes})
    assert (refused.status_code, pointers(refused)) == (status, [pointer])
    assert (await ok(await api.get("/v1/operations")))["data"] == []


async def test_a_repeated_request_begins_one_batch(api: httpx.AsyncClient) -> None:
    prompt_id = await make_sandbox_prompt(api, None)
    dataset_id, _ = await make_news_dataset(api, 2)
    body = {"dataset_id": dataset_id, "limit": 1}
    headers = {"Idempotency-Key": "k"}
    first, again = [await api.post(f"/v1/prompts/{prompt_id}/runs", json=body, headers=headers) for _ in range(2)]
    assert again.content == first.content
    assert first.json()["progress"]["total"] == 1
    shown = await ok(await api.get(first.headers["Location"]))
    assert shown == first.json()
    empty = await api.post(f"/v1/prompts/{prompt_id}/runs", json={**body, "split": "train"})
    assert empty.status_code == 422


def test_every_worker_knows_this_work() -> None:
    assert "prompt_run" in RUN_KINDS


async def test_the_answers_of_a_run_become_repairs_and_are_undone(
    api: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    dataset_id, rows = await make_news_dataset(api, 3)
    waiting = {
        "content": {"messages": [{"role": "user", "content": "Row 9: rain in town 9."}]},
        "split": "test",
        "on_unanswered": "keep",
    }
    unanswered = await ok(await api.post(f"/v1/datasets/{dataset_id}/examples", json=waiting))
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    body = {"action": {"type": "apply_run", "run_id": run_id}, "filter": ""}
    early = await api.post(f"/v1/datasets/{dataset_id}/bulk", json=body)
    assert (early.status_code, pointers(early)) == (422, ["/action/run_id"])
    async with run_worker(engine):
        assert (await wait_for_end(api, run_id))["state"] == "succeeded"
    texts = {each["example_id"]: each["text"] for each in await predictions(api, run_id)}
    await edit(api, rows[0]["id"], content=chat("Another question?"))
    async with bulk_worker(engine):
        made = await ok(await api.post(f"/v1/datasets/{dataset_id}/bulk", json=body))
        done = await ok(await api.get(f"/v1/operations/{made['id']}", params={"wait": 30}))
        after = {row["id"]: row for row in await list_examples(api, dataset_id)}
        undone = await ok(await api.post(f"/v1/bulk/{made['id']}/undo", json={}))
        await ok(await api.get(f"/v1/operations/{undone['id']}", params={"wait": 30}))
    assert (done["result"]["changed"], done["result"]["first_skipped"]) == (
        3,
        [{"example_id": rows[0]["id"], "reason": "changed_since"}],
    )
    for id_ in (rows[1]["id"], rows[2]["id"], unanswered["id"]):
        assert (answer_text(after[id_]), after[id_]["unanswered"], after[id_]["repaired"]) == (texts[id_], False, True)
    back = {row["id"]: row for row in await list_examples(api, dataset_id)}
    assert (answer_text(back[rows[1]["id"]]), back[unanswered["id"]]["unanswered"]) == ("Title 1", True)
    await tables_follow_from_the_log(engine)
