"""Reviewing: each candidate becomes an example once, or is kept out with a reason, whoever else decides meanwhile."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import OUTPUT_SCHEMA, chat, events_of, list_examples, ok, pages, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.generation.generation_runs import candidates, make_generation, propose_candidates
from tests.inference.run_world import wait_for_end
from tests.prompts.batch_runs import make_news_dataset, make_sandbox_prompt, run_worker, start_batch_run
from tests.tunes.sandbox import Sandbox


async def test_an_accepted_candidate_is_an_example_with_its_source(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    generation, [first, *_] = await propose_candidates(api, 3)
    path = f"/v1/generations/{generation['id']}"
    body = {"candidate_ids": [first], "tags": ["made"], "reason": "Good."}
    accepted = await ok(await api.post(f"{path}/accept", json=body))
    [decision] = accepted["data"]
    assert (decision["outcome"], decision["new"], accepted["remaining"]) == ("accepted", True, 0)
    example = await ok(await api.get(f"/v1/examples/{decision['example_id']}"))
    candidate = await ok(await api.get(f"/v1/candidates/{first}"))
    assert (example["content"], example["tags"]) == (candidate["content"], ["made"])
    source = {"type": "synthetic", "generation_id": generation["id"], "candidate_id": first}
    assert example["source"] == source
    assert (candidate["state"], candidate["example_id"]) == ("accepted", example["id"])
    assert candidate["decided_by"]
    entries = (await ok(await api.get(f"/v1/candidates/{first}/history")))["data"]
    assert [(entry["type"], entry["reason"]) for entry in entries] == [
        ("CandidateMade", None),
        ("CandidateAccepted", "Good."),
    ]
    assert entries[1]["changes"]["state"] == {"before": "proposed", "after": "accepted"}
    await tables_follow_from_the_log(engine)


async def test_accepting_again_adds_nothing(api: httpx.AsyncClient) -> None:
    generation, ids = await propose_candidates(api, 2)
    path = f"/v1/generations/{generation['id']}/accept"
    first = await ok(await api.post(path, json={"candidate_ids": ids}))
    events = len(await events_of(api))
    again = await ok(await api.post(path, json={"candidate_ids": [*ids, ids[0]]}))
    assert [each["new"] for each in again["data"]] == [False, False]
    assert [each["example_id"] for each in again["data"]] == [each["example_id"] for each in first["data"]]
    assert len(await events_of(api)) == events


async def test_an_edit_is_accepted_as_it_was_edited(api: httpx.AsyncClient) -> None:
    generation, [first, second] = await propose_candidates(api, 2)
    path = f"/v1/generations/{generation['id']}"
    edit = {"candidate_id": first, "content": chat("Q 0", "Better.")}
    decided = await ok(await api.post(f"{path}/accept", json={"candidate_ids": [second], "edits": [edit]}))
    assert [each["candidate_id"] for each in decided["data"]] == [second, first]
    example = await ok(await api.get(f"/v1/examples/{decided['data'][1]['example_id']}"))
    assert example["content"] == edit["content"]
    shown = await ok(await api.get(f"/v1/candidates/{first}"))
    assert (shown["edited"], shown["content"]) == (True, edit["content"])
    changed = (await ok(await api.get(f"/v1/candidates/{first}/history")))["data"][1]["changes"]["content"]
    assert (changed["before"]["messages"][-1]["content"], changed["after"]) == ("A 0", edit["content"])
    other = {"candidate_id": first, "content": chat("Q 0", "Else.")}
    late = await api.post(f"{path}/accept", json={"edits": [other]})
    assert (late.status_code, late.json()["errors"][0]["code"]) == (409, "decided")


async def test_an_edit_that_fails_the_schema_is_refused_or_marked(api: httpx.AsyncClient) -> None:
    generation, [first] = await propose_candidates(api, 1, task={"output_schema": OUTPUT_SCHEMA})
    path = f"/v1/generations/{generation['id']}/accept"
    assert not (await ok(await api.get(f"/v1/candidates/{first}")))["valid"]
    edit = {"candidate_id": first, "content": chat("Q", '{"title": 1}')}
    refused = await api.post(path, json={"edits": [edit]})
    assert (refused.status_code, pointers(refused)) == (422, ["/edits/0/output/title"])
    silent = {"candidate_id": first, "content": {"messages": [{"role": "user", "content": "Q"}]}}
    mute = await api.post(path, json={"edits": [silent]})
    assert (mute.status_code, pointers(mute)) == (422, ["/edits/0/content/messages/0/role"])
    marked = await ok(await api.post(path, json={"edits": [edit], "on_invalid": "mark"}))
    example = await ok(await api.get(f"/v1/examples/{marked['data'][0]['example_id']}"))
    assert (example["valid"], example["mismatches"][0]["pointer"]) == (False, "/title")


async def test_rejecting_needs_a_reason_and_keeps_it(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    generation, [first, second, third] = await propose_candidates(api, 3)
    path = f"/v1/generations/{generation['id']}"
    assert (await api.post(f"{path}/reject", json={"candidate_ids": [first]})).status_code == 400
    body = {"candidate_ids": [first], "reason": "Wrong tone."}
    await ok(await api.post(f"{path}/reject", json=body))
    await ok(await api.post(f"{path}/reject", json=body))
    assert (await ok(await api.get(f"/v1/candidates/{first}")))["reason"] == "Wrong tone."
    assert len((await ok(await api.get(f"/v1/candidates/{first}/history")))["data"]) == 2
    await ok(await api.post(f"{path}/accept", json={"candidate_ids": [second]}))
    mixed = await ok(await api.post(f"{path}/accept", json={"candidate_ids": [first, third]}))
    assert [(each["outcome"], each["code"]) for each in mixed["data"]] == [("refused", "decided"), ("accepted", None)]
    late = await api.post(f"{path}/reject", json={"candidate_ids": [second], "reason": "No."})
    assert (late.status_code, late.json()["errors"][0]["code"]) == (409, "decided")
    assert len(await list_examples(api, generation["dataset_id"])) == 2
    await tables_follow_from_the_log(engine)


async def test_two_reviewers_collide_and_one_is_told(api: httpx.AsyncClient) -> None:
    generation, ids = await propose_candidates(api, 20)
    path = f"/v1/generations/{generation['id']}"
    sent = [
        api.post(f"{path}/{verb}", json={"candidate_ids": ids, **({"reason": "No."} if verb == "reject" else {})})
        for verb in ("accept", "reject", "accept", "reject", "accept")
    ]
    answers = await asyncio.gather(*sent)
    assert Counter(answer.status_code for answer in answers) in ({200: 3, 409: 2}, {200: 2, 409: 3})
    states = {row["state"] for row in await candidates(api, generation["id"])}
    assert len(states) == 1
    examples = await list_examples(api, generation["dataset_id"])
    assert len(examples) == (20 if states == {"accepted"} else 0)
    new = [each["new"] for answer in answers if answer.is_success for each in answer.json()["data"]]
    assert sum(new) == 20


async def test_all_that_match_are_decided_at_once(api: httpx.AsyncClient) -> None:
    generation, ids = await propose_candidates(api, 30)
    path = f"/v1/generations/{generation['id']}"
    await ok(await api.post(f"{path}/reject", json={"candidate_ids": ids[:4], "reason": "No."}))
    none = await ok(await api.post(f"{path}/accept", json={"matching": {"score_gte": 3}}))
    assert none == {"data": [], "remaining": 0}
    decided = await ok(await api.post(f"{path}/accept", json={"matching": {}}))
    assert ([each["candidate_id"] for each in decided["data"]], decided["remaining"]) == (ids[4:], 0)
    assert len(await list_examples(api, generation["dataset_id"])) == 26
    assert [len(page) for page in await pages(api, f"{path}/candidates", state="accepted", limit=13)] == [13, 13]


async def test_which_candidates_are_meant_has_to_be_said(api: httpx.AsyncClient) -> None:
    generation, [first] = await propose_candidates(api, 1)
    other, [theirs] = await propose_candidates(api, 1)
    path = f"/v1/generations/{generation['id']}/accept"
    for body in ({}, {"candidate_ids": [first], "matching": {}}):
        assert (await api.post(path, json=body)).status_code == 400
    for unknown in (str(uuid4()), theirs):
        lost = await api.post(path, json={"candidate_ids": [first, unknown]})
        assert (lost.status_code, pointers(lost)) == (404, ["/candidate_ids/1"])
    assert await list_examples(api, generation["dataset_id"]) == []
    assert other["id"] != generation["id"]


async def test_what_a_program_sent_under_a_key_is_there_once(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}/candidates"
    new = {"candidates": [{"content": chat(f"Q {n}"), "key": str(n), "metadata": {"n": n}} for n in range(3)]}
    first, *others = await asyncio.gather(*[api.post(path, json=new) for _ in range(4)])
    assert sum(answer.json()["new"] for answer in (first, *others)) == 3
    assert {tuple(answer.json()["data"]) for answer in (first, *others)} == {tuple(first.json()["data"])}
    assert [row["metadata"] for row in await candidates(api, generation["id"])] == [{"n": n} for n in range(3)]
    mute = await api.post(path, json={"candidates": [{"content": {"messages": []}}]})
    assert (mute.status_code, pointers(mute)) == (422, ["/candidates/0/content/messages"])


async def test_predictions_of_a_prompt_are_proposed_once(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    prompt_id = await make_sandbox_prompt(api, sandbox)
    dataset_id, examples = await make_news_dataset(api, 3)
    run_id = await start_batch_run(api, prompt_id, dataset_id)
    async with run_worker(engine):
        await wait_for_end(api, run_id)
    generation = await make_generation(api, sandbox, dataset_id=dataset_id)
    path = f"/v1/generations/{generation['id']}/from-predictions"
    assert (await ok(await api.post(path, json={"run_id": run_id})))["new"] == 3
    assert (await ok(await api.post(path, json={"run_id": run_id})))["new"] == 0
    rows = await candidates(api, generation["id"], run_id=run_id)
    assert [row["predicted_for"] for row in rows] == [example["id"] for example in examples]
    assert rows[0]["content"]["messages"][:-1] == examples[0]["content"]["messages"][:-1]
    assert (rows[0]["origin"], rows[0]["prompt_id"], rows[0]["prompt_version"]) == ("prediction", prompt_id, 1)
    assert (await api.post(path, json={"run_id": str(uuid4())})).status_code == 404
    await tables_follow_from_the_log(engine)


async def test_strangers_see_nothing_of_it(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    generation, [first] = await propose_candidates(api, 1)
    path = f"/v1/generations/{generation['id']}"
    for url in (path, f"{path}/topics", f"{path}/candidates", f"{path}/documents", f"{path}/history"):
        assert (await stranger.get(url)).status_code == 404
    for url in (f"/v1/candidates/{first}", f"/v1/candidates/{first}/history"):
        assert (await stranger.get(url)).status_code == 404
    assert (await stranger.post(f"{path}/accept", json={"candidate_ids": [first]})).status_code == 404
    assert (await stranger.post(f"{path}/run", json={"total": 1})).status_code == 404
    assert (await stranger.post(f"{path}/documents", content=b"text")).status_code == 404
    assert (await ok(await stranger.get("/v1/generations")))["data"] == []
    theirs = {"dataset_id": generation["dataset_id"], "target": generation["target"]}
    refused = await stranger.post("/v1/generations", json={**theirs, "target": strip_empty(generation["target"])})
    assert (refused.status_code, pointers(refused)) == (422, ["/dataset_id"])


def strip_empty(target: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in target.items() if value is not None}


async def test_a_generation_is_made_listed_and_changed(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None, name="first", guidance={"inputs": "Be brief."})
    other = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}"
    read = await api.get(path)
    assert (read.json(), read.headers["ETag"]) == (generation, '"1"')
    assert [row["id"] for page in await pages(api, "/v1/generations", limit=1) for row in page] == [
        other["id"],
        generation["id"],
    ]
    mine = await ok(await api.get(f"/v1/generations?dataset_id={generation['dataset_id']}"))
    assert [row["id"] for row in mine["data"]] == [generation["id"]]
    changed = await ok(await api.patch(path, json={"template": "safety", "reason": "Ship it safely."}))
    assert (changed["template"], changed["guidance"], changed["version"]) == ("safety", {"inputs": "Be brief."}, 2)
    assert (await api.patch(path, json={"template": "safety"})).headers["ETag"] == '"2"'
    assert (await api.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'})).status_code == 412
    lost = await api.patch(path, json={"prompt": {"prompt_id": str(uuid4())}})
    assert (lost.status_code, pointers(lost)) == (422, ["/prompt/prompt_id"])
    half = await api.patch(path, json={"target": {"model": "m"}})
    assert (half.status_code, pointers(half)) == (400, ["/target"])
    vague = await api.patch(path, json={"template": "wild"})
    assert (vague.status_code, pointers(vague)) == (400, ["/template"])
