"""What an annotator sees with their own key: their queues, their open assignments, and a way back from a mis-click."""

import httpx
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import Json, delete, head, ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.labeling.annotator_clients import CATEGORIES, Desk, annotator


async def my_queue(api: httpx.AsyncClient) -> list[Json]:
    rows: list[Json] = (await ok(await api.get("/v1/me/queue")))["data"]
    return rows


async def claim(api: httpx.AsyncClient, desk: Desk, **more: object) -> list[Json]:
    rows: list[Json] = (await ok(await api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json=more)))["data"]
    return rows


async def test_an_annotator_finds_their_queue_with_its_task_and_what_is_left(app: Litestar, desk: Desk) -> None:
    queue = await desk.queue("ann's", annotators=["ann"], examples=desk.examples[:4])
    others = await desk.queue("cem's", annotators=["cem"])
    shut = await desk.queue("shut")
    await ok(await desk.api.patch(f"/v1/queues/{shut['id']}", json={"closed": True}))
    async with await annotator(app, desk, "ann") as ann, await annotator(app, desk, "ben") as ben:
        assert await my_queue(ben) == []
        [mine] = await my_queue(ann)
        assert (mine["id"], mine["name"]) == (queue["id"], "ann's")
        assert mine["dataset"] == {"id": desk.dataset, "name": "news"}
        assert (mine["task"]["id"], mine["task"]["questions"][0]["name"]) == (desk.task, "category")
        assert mine["task"]["instruction"]
        assert [category["name"] for category in mine["task"]["questions"][0]["categories"]][:3] == CATEGORIES
        assert (mine["left"], mine["labeled"], mine["open"], mine["assignments"]) == (4, 0, 0, [])
        claimed = await claim(ann, desk, queue_id=mine["id"], limit=2)
        await ok(await ann.post(f"/v1/assignments/{claimed[0]['assignment_id']}/submit", json={"category": "money"}))
        [mine] = await my_queue(ann)
        assert (mine["left"], mine["labeled"], mine["open"]) == (2, 1, 1)
        [open_one] = mine["assignments"]
        assert (open_one["id"], open_one["state"]) == (claimed[1]["assignment_id"], "claimed")
        assert (open_one["content"], open_one["input"]) == (claimed[1]["content"], None)
        for path in (f"/v1/queues/{others['id']}", f"/v1/datasets/{desk.dataset}/queues"):
            assert (await ann.get(path)).status_code == 403


async def test_what_is_reserved_sent_back_or_a_honeypot_is_counted_as_a_claim_would_give_it(
    app: Litestar, desk: Desk
) -> None:
    honeypots = [{"example_id": desk.examples[0], "category": "sports"}]
    queue = await desk.queue(examples=desk.examples[1:4], honeypots=honeypots, shows="input")
    body = {"annotator": {"name": "ann"}, "examples": [desk.examples[1]]}
    await ok(await desk.api.post(f"/v1/queues/{queue['id']}/assign", json=body))
    async with await annotator(app, desk, "ann") as ann, await annotator(app, desk, "ben") as ben:
        [mine], [bens] = await my_queue(ann), await my_queue(ben)
        assert (mine["left"], mine["open"], bens["left"], bens["open"]) == (4, 1, 3, 0)
        [reserved] = mine["assignments"]
        assert (reserved["state"], reserved["content"]) == ("assigned", None)
        assert [message["role"] for message in reserved["input"]["messages"]] == ["user"]
        assert not {"known", "honeypots"} & {*mine, *reserved}
        [first] = await claim(ann, desk)
        await ok(await ann.post(f"/v1/assignments/{first['assignment_id']}/submit", json={"category": "money"}))
        await ok(await desk.give_back(first, "review", verdict="send_back", reason="look again"))
        [mine] = await my_queue(ann)
        assert [(row["state"], row["reason"]) for row in mine["assignments"]] == [("sent_back", "look again")]
        assert len(await claim(ann, desk, limit=100)) == mine["left"] == 4
        await delete(desk.api, desk.examples[1])
        [mine] = await my_queue(ann)
        assert (len(mine["assignments"]), mine["left"]) == (3, 0)
        await ok(await desk.api.patch(f"/v1/queues/{queue['id']}", json={"closed": True}))
        assert [(row["closed"], len(row["assignments"])) for row in await my_queue(ann)] == [(True, 3)]
        assert await my_queue(ben) == []


