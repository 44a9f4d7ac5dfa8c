"""Synthesizing: inputs about each topic, none twice, each answered, checked, judged; a bad row fails alone."""

from collections import Counter
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.datasets.checks.shingles import normalize
from service.generation.duplicates import DuplicateIndex
from service.worker.loops import RUN_KINDS
from tests.datasets.example_bodies import add_many, chat, ok, pages, pointers, rate
from tests.datasets.import_files import tables_follow_from_the_log
from tests.generation.generation_runs import WORKS as OWN
from tests.generation.generation_runs import (
    add_topics,
    candidates,
    make_generation,
    run_to_end,
    run_worker,
    start_run,
    worker_process,
)
from tests.inference.run_world import wait_for_end
from tests.prompts.batch_runs import CHAT, CHATS, make_sandbox_prompt
from tests.tunes.sandbox import Sandbox

TITLE = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}},
    "additionalProperties": False,
}


def test_workers_work_on_generations() -> None:
    assert {kind: RUN_KINDS[kind] for kind in OWN} == dict(OWN)


async def test_each_topic_gets_its_candidates_with_all_they_are_from(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    sports, politics = await add_topics(api, generation["id"], "Sports", "Politics")
    before = await sandbox.count("done", CHAT)
    path = f"/v1/generations/{generation['id']}"
    spread = {"min": 0.2, "max": 0.8}
    operation = await run_to_end(
        api, engine, f"{path}/run", inputs_per_topic=2, temperature=spread, near_duplicates=None
    )
    result = operation["result"]
    assert (result["proposed"], result["dropped"], result["failed"], result["reasons"]) == (4, 0, 0, {})
    assert await sandbox.count("done", CHAT) - before == 2 + 4
    rows = await candidates(api, generation["id"])
    assert sorted(row["topic_path"][0] for row in rows) == ["Politics", "Politics", "Sports", "Sports"]
    assert {row["topic_id"] for row in rows} == {sports, politics}
    assert sorted(row["temperature"] for row in rows) == [0.2, 0.4, 0.6, 0.8]
    first = rows[0]
    assert [message["role"] for message in first["content"]["messages"]] == ["user", "assistant"]
    assert all(message["content"] for message in first["content"]["messages"])
    assert (first["state"], first["origin"], first["run_id"]) == ("proposed", "topic", operation["id"])
    assert sorted(first["calls"]) == ["inputs", "output"]
    assert first["served"]["connection_id"] == generation["target"]["connection_id"]
    assert first["content"]["messages"][0]["content"] not in (await api.get("/v1/events?limit=1000")).text
    assert await ok(await api.get(f"/v1/candidates/{first['id']}")) == first
    assert await pages(api, f"{path}/candidates", limit=3) == [rows[:3], rows[3:]]
    assert len(await candidates(api, generation["id"], topic_id=sports)) == 2
    assert await candidates(api, generation["id"], state="failed") == []
    await tables_follow_from_the_log(engine)


async def test_killed_in_the_middle_it_goes_on_and_pays_nothing_twice(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    generation = await make_generation(api, sandbox)
    await add_topics(api, generation["id"], "Sports", "Politics", "Culture")
    before = await sandbox.count("done", CHAT)
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.3, times=1000)
    run_id = await start_run(
        api, f"/v1/generations/{generation['id']}/run", total=24, near_duplicates=None, judge={"minimum": 1}
    )
    for number in (2, 12):
        async with worker_process(database_url) as process:
            while len(await calls(api, run_id)) < number:
                assert process.returncode is None
            process.kill()
            assert await process.wait() == -9
    await sandbox.http.delete("/sandbox/faults")
    async with run_worker(engine):
        operation = await wait_for_end(api, run_id)
    answered = await calls(api, run_id)
    rows = await candidates(api, generation["id"])
    assert operation["state"] == "succeeded"
    assert (len(rows), operation["result"]["failed"]) == (24, 0)
    assert max(Counter(call["key"] for call in answered).values()) == 1
    assert await sandbox.count("done", CHAT) - before == len(answered)
    await tables_follow_from_the_log(engine)


async def calls(api: httpx.AsyncClient, run_id: str) -> list[dict[str, Any]]:
    page = await ok(await api.get(f"/v1/operations/{run_id}/calls?limit=1000"))
    return list(page["data"])


async def test_what_repeats_the_dataset_or_the_generation_is_dropped_before_it_is_paid_for(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    await add_topics(api, generation["id"], "Sports")
    path = f"/v1/generations/{generation['id']}"
    # At temperature 0 the sandbox writes the same inputs again.
    cold = {"min": 0, "max": 0}
    await run_to_end(api, engine, f"{path}/run", inputs_per_topic=3, temperature=cold)
    first = await candidates(api, generation["id"], state="proposed")
    await ok(await api.post(f"{path}/accept", json={"candidate_ids": [first[0]["id"]]}))
    await ok(await api.post(f"{path}/reject", json={"candidate_ids": [first[1]["id"]], "reason": "Dull."}))
    before = await sandbox.count("done", CHAT)
    again = await run_to_end(api, engine, f"{path}/run", inputs_per_topic=3, temperature=cold)
    assert (again["result"]["proposed"], again["result"]["reasons"]) == (1, {"duplicate": 2})
    assert await sandbox.count("done", CHAT) - before == 2
    dropped = [row for row in await candidates(api, generation["id"], run_id=again["id"]) if row["state"] == "dropped"]
    accepted = await ok(await api.get(f"/v1/candidates/{first[0]['id']}"))
    assert {row["twin"] for row in dropped} == {accepted["example_id"], first[2]["id"]}
    assert all(row["similarity"] == 1 and row["metadata"]["input"] and row["content"] is None for row in dropped)


def test_texts_are_near_by_their_runs_of_words() -> None:
    twins = DuplicateIndex(0.5)
    words = "the council voted on monday to plant a thousand trees along the river bank this autumn"
    one, other, third = (new_id() for _ in range(3))
    assert twins.add(one, words) is None
    assert twins.add(
        other, "The  COUNCIL voted, on Monday: to plant a thousand trees along the river bank this autumn!"
    )
    near = twins.add(other, words.replace("autumn", "winter"))
    assert near is not None
    assert (near.of, 0.5 <= near.similarity < 1) == (one, True)
    assert twins.add(third, "a storm tore the roof off the old market hall") is None
    assert normalize("\uff21 cafe\u0301!") == "a caf\u00e9"
    assert DuplicateIndex(None).find_similar(words) == []
    signs = DuplicateIndex(0.8)
    assert [signs.add(new_id(), text) for text in ("2 + 2", "2 - 2", "\U0001f600", "\U0001f602", "?!", "...")] == [
        None
    ] * 6


async def test_an_answer_off_its_schema_is_told_its_fault_once(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox, task={"output_schema": TITLE})
    await sandbox.meets("wrong_schema", path=CHATS, contains="Answer with JSON alone", times=1)
    path = f"/v1/generations/{generation['id']}/run"
    operation = await run_to_end(api, engine, path, total=2, near_duplicates=None)
    assert (operation["result"]["proposed"], operation["result"]["failed"]) == (2, 0)
    keys = sorted(key for row in await candidates(api, generation["id"]) for key in row["calls"])
    assert keys == ["inputs", "inputs", "output", "output", "repair"]
    assert all(row["valid"] for row in await candidates(api, generation["id"]))


async def test_rubbish_is_a_failed_candidate_and_never_a_lost_batch(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox, task={"output_schema": TITLE})
    await add_topics(api, generation["id"], "Apples", "Pears", "Plums", "Cherries", "Grapes", "Figs")
    spoilt = {"not_json": "Apples", "wrong_schema": "Pears", "empty": "Plums", "refuses": "Cherries", "huge": "Grapes"}
    for kind, topic in spoilt.items():
        await sandbox.meets(kind, path=CHATS, contains=f"Topic: {topic}", times=10)
    operation = await run_to_end(api, engine, f"/v1/generations/{generation['id']}/run", inputs_per_topic=1)
    assert (operation["result"]["proposed"], operation["result"]["failed"]) == (1, 5)
    failed = await candidates(api, generation["id"], state="failed")
    assert {row["topic_path"][0]: row["code"] for row in failed} == {
        "Apples": "not_json",
        "Pears": "schema_mismatch",
        "Plums": "empty_answer",
        "Cherries": "model_refused",
        "Grapes": "answer_too_long",
    }
    assert all(row["detail"] and row["calls"]["inputs"] for row in failed)
    await sandbox.http.delete("/sandbox/faults")
    await sandbox.meets("not_json", path=CHATS, contains="Answer with JSON alone", times=100)
    again = await run_to_end(api, engine, f"/v1/generations/{generation['id']}/run", total=2, near_duplicates=None)
    assert again["result"]["reasons"] == {"not_json": 2}
    twice = await candidates(api, generation["id"], run_id=again["id"])
    assert all(sorted(row["calls"]) == ["inputs", "output", "repair"] for row in twice)
    await tables_follow_from_the_log(engine)


async def test_a_judge_drops_what_falls_short(api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine) -> None:
    rules = [{"name": "length", "instruction": "At most 1 words.", "priority": 0, "rating_type": "stars"}]
    generation = await make_generation(api, sandbox, task={"requirements": rules})
    path = f"/v1/generations/{generation['id']}/run"
    strict = await run_to_end(api, engine, path, total=2, near_duplicates=None, judge={"minimum": 5})
    marked = await candidates(api, generation["id"], run_id=strict["id"])
    assert all((row["score"] >= 5) == (row["state"] == "proposed") for row in marked)
    assert any(row["code"] == "low_score" and row["content"] for row in marked)
    mild = await run_to_end(api, engine, path, total=2, near_duplicates=None, judge={"minimum": 1})
    assert mild["result"]["proposed"] == 2
    await sandbox.meets("not_json", path=CHATS, contains="You judge an answer strictly", times=10)
    silent = await run_to_end(api, engine, path, total=1, near_duplicates=None, judge={"minimum": 5})
    [waiting] = await candidates(api, generation["id"], run_id=silent["id"])
    assert (waiting["state"], waiting["code"], waiting["score"]) == ("proposed", "not_judged", None)


async def test_categories_get_as_many_as_were_asked_for(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    names = ["sports", "politics"]
    generation = await make_generation(api, sandbox, task={"instruction": "Classify the news.", "categories": names})
    path = f"/v1/generations/{generation['id']}/run"
    wrong = await api.post(path, json={"categories": {"weather": 1}})
    assert (wrong.status_code, pointers(wrong)) == (422, ["/categories"])
    await run_to_end(api, engine, path, categories={"sports": 3, "politics": 1}, near_duplicates=None)
    rows = await candidates(api, generation["id"])
    assert Counter(row["category"] for row in rows) == {"sports": 3, "politics": 1}
    for row in rows:
        answered = row["content"]["messages"][-1]["content"]
        assert (row["code"] == "other_category") == (row["category"] not in answered)


async def test_a_prompt_asks_for_outputs(api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox, inputs={"summary": "/input"}, parameters={"max_tokens": 40})
    generation = await make_generation(api, sandbox, prompt={"prompt_id": prompt_id, "version": 1})
    path = f"/v1/generations/{generation['id']}/run"
    await sandbox.meets("refuses", path=CHATS, contains="Summary: ", times=1)
    operation = await run_to_end(api, engine, path, total=2, near_duplicates=None)
    assert (operation["result"]["proposed"], operation["result"]["reasons"]) == (1, {"model_refused": 1})
    assert {(row["prompt_id"], row["prompt_version"]) for row in await candidates(api, generation["id"])} == {
        (prompt_id, 1)
    }


async def test_bugs_seen_are_shown_to_who_writes_inputs(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox, template="bugs_seen")
    bad, good = await add_many(
        api, generation["dataset_id"], [{"content": chat("Why QUUX?")}, {"content": chat("Why CORGE?")}]
    )
    await rate(api, bad["id"], 1)
    await rate(api, good["id"], 5)
    path = f"/v1/generations/{generation['id']}/run"
    # The sandbox refuses whatever holds the text: that of the failed example alone is shown.
    await sandbox.meets("refuses", path=CHATS, contains="CORGE", times=10)
    fine = await run_to_end(api, engine, path, total=1, near_duplicates=None)
    assert fine["result"]["proposed"] == 1
    await sandbox.meets("refuses", path=CHATS, contains="QUUX", times=10)
    refused = await run_to_end(api, engine, path, total=1, near_duplicates=None)
    assert refused["result"]["reasons"] == {"model_refused": 1}


async def test_runs_that_cannot_make_anything_are_refused(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}/run"
    for body, pointer in (
        ({}, "/inputs_per_topic"),
        ({"total": 5, "inputs_per_topic": 1}, "/inputs_per_topic"),
        ({"total": 5, "temperature": {"min": 1.0, "max": 0.5}}, "/temperature"),
        (
            {"total": 5, "judge": {"target": {"connection_id": generation["id"], "model": "m"}}},
            "/judge/target/connection_id",
        ),
    ):
        refused = await api.post(path, json=body)
        assert (refused.status_code, pointers(refused)) == (422, [pointer])
    bare = await ok(await api.post("/v1/datasets", json={"name": "bare"}))
    aimless = await make_generation(api, None, dataset_id=bare["id"])
    refused = await api.post(f"/v1/generations/{aimless['id']}/run", json={"total": 1})
    assert (refused.status_code, pointers(refused)) == (422, ["/guidance/inputs", "/guidance/outputs"])


async def test_a_provider_that_is_away_keeps_the_run_waiting_and_cancel_ends_it(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, None)
    run_id = await start_run(api, f"/v1/generations/{generation['id']}/run", total=1)
    await ok(await api.post(f"/v1/operations/{run_id}/cancel"))
    async with run_worker(engine):
        assert (await wait_for_end(api, run_id))["state"] == "cancelled"
    assert await candidates(api, generation["id"]) == []
