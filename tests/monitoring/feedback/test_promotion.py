"""Requests that become examples: once each, corrected, and followed from the complaint to the model that learnt it."""

import asyncio
from typing import Any

import httpx

from tests.datasets.example_bodies import OUTPUT_SCHEMA, Json, make_dataset, make_task, ok, pointers
from tests.monitoring.production import Production


async def promote(production: Production, *request_ids: str, **fields: Any) -> list[Json]:
    answer = await production.api.post("/v1/requests/promote", json=build_promotion(production, *request_ids, **fields))
    promoted: list[Json] = (await ok(answer))["data"]
    return promoted


def build_promotion(production: Production, *request_ids: str, **fields: Any) -> Json:
    return {"request_ids": list(request_ids), "dataset_id": production.world.dataset["id"], **fields}


async def example(production: Production, example_id: str) -> Json:
    return await ok(await production.api.get(f"/v1/examples/{example_id}"))


async def test_a_request_becomes_an_example_with_the_correction_as_its_repair(production: Production) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "The council met."}]
    [request_id] = await production.log(production.call(input=messages, output="Meeting"))
    await production.judge(request_id, stars=1, comment="Which council?", correction="Council meets")
    [promoted] = await promote(production, request_id, tags=["production", "production"], reason="A complaint.")
    assert (promoted["request_id"], promoted["new"], promoted["repaired"]) == (request_id, True, True)
    promotions = await example(production, promoted["example_id"])
    assert promotions["content"]["messages"] == [*messages, {"role": "assistant", "content": "Council meets"}]
    assert promotions["source"] == {"type": "log", "request_id": request_id}
    assert (promotions["tags"], promotions["version"], promotions["repair"]) == (
        ["production"],
        2,
        {"instruction": "Which council?"},
    )
    history = (await ok(await production.api.get(f"/v1/examples/{promotions['id']}/history")))["data"]
    assert [entry["reason"] for entry in history] == [None, "A complaint."]
    assert history[1]["changes"]["content"]["before"]["messages"][-1]["content"] == "Meeting"
    shown = await production.read(request_id)
    assert shown["examples"] == [{"dataset_id": production.world.dataset["id"], "example_id": promotions["id"]}]


async def test_a_request_becomes_an_example_once_a_dataset(production: Production) -> None:
    ids = await production.log(*[production.call(str(number)) for number in range(3)])
    first = await promote(production, *ids[:2], ids[0])
    again = await promote(production, *ids)
    assert [each["new"] for each in again] == [False, False, True]
    assert [each["example_id"] for each in again[:2]] == [each["example_id"] for each in first]
    other = await make_dataset(production.api, "other")
    [elsewhere] = await promote(production, ids[0], dataset_id=other)
    assert elsewhere["new"]
    assert elsewhere["example_id"] != first[0]["example_id"]


async def test_many_that_promote_at_once_make_one_example_each(production: Production) -> None:
    ids = await production.log(*[production.call(str(number)) for number in range(10)])
    for each in ids:
        await production.judge(each, correction="Better")
    answers = await asyncio.gather(*[promote(production, *ids) for _ in range(5)])
    assert len({each["example_id"] for answer in answers for each in answer}) == 10
    assert sum(each["new"] for answer in answers for each in answer) == 10
    assert sum(each["repaired"] for answer in answers for each in answer) == 10
    stats = await ok(await production.api.get(f"/v1/datasets/{production.world.dataset['id']}/stats"))
    assert (stats["sources"]["log"], stats["repaired"]) == (10, 10)


async def test_a_correction_that_comes_later_repairs_what_nobody_has_touched(production: Production) -> None:
    ids = await production.log(*[production.call(str(number)) for number in range(2)])
    promotions = await promote(production, *ids)
    assert not any(each["repaired"] for each in promotions)
    touched = {"instruction": "Mine.", "output": "Somebody's own answer"}
    await ok(await production.api.post(f"/v1/examples/{promotions[1]['example_id']}/repair", json=touched))
    for each in ids:
        await production.judge(each, correction="Better")
    assert not any(each["repaired"] for each in await promote(production, *ids, use_correction=False))
    assert [each["repaired"] for each in await promote(production, *ids)] == [True, False]
    untouched = await example(production, promotions[1]["example_id"])
    assert untouched["content"]["messages"][-1]["content"] == "Somebody's own answer"


