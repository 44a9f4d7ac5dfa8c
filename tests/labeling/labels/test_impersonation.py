"""Labels in another's name: only with the scope for it, and told apart where labels are counted."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.datasets.example_bodies import Json, head, ok, pointers
from tests.labeling.annotator_clients import Desk, annotator

ALICE = {"name": "alice"}
MODEL = {"name": "curie", "kind": "model"}


async def test_a_label_in_anothers_name_is_refused_and_names_the_scope(app: Litestar, desk: Desk) -> None:
    """M6: mallory's key, which may only label, gave a label in alice's name."""
    before = await desk.say("alice", ["sports"])
    path = f"/v1/datasets/{desk.dataset}"
    label = {"example_id": desk.examples[0], "category": "money"}
    async with await annotator(app, desk, "mallory") as mallory:
        refused = [
            (await mallory.post(f"{path}/labels", json={**label, "annotator": ALICE}), "/annotator"),
            (await mallory.post(f"{path}/labels", json={**label, "annotator": MODEL}), "/annotator"),
            (
                await mallory.post(f"{path}/labels", json={"labels": [label, {**label, "annotator": ALICE}]}),
                "/labels/1/annotator",
            ),
        ]
        for answer, pointer in refused:
            assert (answer.status_code, answer.json()["code"], pointers(answer)) == (403, "missing_scope", [pointer])
            assert "labels:impersonate" in answer.json()["detail"]
        assert await desk.labels() == before
        mine = await ok(await mallory.post(f"{path}/labels", json={**label, "annotator": {"name": "mallory"}}))
        assert mine["annotator"] == {"name": "mallory", "kind": "person"}


@pytest.mark.parametrize("scopes", [["labels:write"], ["labels:write", "labels:read"]])
async def test_a_claim_in_anothers_name_is_refused(app: Litestar, desk: Desk, scopes: list[str]) -> None:
    await desk.queue()
    path = f"/v1/datasets/{desk.dataset}/queue/claim"
    async with await annotator(app, desk, "mallory", *scopes) as mallory:
        before = await head(desk.api)
        for other in (ALICE, MODEL):
            refused = await mallory.post(path, json={"annotator": other})
            assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
        assert await head(desk.api) == before
        assert len((await ok(await mallory.post(path, json={})))["data"]) == 1


async def test_anothers_assignment_is_not_there(app: Litestar, desk: Desk) -> None:
    """M6: the id of bob's assignment follows from queue, example and name."""
    await desk.queue()
    [bobs] = await desk.claim("bob")
    calls: list[tuple[str, Json]] = [("submit", {"category": "money"}), ("skip", {"reason": "x"}), ("release", {})]
    path = f"/v1/assignments/{bobs['assignment_id']}"
    before = await _count_label_events(desk.api)
    async with await annotator(app, desk, "mallory") as mallory:
        assert [(await mallory.post(f"{path}/{how}", json=body)).status_code for how, body in calls] == [404] * 3
    async with await annotator(app, desk, "lead", "labels:write", "labels:read") as lead:
        for how, body in calls:  # a lead may see the assignment, but not act on it
            refused = await lead.post(f"{path}/{how}", json=body)
            assert (refused.status_code, "labels:impersonate" in refused.json()["detail"]) == (403, True)
    assert await _count_label_events(desk.api) == before
    async with await annotator(app, desk, "bob") as bob:
        assert (await ok(await bob.post(f"{path}/submit", json={"category": "money"})))["state"] == "submitted"


async def test_with_the_scope_a_key_labels_for_others_and_for_models(app: Litestar, desk: Desk) -> None:
    await desk.queue(overlap=2)
    async with await annotator(app, desk, "importer", "labels:write", "labels:impersonate") as importer:
        for other in (ALICE, {"name": "curie", "kind": "model"}):
            body = {"example_id": desk.examples[0], "category": "money", "annotator": other}
            label = await ok(await importer.post(f"/v1/datasets/{desk.dataset}/labels", json=body))
            assert (label["annotator"]["name"], label["given_by"]) == (other["name"], "importer")
        path = f"/v1/datasets/{desk.dataset}/queue/claim"
        [claimed] = (await ok(await importer.post(path, json={"annotator": ALICE})))["data"]
        submit = f"/v1/assignments/{claimed['assignment_id']}/submit"
        assert (await ok(await importer.post(submit, json={"category": "money"})))["annotator"]["name"] == "alice"


