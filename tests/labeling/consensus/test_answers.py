"""Examples without an answer wait for one, and consensus writes the label into it."""

from typing import Any

import httpx

from service.database.engine import new_id
from tests.datasets.example_bodies import export, five_stars, freeze, list_examples, ok, pointers, repair
from tests.labeling.annotator_clients import CATEGORIES

QUESTIONS = ["Who won the cup?", "Who won the vote?", "What do shares cost?", "Is it a draw?"]


async def waiting(api: httpx.AsyncClient, **task: Any) -> tuple[str, list[str]]:
    """A dataset with four questions that wait for an answer; its id and theirs."""
    made = await ok(await api.post("/v1/tasks", json={"name": str(new_id()), "instruction": "Name it.", **task}))
    dataset = await ok(await api.post("/v1/datasets", json={"name": str(new_id()), "task_id": made["id"]}))
    path = f"/v1/datasets/{dataset['id']}"
    examples = [{"content": {"messages": [{"role": "user", "content": question}]}} for question in QUESTIONS]
    body = {"examples": examples, "on_unanswered": "keep"}
    added = await ok(await api.post(f"{path}/examples", json=body))
    return dataset["id"], [example["id"] for example in added["data"]]


async def say(api: httpx.AsyncClient, dataset: str, ids: list[str], category: str) -> None:
    labels = [
        {"example_id": id_, "category": category, "annotator": {"name": name, "kind": "person"}}
        for id_ in ids
        for name in ("ann", "ben")
    ]
    await ok(await api.post(f"/v1/datasets/{dataset}/labels", json={"labels": labels}))


async def consensus(api: httpx.AsyncClient, dataset: str, **write: Any) -> dict[str, Any]:
    body = {"rule": "majority", "write": write}
    outcome: dict[str, Any] = await ok(await api.post(f"/v1/datasets/{dataset}/consensus", json=body))
    return outcome


async def test_without_an_answer_it_is_refused_unless_asked_and_then_out_of_versions(api: httpx.AsyncClient) -> None:
    dataset, ids = await waiting(api)
    path = f"/v1/datasets/{dataset}"
    refused = await api.post(f"{path}/examples", json={"content": {"messages": [{"role": "user", "content": "?"}]}})
    assert (refused.status_code, pointers(refused)) == (422, ["/content/messages/0/role"])
    assert "on_unanswered=keep" in refused.json()["detail"] + refused.text
    listed = await list_examples(api, dataset, filter="unanswered")
    assert len(listed) == 4
    unrated = await api.put(f"/v1/examples/{ids[0]}/rating", json=five_stars(5))
    assert (unrated.status_code, "no answer yet" in unrated.json()["detail"]) == (409, True)
    await repair(api, ids[0], "The home team")
    version = await freeze(api, dataset, "v1")
    assert version["examples"] == 1
    assert (await export(api, dataset, as_of="v1")).count(b"\n") == 1
    waits = {"content": {"messages": [{"role": "user", "content": "Who?"}]}, "on_unanswered": "keep"}
    await ok(await api.patch(f"/v1/examples/{ids[0]}", json=waits))
    assert (await ok(await api.get(f"/v1/examples/{ids[0]}")))["unanswered"] is True
    restored = await ok(await api.post(f"/v1/examples/{ids[0]}/restore", json={"version": 2}))
    assert (restored["unanswered"], restored["repaired"]) == (False, True)


async def test_the_category_becomes_the_answer_with_its_votes(api: httpx.AsyncClient) -> None:
    dataset, ids = await waiting(api, categories=CATEGORIES)
    await say(api, dataset, ids[:2], "sports")
    outcome = await consensus(api, dataset)
    assert (outcome["labelled"], outcome["answered"], outcome["refused"]) == (2, 2, [])
    example = await ok(await api.get(f"/v1/examples/{ids[0]}"))
    assert example["content"]["messages"][-1] == {"role": "assistant", "content": "sports"}
    assert (example["unanswered"], example["repaired"], example["version"]) == (False, True, 2)
    assert example["label"] == {"answers": {"category": ["sports"]}, "rule": "majority"}
    assert [vote["annotator"] for vote in example["votes"]] == ["ann", "ben"]
    assert "by the rule majority" in example["repair"]["instruction"]
    assert (await consensus(api, dataset))["answered"] == 0
    await say(api, dataset, ids[:1], "politics")
    assert (await consensus(api, dataset))["answered"] == 0  # only those that wait are answered
    assert (await consensus(api, dataset, over="all"))["answered"] == 1
    assert (await freeze(api, dataset, "v1"))["examples"] == 2


async def test_a_field_of_a_structured_answer_and_a_template(api: httpx.AsyncClient) -> None:
    schema = {"type": "object", "properties": {"topic": {"enum": ["sports", "money"]}}, "required": ["topic"]}
    dataset, ids = await waiting(api, categories=CATEGORIES, output_schema=schema)
    await say(api, dataset, ids[:2], "sports")
    await say(api, dataset, ids[2:3], "politics")
    outcome = await consensus(api, dataset, field="/topic")
    assert (outcome["answered"], outcome["refused"]) == (2, [ids[2]])
    structured = await ok(await api.get(f"/v1/examples/{ids[1]}"))
    assert structured["content"]["messages"][-1]["content"] == '{"topic": "sports"}'
    kept = await ok(await api.get(f"/v1/examples/{ids[2]}"))
    assert (kept["unanswered"], kept["label"]["answers"]["category"]) == (True, ["politics"])

    other, others = await waiting(api, categories=CATEGORIES)
    await say(api, other, others[:1], "money")
    assert (await consensus(api, other, template="The topic is {category}."))["answered"] == 1
    answered = await ok(await api.get(f"/v1/examples/{others[0]}"))
    assert answered["content"]["messages"][-1]["content"] == "The topic is money."
    for wrong, pointer in (
        ({"template": "{mood}"}, "/write/template"),
        ({"question": "mood"}, "/write/question"),
        ({"template": "x", "field": "/a"}, "/write/field"),
    ):
        refused = await api.post(f"/v1/datasets/{other}/consensus", json={"rule": "majority", "write": wrong})
        assert (refused.status_code, pointers(refused)) == (422, [pointer])
