"""Queues over HTTP: who gets which example, and when it is offered again."""

import asyncio
from collections import Counter

import httpx

from tests.datasets.example_bodies import add, delete, head, ok, pointers
from tests.labeling.annotator_clients import Desk, all_of, elsewhere, open_desk


async def test_a_queue_holds_what_a_filter_matches(api: httpx.AsyncClient) -> None:
    desk = await open_desk(api, size=2)
    tagged = await add(api, desk.dataset, "Tagged?", tags=["hard"])
    response = await api.post(
        f"/v1/datasets/{desk.dataset}/queues", json={"name": "hard ones", "filter": {"tag": "hard"}}
    )
    queue = response.json()
    assert (response.status_code, response.headers["Location"]) == (201, f"/v1/queues/{queue['id']}")
    assert queue["progress"] == {"examples": 1, "honeypots": 0, "done": 0, "labels": 0}
    assert [row["example_id"] for row in await desk.claim("ann", limit=10)] == [tagged["id"]]


async def test_each_example_goes_to_so_many_annotators_and_to_none_twice(desk: Desk) -> None:
    await desk.queue(overlap=2)
    seen: dict[str, list[str]] = {}
    for name in ("ann", "ben", "cem"):
        claimed = await desk.claim(name, limit=100)
        seen[name] = [row["example_id"] for row in claimed]
        assert await desk.claim(name, limit=100) == []
    assert [len(set(those)) for those in seen.values()] == [6, 6, 0]
    assert Counter(one for those in seen.values() for one in those) == dict.fromkeys(desk.examples, 2)


async def test_annotators_who_claim_at_once_never_get_more_places_than_there_are(desk: Desk) -> None:
    await desk.queue(overlap=2)
    claims = [desk.claim(f"annotator {number}", limit=4) for number in range(8)]
    taken = [(row["example_id"], row["annotator"]["name"]) for rows in await all_of(claims) for row in rows]
    assert len(taken) == len(set(taken))
    assert max(Counter(example for example, _ in taken).values()) == 2
    left = await desk.claim("latecomer", limit=100)
    assert len(taken) + len(left) == 12


async def test_one_annotator_who_claims_twice_at_once_has_no_example_twice(desk: Desk) -> None:
    await desk.queue(overlap=5)
    claims = await all_of(desk.claim("ann", limit=3) for _ in range(4))
    taken = [row["example_id"] for rows in claims for row in rows]
    assert len(taken) == len(set(taken)) == 6


async def test_a_claim_that_lapsed_is_offered_again_and_a_late_label_only_counts_while_nobody_has_it(
    desk: Desk,
) -> None:
    queue = await desk.queue(examples=desk.examples[:2], lease_seconds=1)
    late = await desk.claim("ann", limit=2)
    assert await desk.claim("ben", limit=2) == []
    await asyncio.sleep(1.1)
    [taken] = await desk.claim("ben", limit=1)
    by_example = {row["example_id"]: row for row in late}
    refused = await desk.submit(by_example.pop(taken["example_id"]), "sports")
    assert (refused.status_code, refused.json()["code"]) == (409, "lease_lapsed")
    [free] = by_example.values()
    assert (await ok(await desk.submit(free, "money")))["state"] == "submitted"
    assert (await ok(await desk.submit(taken, "politics")))["state"] == "submitted"
    assert (await desk.read_queue(queue["id"]))["progress"] == {"examples": 2, "honeypots": 0, "done": 2, "labels": 2}
    assert {row["annotator"]["name"]: row["answers"] for row in await desk.labels()} == {
        "ann": {"category": ["money"]},
        "ben": {"category": ["politics"]},
    }


async def test_submitting_again_records_nothing_and_another_answer_is_refused(desk: Desk) -> None:
    await desk.queue()
    [claimed] = await desk.claim("ann")
    await ok(await desk.submit(claimed, "sports"))
    before = await head(desk.api)
    assert (await ok(await desk.submit(claimed, "sports")))["state"] == "submitted"
    assert await head(desk.api) == before
    refused = await desk.submit(claimed, "money")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


async def test_annotators_who_submit_the_same_example_at_once_lose_nothing(desk: Desk) -> None:
    await desk.queue(examples=desk.examples[:1], overlap=6)
    claims = [(await desk.claim(f"annotator {number}"))[0] for number in range(6)]
    sent = await all_of(desk.submit(claimed, "sports") for claimed in claims)
    assert [answer.status_code for answer in sent] == [200] * 6
    assert len(await desk.labels()) == 6


async def test_a_skipped_example_goes_to_others_and_a_released_one_may_come_back(desk: Desk) -> None:
    queue = await desk.queue(examples=desk.examples[:1])
    [claimed] = await desk.claim("ann")
    refused = await desk.give_back(claimed, "skip")
    assert (refused.status_code, pointers(refused)) == (400, ["/reason"])
    skipped = await ok(await desk.give_back(claimed, "skip", reason="not my field"))
    assert (skipped["state"], skipped["reason"]) == ("skipped", "not my field")
    assert await desk.claim("ann") == []
    [hers] = await desk.claim("ben")
    await ok(await desk.give_back(hers, "release"))
    again = await desk.claim("ben")
    assert [row["example_id"] for row in again] == desk.examples[:1]
    assert (await desk.submit(claimed, "sports")).status_code == 409
    work = await ok(await desk.api.get(f"/v1/queues/{queue['id']}/annotators"))
    assert {row["annotator"]["name"]: row["states"] for row in work["data"]} == {
        "ann": {"skipped": 1},
        "ben": {"claimed": 1},
    }