async def test_a_machine_is_the_model_of_its_name_and_a_person_is_none(app: Litestar, desk: Desk) -> None:
    body = {"example_id": desk.examples[0], "category": "money", "annotator": MODEL}
    path = f"/v1/datasets/{desk.dataset}/labels"
    async with await annotator(app, desk, "curie") as curie:
        label = await ok(await curie.post(path, json=body))
        assert (label["annotator"], label["given_by"]) == (MODEL, "curie")
        members = (await ok(await desk.api.get("/v1/members")))["data"]
        [member] = [row for row in members if row["name"] == "curie"]
        assert member["kind"] == "machine"
        await ok(await desk.api.patch(f"/v1/members/{member['id']}", json={"kind": "person"}))
        await asyncio.sleep(1.1)  # a process looks a key up anew after a second
        assert (await curie.post(path, json=body)).status_code == 403


async def test_only_who_has_the_scope_grants_it(app: Litestar, desk: Desk) -> None:
    wanted = {"name": "x", "scopes": ["labels:impersonate"]}
    async with await annotator(app, desk, "keeper", "access:write", "labels:write") as keeper:
        assert (await keeper.post("/v1/api-keys", json=wanted)).status_code == 403
    await ok(await desk.api.post("/v1/api-keys", json=wanted))


async def test_agreement_and_consensus_count_what_was_given_in_anothers_name(app: Litestar, desk: Desk) -> None:
    await desk.say("ben", ["sports", "sports", "money"])  # by the admin's key
    async with await annotator(app, desk, "ann") as ann:
        for example in desk.examples[:2]:
            body = {"example_id": example, "category": "sports"}
            await ok(await ann.post(f"/v1/datasets/{desk.dataset}/labels", json=body))
    assert [(row["labels"], row["impersonated"]) for row in await desk.agreement()] == [(4, 2)]
    assert [row["impersonated"] for row in await desk.agreement(by="example")] == [1, 1]
    assert [(row["annotator"]["name"], row["impersonated"]) for row in await desk.agreement(by="annotator")] == [
        ("ann", 0),
        ("ben", 2),
    ]
    assert [row["impersonated"] for row in await desk.agreement(by="pair")] == [2]
    by_category = {row["category"]: row["impersonated"] for row in await desk.agreement(by="category")}
    assert (by_category["sports"], by_category["money"]) == (2, 0)
    outcome = await desk.consensus()
    assert (outcome["labelled"], outcome["impersonated"]) == (2, 3)
    assert (await desk.consensus(examples=desk.examples[:1]))["impersonated"] == 1


async def test_answers_to_honeypots_are_neither_measured_nor_votes(desk: Desk) -> None:
    """First-day friction 24: agreement and consensus counted 32 of 30 examples."""
    honeypots = [{"example_id": example, "category": "sports"} for example in desk.examples[:2]]
    await desk.queue(examples=desk.examples[2:], honeypots=honeypots, overlap=2)
    for name in ("ann", "ben"):
        for claimed in await desk.claim(name, limit=100):
            await ok(await desk.submit(claimed, "money"))
    page = await ok(await desk.api.get(f"/v1/datasets/{desk.dataset}/agreement"))
    assert ([row["examples"] for row in page["data"]], page["honeypots"]) == ([4], 2)
    assert {row["example_id"] for row in await desk.agreement(by="example")} == set(desk.examples[2:])
    outcome = await desk.consensus()
    assert (outcome["labelled"], outcome["honeypots"]) == (4, 2)
    named = await desk.consensus(examples=desk.examples[:3])
    assert (named["unchanged"], named["too_few"], named["honeypots"]) == (1, 2, 2)
    stats = await ok(await desk.api.get(f"/v1/datasets/{desk.dataset}/stats"))
    assert sum(stats["reviewed"].values()) == 4
    # An answer given outside the queue is a label like any other.
    await desk.say("cem", ["politics"])
    assert (await desk.consensus(minimum=1, examples=desk.examples[:1]))["labelled"] == 1


async def _count_label_events(api: httpx.AsyncClient) -> int:
    params: dict[str, Any] = {"limit": 1_000}
    events = (await ok(await api.get("/v1/events", params=params)))["data"]
    return sum(event["type"].startswith(("Label", "Item")) for event in events)
