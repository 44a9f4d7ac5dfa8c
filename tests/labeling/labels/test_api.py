"""Labels over HTTP: people's and models', one or many, and who may see them."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.datasets.example_bodies import (
    Json,
    add,
    chat,
    delete,
    edit,
    events_of,
    head,
    make_dataset,
    make_task,
    ok,
    pages,
    pointers,
)
from tests.labeling.annotator_clients import CATEGORIES, FALLBACK, ONTOLOGY, Desk, annotator, elsewhere, open_desk


async def test_a_label_is_given_and_read_back(desk: Desk) -> None:
    labels = await desk.post_labels({"example_id": desk.examples[0], "category": "sports", "reason": "a match"})
    path = f"/v1/datasets/{desk.dataset}/labels?example_id={desk.examples[0]}"
    assert (labels.status_code, labels.headers["Location"]) == (201, path)
    label = labels.json()
    assert label == {
        "id": label["id"],
        "version": 1,
        "dataset_id": desk.dataset,
        "example_id": desk.examples[0],
        "task_id": desk.task,
        "annotator": {"name": label["given_by"], "kind": "person"},
        "answers": {"category": ["sports"]},
        "text": None,
        "task_version": 1,
        "example_version": 1,
        "queue_id": None,
        "review": None,
        "reason": "a match",
        "given_at": label["given_at"],
        "given_by": label["given_by"],
    }
    assert await desk.labels() == [label]


async def test_a_new_label_takes_the_old_ones_place_and_history_keeps_both(desk: Desk) -> None:
    [first] = await desk.say("ann", ["sports"])
    before = await head(desk.api)
    assert await desk.say("ann", ["sports"]) == [first]
    assert await head(desk.api) == before
    [second] = await desk.say("ann", ["money"])
    assert (second["id"], second["version"], second["answers"]) == (first["id"], 2, {"category": ["money"]})
    assert await desk.labels(as_of=str(before)) == [first]
    history = await ok(await desk.api.get(f"/v1/labels/{first['id']}/history"))
    change = history["data"][1]["changes"]["answers"]
    assert change == {"before": {"category": ["sports"]}, "after": {"category": ["money"]}}


async def test_the_same_word_on_a_new_text_is_a_new_fact(desk: Desk) -> None:
    await desk.say("ann", ["sports"])
    await edit(desk.api, desk.examples[0], content=chat("Another headline?"))
    [label] = await desk.say("ann", ["sports"])
    assert (label["version"], label["example_version"]) == (2, 2)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Sports.", "sports"),
        ("I'd say MONEY rather than politics", "money"),
        ("Hmm, hard to say.", FALLBACK),
        ("", FALLBACK),
        ("unable_to_classify", FALLBACK),
    ],
)
async def test_a_models_free_text_is_read_as_the_first_category_it_names(desk: Desk, text: str, category: str) -> None:
    body = {"example_id": desk.examples[0], "annotator": {"name": "curie", "kind": "model"}, "text": text}
    label = await ok(await desk.post_labels(body))
    assert (label["answers"], label["text"]) == ({"category": [category]}, text)
    assert label["annotator"] == {"name": "curie", "kind": "model"}
    before = await head(desk.api)
    await ok(await desk.post_labels(body))
    assert await head(desk.api) == before


async def test_the_log_holds_no_word_of_a_models_text(desk: Desk) -> None:
    secret = "Politics, says the unmistakable Mr Featherstonehaugh."
    await ok(await desk.post_labels({"example_id": desk.examples[0], "text": secret}))
    assert "Featherstonehaugh" not in str(await events_of(desk.api))


async def test_a_person_and_a_model_of_one_name_are_two(desk: Desk) -> None:
    await desk.say("ada", ["sports"])
    await desk.say("ada", ["money"], kind="model")
    assert {row["annotator"]["kind"] for row in await desk.labels()} == {"person", "model"}
    assert [row["answers"] for row in await desk.labels(kind="model")] == [{"category": ["money"]}]


async def test_lists_are_filtered_and_paged_at_one_moment(desk: Desk) -> None:
    for name in ("ann", "ben"):
        await desk.say(name, CATEGORIES * 2)
    assert len(await desk.labels(annotator="ann")) == 6
    assert len(await desk.labels(example_id=desk.examples[3])) == 2
    assert await desk.labels(queue_id=elsewhere()) == []
    assert await desk.labels(review="accepted") == []
    assert len(await desk.labels(task_id=desk.task)) == 12
    path = f"/v1/datasets/{desk.dataset}/labels"
    first = await ok(await desk.api.get(path, params={"limit": 5}))
    await desk.say("cem", CATEGORIES * 2)
    rest = await ok(await desk.api.get(path, params={"limit": 100, "cursor": first["next_cursor"]}))
    assert len(first["data"] + rest["data"]) == 12
    assert [len(page) for page in await pages(desk.api, path, limit=7)] == [7, 7, 4]


async def test_answers_follow_the_ontology(api: httpx.AsyncClient) -> None:
    desk = await open_desk(api, ontology=ONTOLOGY)
    answers = {"discipline": ["chess"], "flags": ["satire", "clickbait", "satire"], "topic": ["sports"]}
    label = await ok(await desk.post_labels({"example_id": desk.examples[0], "answers": answers}))
    assert label["answers"] == {"topic": ["sports"], "discipline": ["chess"], "flags": ["clickbait", "satire"]}
    none_fits = {"topic": [FALLBACK], "flags": []}
    label = await ok(await desk.post_labels({"example_id": desk.examples[1], "answers": none_fits}))
    assert label["answers"] == none_fits


WRONG: list[tuple[Json, int, list[str]]] = [
    ({"answers": {"topic": ["war"]}}, 422, ["/answers/topic/0"]),
    ({"answers": {"topic": ["sports", "politics"]}}, 422, ["/answers/topic"]),
    ({"answers": {"topic": []}}, 422, ["/answers/topic"]),
    ({"answers": {"flags": ["satire"]}}, 422, ["/answers/topic"]),
    ({"answers": {"topic": ["politics"], "discipline": ["chess"]}}, 422, ["/answers/discipline"]),
    ({"answers": {"topic": ["sports"], "mood": ["bad"]}}, 422, ["/answers/mood"]),
    ({"category": "sports"}, 422, ["/category"]),
    ({"text": "sports"}, 422, ["/text"]),
    ({}, 422, ["/answers"]),
    ({"category": "sports", "text": "sports"}, 422, ["/category", "/text"]),
    ({"answers": {"topic": "sports"}}, 400, ["/answers"]),
]


@pytest.mark.parametrize(("body", "status", "wanted"), WRONG)
async def test_what_is_no_answer_is_refused_with_its_pointer(
    api: httpx.AsyncClient, body: Json, status: int, wanted: list[str]
) -> None:
    desk = await open_desk(api, size=1, ontology=ONTOLOGY)
    refused = await desk.post_labels({"example_id": desk.examples[0], **body})
    assert (refused.status_code, [p[: len(w)] for p, w in zip(pointers(refused), wanted, strict=True)]) == (
        status,
        wanted,
    )
    assert await desk.labels() == []


async def test_of_many_labels_all_faults_are_told_and_none_is_kept(desk: Desk) -> None:
    gone = desk.examples[1]
    await delete(desk.api, gone)
    another = await make_dataset(desk.api, "another")
    foreign = await add(desk.api, another)
    ann = {"name": "ann"}
    labels: list[Json] = [
        {"example_id": desk.examples[0], "category": "sports"},
        {"example_id": desk.examples[3], "category": "war"},
        {"example_id": elsewhere(), "category": "sports"},
        {"example_id": gone, "category": "sports"},
        {"example_id": foreign["id"], "category": "sports"},
        {"example_id": desk.examples[2], "annotator": ann, "category": "sports"},
        {"example_id": desk.examples[2], "annotator": ann, "category": "money"},
    ]
    refused = await desk.post_labels({"labels": labels})
    assert (refused.status_code, sorted(pointers(refused))) == (
        422,
        [
            "/labels/1/category",
            "/labels/2/example_id",
            "/labels/3/example_id",
            "/labels/4/example_id",
            "/labels/5/example_id",
            "/labels/6/example_id",
        ],
    )
    assert await desk.labels() == []


async def test_a_text_without_a_category_is_refused_where_there_is_no_fallback(api: httpx.AsyncClient) -> None:
    task = await make_task(api, categories=["yes", "no"])
    dataset = await make_dataset(api, task_id=task["id"])
    example = await add(api, dataset)
    refused = await api.post(f"/v1/datasets/{dataset}/labels", json={"example_id": example["id"], "text": "Perhaps."})
    assert (refused.status_code, pointers(refused)) == (422, ["/text"])


async def test_labels_are_for_a_task_that_asks_something(api: httpx.AsyncClient) -> None:
    bare = await make_dataset(api)
    example = await add(api, bare)
    body: Json = {"example_id": example["id"], "category": "sports"}
    path = f"/v1/datasets/{bare}/labels"
    silent = await make_task(api)
    for more in ({}, {"task_id": silent["id"]}, {"task_id": elsewhere()}):
        refused = await api.post(path, json={**body, **more})
        assert (refused.status_code, pointers(refused)) == (422, ["/task_id"])
    other = await make_task(api, name="topics", categories=CATEGORIES)
    label = await ok(await api.post(path, json={**body, "task_id": other["id"]}))
    assert label["task_id"] == other["id"]


async def test_an_annotators_key_sees_no_others_label_before_its_own(app: Litestar, desk: Desk) -> None:
    await desk.say("ann", ["sports", "money"])
    async with await annotator(app, desk, "ben") as ben:
        path = f"/v1/datasets/{desk.dataset}/labels"
        assert (await ok(await ben.get(path)))["data"] == []
        [hers] = [label for label in await desk.labels() if label["example_id"] == desk.examples[0]]
        assert (await ben.get(f"/v1/labels/{hers['id']}/history")).status_code == 404
        await ok(await ben.post(path, json={"example_id": desk.examples[0], "category": "politics"}))
        seen = (await ok(await ben.get(path)))["data"]
        assert {(row["annotator"]["name"], row["example_id"]) for row in seen} == {
            ("ann", desk.examples[0]),
            ("ben", desk.examples[0]),
        }
        assert (await ben.get(f"/v1/labels/{hers['id']}/history")).status_code == 200
    async with await annotator(app, desk, "lead", "labels:write", "labels:read") as lead:
        assert len((await ok(await lead.get(path)))["data"]) == 3


async def test_in_a_queue_that_is_not_blind_others_labels_come_with_the_claim(app: Litestar, desk: Desk) -> None:
    blind = await desk.queue("blind", overlap=2, examples=desk.examples[:1])
    seeing = await desk.queue("seeing", overlap=2, examples=desk.examples[1:2], blind=False)
    async with await annotator(app, desk, "ben") as ben:
        for queue, shown in ((blind, []), (seeing, [{"category": ["sports"]}])):
            [mine] = await desk.claim("ann", queue_id=queue["id"])
            assert mine["labels"] == []
            await ok(await desk.submit(mine, "sports"))
            path = f"/v1/datasets/{desk.dataset}/queue/claim"
            claimed = await ok(await ben.post(path, json={"queue_id": queue["id"]}))
            assert [label["answers"] for label in claimed["data"][0]["labels"]] == shown
            listed = await ok(await ben.get(f"/v1/datasets/{desk.dataset}/labels", params={"queue_id": queue["id"]}))
            assert [label["answers"] for label in listed["data"]] == shown


async def test_an_annotators_key_steers_nobody_and_measures_nobody(app: Litestar, desk: Desk) -> None:
    queue = await desk.queue()
    [claimed] = await desk.claim("ann")
    await ok(await desk.submit(claimed, "sports"))
    async with await annotator(app, desk, "ben") as ben:
        refused = [
            await ben.post(f"/v1/datasets/{desk.dataset}/queues", json={"name": "mine"}),
            await ben.patch(f"/v1/queues/{queue['id']}", json={"blind": False}),
            await ben.post(f"/v1/queues/{queue['id']}/examples", json={}),
            await ben.post(
                f"/v1/queues/{queue['id']}/assign", json={"annotator": {"name": "ben"}, "examples": desk.examples}
            ),
            await ben.get(f"/v1/queues/{queue['id']}/annotators"),
            await ben.get(f"/v1/datasets/{desk.dataset}/agreement"),
            await ben.post(f"/v1/datasets/{desk.dataset}/consensus", json={"rule": "majority"}),
            await ben.post(f"/v1/assignments/{claimed['assignment_id']}/review", json={"verdict": "accept"}),
        ]
        assert [answer.status_code for answer in refused] == [403] * len(refused)
        assert (await ben.get(f"/v1/assignments/{claimed['assignment_id']}")).status_code == 404
        assert (await ok(await ben.get(f"/v1/queues/{queue['id']}/assignments")))["data"] == []


async def test_labels_are_their_workspaces_own(desk: Desk, stranger: httpx.AsyncClient) -> None:
    [label] = await desk.say("ann", ["sports"])
    calls: list[tuple[str, str, Any]] = [
        ("POST", f"/v1/datasets/{desk.dataset}/labels", {"example_id": desk.examples[0], "category": "sports"}),
        ("GET", f"/v1/datasets/{desk.dataset}/labels", None),
        ("GET", f"/v1/labels/{label['id']}/history", None),
        ("GET", f"/v1/datasets/{desk.dataset}/agreement", None),
        ("POST", f"/v1/datasets/{desk.dataset}/consensus", {"rule": "majority"}),
    ]
    answers = [await stranger.request(method, path, json=body) for method, path, body in calls]
    assert [answer.status_code for answer in answers] == [404] * len(calls)