async def test_my_queues_come_in_pages(desk: Desk) -> None:
    queue_ids = [(await desk.queue(str(number)))["id"] for number in range(3)]
    first = await ok(await desk.api.get("/v1/me/queue", params={"limit": 2}))
    rest = await ok(await desk.api.get("/v1/me/queue", params={"limit": 2, "cursor": first["next_cursor"]}))
    assert [row["id"] for row in first["data"] + rest["data"]] == queue_ids


async def test_a_mis_click_is_taken_back_and_labeled_anew(app: Litestar, desk: Desk, engine: AsyncEngine) -> None:
    """First-day friction 24: a mis-click could not be taken back through its assignment (409)."""
    queue = await desk.queue(examples=desk.examples[:1], overlap=2)
    await desk.submit((await desk.claim("ben"))[0], "politics")
    async with await annotator(app, desk, "ann") as ann, await annotator(app, desk, "cem") as cem:
        [claimed] = await claim(ann, desk)
        path = f"/v1/assignments/{claimed['assignment_id']}"
        assert (await ann.post(f"{path}/withdraw", json={})).status_code == 409  # nothing submitted yet
        await ok(await ann.post(f"{path}/submit", json={"category": "money"}))
        refused = await ann.post(f"{path}/submit", json={"category": "sports"})
        assert (refused.status_code, "withdraw" in refused.json()["detail"]) == (409, True)
        assert (await cem.post(f"{path}/withdraw", json={})).status_code == 404
        taken_back = await ok(await ann.post(f"{path}/withdraw", json={"reason": "wrong key"}))
        assert (taken_back["state"], taken_back["leased_until"] is not None) == ("claimed", True)
        before = await head(desk.api)
        await ok(await ann.post(f"{path}/withdraw", json={}))
        assert await head(desk.api) == before
        assert (await desk.read_queue(queue["id"]))["progress"]["labels"] == 1
        assert (await desk.consensus())["too_few"] == 1
        [label] = await desk.labels(annotator="ann")
        assert (label["review"], label["reason"]) == ("withdrawn", "wrong key")
        assert await desk.labels(review="withdrawn") == [label]
        # Having no label, ann sees no other's again.
        seen = (await ok(await ann.get(f"/v1/datasets/{desk.dataset}/labels")))["data"]
        assert [row["annotator"]["name"] for row in seen] == ["ann"]
        assert await claim(cem, desk) == []
        await ok(await ann.post(f"{path}/submit", json={"category": "sports"}))
        [label] = await desk.labels(annotator="ann")
        assert (label["answers"], label["review"], label["version"]) == ({"category": ["sports"]}, None, 3)
        history = await ok(await ann.get(f"/v1/labels/{label['id']}/history"))
        assert [entry["type"] for entry in history["data"]] == ["LabelGiven", "LabelWithdrawn", "LabelGiven"]
    assert (await desk.read_queue(queue["id"]))["progress"] == {"examples": 1, "honeypots": 0, "done": 1, "labels": 2}
    await tables_follow_from_the_log(engine)


async def test_a_withdrawn_label_given_up_frees_the_example_for_others(app: Litestar, desk: Desk) -> None:
    await desk.queue(examples=desk.examples[:1])
    async with await annotator(app, desk, "ann") as ann:
        [claimed] = await claim(ann, desk)
        path = f"/v1/assignments/{claimed['assignment_id']}"
        await ok(await ann.post(f"{path}/submit", json={"category": "money"}))
        await ok(await ann.post(f"{path}/withdraw", json={}))
        assert (await ok(await ann.post(f"{path}/skip", json={"reason": "unsure"})))["state"] == "skipped"
        assert (await ann.post(f"{path}/withdraw", json={})).status_code == 409
    assert len(await desk.claim("ben")) == 1


async def test_a_label_that_was_decided_on_stays(app: Litestar, desk: Desk) -> None:
    await desk.queue(examples=desk.examples[:2])
    async with await annotator(app, desk, "ann") as ann:
        accepted, counted = await claim(ann, desk, limit=2)
        for row in (accepted, counted):
            await ok(await ann.post(f"/v1/assignments/{row['assignment_id']}/submit", json={"category": "money"}))
        await ok(await desk.give_back(accepted, "review", verdict="accept"))
        await desk.consensus(minimum=1, examples=[counted["example_id"]])
        for row in (accepted, counted):
            refused = await ann.post(f"/v1/assignments/{row['assignment_id']}/withdraw", json={})
            assert (refused.status_code, refused.json()["code"]) == (409, "decided")
        body = {"example_id": accepted["example_id"], "category": "sports"}
        around = await ann.post(f"/v1/datasets/{desk.dataset}/labels", json=body)
        assert (around.status_code, around.json()["code"]) == (409, "decided")