async def test_a_failed_request_is_taught_by_its_correction_alone(production: Production) -> None:
    failed = production.call(output=None, error={"code": "timed_out"})
    [request_id] = await production.log(failed)
    refused = await production.api.post("/v1/requests/promote", json=build_promotion(production, request_id))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "no_output")
    await production.judge(request_id, correction="Council meets")
    [promoted] = await promote(production, request_id)
    promotions = await example(production, promoted["example_id"])
    assert (promotions["content"]["messages"][-1]["content"], promotions["version"]) == ("Council meets", 1)


async def test_everything_that_keeps_requests_from_promotion_is_said_and_none_is_promoted(
    production: Production,
) -> None:
    odd = production.call(input=[{"role": "robot", "content": "x"}])
    calls = [production.call(tool_calls=[{"id": 1}]) for _ in range(1)]
    ids = await production.log(production.call(), odd, *calls, production.call())
    await production.api.delete(f"/v1/requests/{ids[3]}")
    missing = "01890000-0000-7000-8000-000000000000"
    refused = await production.api.post("/v1/requests/promote", json=build_promotion(production, *ids, missing))
    assert refused.status_code == 422
    assert pointers(refused) == [f"/request_ids/{place}" for place in (1, 2, 3, 4)]
    codes = [fault["code"] for fault in refused.json()["errors"]]
    assert codes == ["unknown_shape", "unknown_shape", "erased", "no_such_request"]
    assert (await production.read(ids[0]))["examples"] == []
    gone = {"request_ids": ids[:1], "dataset_id": missing}
    assert (await production.api.post("/v1/requests/promote", json=gone)).status_code == 404


async def test_an_output_that_fails_the_task_is_marked_and_its_repair_is_valid(production: Production) -> None:
    task = await make_task(production.api, output_schema=OUTPUT_SCHEMA)
    dataset_id = await make_dataset(production.api, "strict", task_id=task["id"])
    [request_id] = await production.log(production.call(output='{"name": "x"}'))
    [promoted] = await promote(production, request_id, dataset_id=dataset_id)
    assert not (await example(production, promoted["example_id"]))["valid"]
    await production.judge(request_id, correction='{"title": "x"}')
    await promote(production, request_id, dataset_id=dataset_id)
    assert (await example(production, promoted["example_id"]))["valid"]


async def test_the_trail_leads_from_the_complaint_to_the_model_that_learnt_the_fix(production: Production) -> None:
    [request_id] = await production.log(production.call())
    await production.judge(request_id, stars=1, comment="Wrong.", correction="Right")
    promotions = await promote(production, request_id, use_correction=False)
    await production.world.freeze("before")
    await promote(production, request_id)
    await production.world.freeze("after")
    await production.world.register(production.path, version="after")
    trail = await ok(await production.api.get(f"/v1/requests/{request_id}/trail"))
    assert trail["request"]["feedback"]["comment"] == "Wrong."
    [way] = trail["examples"]
    assert (way["example_id"], way["repair"]["instruction"]) == (promotions[0]["example_id"], "Wrong.")
    assert [(each["dataset_version"], each["repaired"]) for each in way["dataset_versions"]] == [
        ("after", True),
        ("before", False),
    ]
    assert [each["version"] for each in way["dataset_versions"][0]["model_versions"]] == ["v1.2"]


async def test_a_stranger_promotes_nothing(production: Production, stranger: httpx.AsyncClient) -> None:
    [request_id] = await production.log(production.call())
    own = (await ok(await stranger.post("/v1/datasets", json={"name": "own"})))["id"]
    refused = await stranger.post("/v1/requests/promote", json=build_promotion(production, request_id, dataset_id=own))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "no_such_request")
