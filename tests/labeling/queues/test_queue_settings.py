"""Queues over HTTP: how they are set up and changed, what is refused, and that the tables follow from the log."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import chat, events_of, head, make_dataset, ok, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.labeling.annotator_clients import Desk, all_of, elsewhere


async def test_annotators_see_the_input_alone_where_the_queue_says_so(desk: Desk) -> None:
    await desk.queue(shows="input")
    [claimed] = await desk.claim("ann")
    assert claimed["content"] is None
    assert [message["role"] for message in claimed["input"]["messages"]] == ["user"]


async def test_a_queue_is_changed_closed_and_kept_to_its_annotators(desk: Desk) -> None:
    queue = await desk.queue(annotators=["ann"])
    stranger = await desk.api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json={"annotator": {"name": "ben"}})
    assert (stranger.status_code, pointers(stranger)) == (422, ["/annotator"])
    path = f"/v1/queues/{queue['id']}"
    changed = await ok(await desk.api.patch(path, json={"annotators": [], "name": "second", "lease_seconds": 60}))
    assert (changed["annotators"], changed["name"], changed["lease_seconds"], changed["version"]) == (
        [],
        "second",
        60,
        2,
    )
    assert len(await desk.claim("ben")) == 1
    before = await head(desk.api)
    await ok(await desk.api.patch(path, json={"name": "second"}))
    assert await head(desk.api) == before
    assert (await desk.api.patch(path, json={"closed": True}, headers={"If-Match": '"1"'})).status_code == 412
    await ok(await desk.api.patch(path, json={"closed": True, "reason": "done"}))
    closed = await desk.api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json={"queue_id": queue["id"]})
    assert closed.status_code == 409
    page = await ok(await desk.api.get(f"/v1/datasets/{desk.dataset}/queues"))
    assert [(row["name"], row["closed"]) for row in page["data"]] == [("second", True)]


async def test_of_several_open_queues_one_must_be_named(desk: Desk) -> None:
    nothing = await desk.api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json={})
    assert nothing.status_code == 404
    one, two = await desk.queue("one"), await desk.queue("two")
    several = await desk.api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json={})
    assert several.status_code == 409
    [claimed] = await desk.claim("ann", queue_id=two["id"])
    assert claimed["queue_id"] == two["id"] != one["id"]
    other = await make_dataset(desk.api, "other")
    wrong = await desk.api.post(f"/v1/datasets/{other}/queue/claim", json={"queue_id": two["id"]})
    assert wrong.status_code == 404
    taken = await desk.api.post(f"/v1/datasets/{desk.dataset}/queues", json={"name": "one"})
    assert (taken.status_code, pointers(taken)) == (409, ["/name"])


async def test_a_queue_that_makes_no_sense_is_refused_with_its_fields(desk: Desk) -> None:
    path = f"/v1/datasets/{desk.dataset}/queues"
    cases = [
        ({"name": "x", "examples": [desk.examples[0], elsewhere()]}, 422, ["/examples/1"]),
        (
            {"name": "x", "honeypots": [{"example_id": elsewhere(), "category": "sports"}]},
            422,
            ["/honeypots/0/example_id"],
        ),
        (
            {"name": "x", "honeypots": [{"example_id": desk.examples[0], "category": "war"}]},
            422,
            ["/honeypots/0/category"],
        ),
        ({"name": "x", "honeypots": [{"example_id": desk.examples[0]}]}, 422, ["/honeypots/0/answers"]),
        ({"name": "x", "task_id": elsewhere()}, 422, ["/task_id"]),
        ({"name": "x", "overlap": 0}, 400, ["/overlap"]),
        ({"name": "x", "examples": desk.examples, "filter": {"tag": "a"}}, 400, ["/filter"]),
    ]
    for body, status, wanted in cases:
        refused = await desk.api.post(path, json=body)
        assert (refused.status_code, pointers(refused)) == (status, wanted), body
    bare = await make_dataset(desk.api, "bare")
    refused = await desk.api.post(f"/v1/datasets/{bare}/queues", json={"name": "x"})
    assert (refused.status_code, pointers(refused)) == (422, ["/task_id"])


async def test_a_queue_is_its_workspaces_own(desk: Desk, stranger: httpx.AsyncClient) -> None:
    queue = await desk.queue()
    [claimed] = await desk.claim("ann")
    before = await head(desk.api)
    calls = [
        stranger.get(f"/v1/queues/{queue['id']}"),
        stranger.patch(f"/v1/queues/{queue['id']}", json={"closed": True}),
        stranger.post(f"/v1/queues/{queue['id']}/examples", json={}),
        stranger.post(f"/v1/queues/{queue['id']}/assign", json={"annotator": {"name": "a"}, "examples": desk.examples}),
        stranger.get(f"/v1/queues/{queue['id']}/assignments"),
        stranger.get(f"/v1/queues/{queue['id']}/annotators"),
        stranger.get(f"/v1/datasets/{desk.dataset}/queues"),
        stranger.post(f"/v1/datasets/{desk.dataset}/queues", json={"name": "x"}),
        stranger.post(f"/v1/datasets/{desk.dataset}/queue/claim", json={"queue_id": queue["id"]}),
        stranger.get(f"/v1/assignments/{claimed['assignment_id']}"),
        *[
            stranger.post(f"/v1/assignments/{claimed['assignment_id']}/{how}", json=body)
            for how, body in [
                ("submit", {"category": "sports"}),
                ("skip", {"reason": "x"}),
                ("release", {}),
                ("review", {"verdict": "accept"}),
            ]
        ],
    ]
    assert [answer.status_code for answer in await all_of(calls)] == [404] * len(calls)
    assert await head(desk.api) == before


@pytest.mark.parametrize("key", ["a", '"b"'])
async def test_a_repeated_creation_makes_one_queue(desk: Desk, key: str) -> None:
    path, headers = f"/v1/datasets/{desk.dataset}/queues", {"Idempotency-Key": key}
    first = await desk.api.post(path, json={"name": "once"}, headers=headers)
    again = await desk.api.post(path, json={"name": "once"}, headers=headers)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")


async def test_the_tables_follow_from_the_log(desk: Desk, engine: AsyncEngine) -> None:
    """Every event that a queue, an item, a label and a labelled example can have."""
    queue = await desk.queue(overlap=2, honeypots=[{"example_id": desk.examples[0], "category": "sports"}])
    await ok(await desk.api.patch(f"/v1/queues/{queue['id']}", json={"blind": False}))
    body = {"annotator": {"name": "ann"}, "examples": [desk.examples[3]]}
    await ok(await desk.api.post(f"/v1/queues/{queue['id']}/assign", json=body))
    claimed = await desk.claim("ann", limit=5) + await desk.claim("ben", limit=5)
    for row in claimed[:4] + claimed[5:8]:
        await ok(await desk.submit(row, "sports"))
    await ok(await desk.give_back(claimed[4], "skip", reason="no"))
    await ok(await desk.give_back(claimed[8], "release"))
    await ok(await desk.give_back(claimed[0], "review", verdict="accept"))
    await ok(await desk.give_back(claimed[1], "review", verdict="send_back", reason="look"))
    await desk.claim("ann", limit=5)
    await ok(await desk.post_labels({"example_id": desk.examples[5], "text": "Politics, I think."}))
    await desk.say("curie", ["sports", "money"], kind="model")
    await desk.consensus(minimum=1)
    restored = await desk.api.post(f"/v1/examples/{desk.examples[5]}/restore", json={"version": 1})
    await ok(restored)
    await ok(await desk.api.patch(f"/v1/examples/{desk.examples[2]}", json={"content": chat("New?")}))
    kinds = {event["type"] for event in await events_of(desk.api)}
    wanted = {
        "ItemQueued",
        "ItemAssigned",
        "ItemClaimed",
        "ItemSubmitted",
        "ItemSkipped",
        "ItemReleased",
        "ItemAccepted",
    }
    wanted |= {"ItemSentBack", "QueueCreated", "QueueEdited", "LabelGiven", "LabelReviewed", "ExampleLabelled"}
    assert wanted <= kinds
    await tables_follow_from_the_log(engine)