async def test_a_label_is_sent_back_to_the_same_annotator_and_counts_for_nothing_meanwhile(desk: Desk) -> None:
    queue = await desk.queue(examples=desk.examples[:1])
    [claimed] = await desk.claim("ann")
    await ok(await desk.submit(claimed, "sports"))
    refused = await desk.give_back(claimed, "review", verdict="send_back")
    assert (refused.status_code, pointers(refused)) == (400, ["/reason"])
    back = await ok(await desk.give_back(claimed, "review", verdict="send_back", reason="look again"))
    assert back["state"] == "sent_back"
    assert (await desk.consensus(minimum=1))["labelled"] == 0
    assert await desk.claim("ben") == []
    [again] = await desk.claim("ann")
    assert (again["assignment_id"], again["reason"]) == (claimed["assignment_id"], "look again")
    await ok(await desk.submit(again, "politics"))
    accepted = await ok(await desk.give_back(claimed, "review", verdict="accept"))
    assert accepted["state"] == "accepted"
    [label] = await desk.labels()
    assert (label["answers"], label["review"], label["version"]) == ({"category": ["politics"]}, "accepted", 4)
    history = await ok(await desk.api.get(f"/v1/labels/{label['id']}/history"))
    assert [entry["type"] for entry in history["data"]] == [
        "LabelGiven",
        "LabelReviewed",
        "LabelGiven",
        "LabelReviewed",
    ]
    assert history["data"][1]["reason"] == "look again"
    assert (await desk.read_queue(queue["id"]))["progress"]["labels"] == 1


async def test_honeypots_look_like_any_example_and_go_to_everyone(desk: Desk) -> None:
    honeypots = [{"example_id": desk.examples[0], "category": "sports"}]
    queue = await desk.queue(examples=desk.examples[1:], honeypots=honeypots)
    assert queue["progress"] == {"examples": 5, "honeypots": 1, "done": 0, "labels": 0}
    ann = await desk.claim("ann", limit=3)
    ben = await desk.claim("ben", limit=3)
    assert len({frozenset(row) for row in ann + ben}) == 1
    rest = await desk.claim("ann", limit=9) + await desk.claim("ben", limit=9)
    shared = Counter(row["example_id"] for row in [*ann, *ben, *rest])
    assert shared.pop(desk.examples[0], 0) in {1, 2}
    assert set(shared.values()) == {1}
    assert "known" not in str(ann + ben)


async def test_honeypots_are_not_offered_when_there_is_nothing_to_hide_among(desk: Desk) -> None:
    await desk.queue(examples=desk.examples[:1], honeypots=[{"example_id": desk.examples[1], "category": "sports"}])
    for claimed in await desk.claim("ann", limit=5):
        await ok(await desk.submit(claimed, "sports"))
    assert await desk.claim("ben", limit=5) == []


async def test_what_is_assigned_is_kept_and_comes_first(desk: Desk) -> None:
    queue = await desk.queue()
    example_id = desk.examples[4]
    body = {"annotator": {"name": "ann"}, "examples": [example_id]}
    page = await ok(await desk.api.post(f"/v1/queues/{queue['id']}/assign", json=body))
    assert [row["state"] for row in page["data"]] == ["assigned"]
    before = await head(desk.api)
    await ok(await desk.api.post(f"/v1/queues/{queue['id']}/assign", json=body))
    assert await head(desk.api) == before
    assert example_id not in [row["example_id"] for row in await desk.claim("ben", limit=100)]
    [first] = await desk.claim("ann", limit=1)
    assert first["example_id"] == example_id
    refused = await desk.api.post(
        f"/v1/queues/{queue['id']}/assign", json={"annotator": {"name": "cem"}, "examples": [example_id]}
    )
    assert refused.status_code == 409
    absent = await desk.api.post(
        f"/v1/queues/{queue['id']}/assign", json={"annotator": {"name": "cem"}, "examples": [elsewhere()]}
    )
    assert absent.status_code == 404


async def test_examples_are_added_once_and_deleted_ones_are_not_offered(desk: Desk) -> None:
    queue = await desk.queue(examples=desk.examples[:2])
    path = f"/v1/queues/{queue['id']}/examples"
    assert await ok(await desk.api.post(path, json={})) == {"added": 4, "honeypots": 0, "left": 0}
    assert await ok(await desk.api.post(path, json={})) == {"added": 0, "honeypots": 0, "left": 0}
    await delete(desk.api, desk.examples[0])
    claimed = await desk.claim("ann", limit=100)
    assert {row["example_id"] for row in claimed} == set(desk.examples[1:])
    await delete(desk.api, claimed[0]["example_id"])
    refused = await desk.submit(claimed[0], "sports")
    assert (refused.status_code, "deleted" in refused.json()["detail"]) == (409, True)
