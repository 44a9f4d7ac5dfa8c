"""Agreement and consensus over HTTP: measured, written into the examples, and never guessed."""

from typing import Any

import httpx
import pytest

from tests.datasets.example_bodies import export, freeze, head, list_examples, ok, pointers, repair
from tests.labeling.annotator_clients import CATEGORIES, ONTOLOGY, Desk, all_of, elsewhere, open_desk

# Three people's topics of six headlines: all agree, two of three, all differ, two alone and agree, one alone, nobody.
ANN = ["sports", "sports", "sports", "money", "money", None]
BEN = ["sports", "sports", "politics", "money", None, None]
CEM = ["sports", "money", "money", None, None, None]


async def labelled(desk: Desk) -> None:
    for name, labels in (("ann", ANN), ("ben", BEN), ("cem", CEM)):
        await desk.say(name, labels)


async def test_the_majority_becomes_the_label_with_its_votes(desk: Desk) -> None:
    await labelled(desk)
    before = await head(desk.api)
    outcome = await desk.consensus(reason="first pass")
    ties = [{"question": "category", "weights": {"sports": 1.0, "politics": 1.0, "money": 1.0}}]
    assert outcome == {
        "labelled": 3,
        "unchanged": 0,
        "too_few": 1,
        "kept": 0,
        "tied": 1,
        "honeypots": 0,
        "impersonated": 12,
        "ties": [{"example_id": desk.examples[2], "ties": ties}],
        "answered": 0,
        "refused": [],
    }
    example = await desk.example(1)
    assert example["label"] == {"answers": {"category": ["sports"]}, "rule": "majority"}
    assert [(vote["annotator"], vote["answers"]["category"]) for vote in example["votes"]] == [
        ("ann", ["sports"]),
        ("ben", ["sports"]),
        ("cem", ["money"]),
    ]
    assert (await desk.example(1, as_of=str(before)))["label"] is None
    assert [(await desk.example(place))["label"] for place in (2, 4, 5)] == [None] * 3
    history = await ok(await desk.api.get(f"/v1/examples/{desk.examples[1]}/history"))
    entry = history["data"][-1]
    assert (entry["type"], entry["reason"]) == ("ExampleLabelled", "first pass")
    assert entry["changes"]["label"] == {"before": None, "after": example["label"]}


async def test_the_same_consensus_again_records_nothing(desk: Desk) -> None:
    await labelled(desk)
    await desk.consensus()
    before = await head(desk.api)
    again = await desk.consensus()
    assert (again["labelled"], again["unchanged"], await head(desk.api)) == (0, 3, before)
    await desk.say("dan", [None, "money", None])
    changed = await desk.consensus()
    assert (changed["labelled"], changed["tied"]) == (0, 2)
    assert (await desk.example(1))["label"]["answers"] == {"category": ["sports"]}


async def test_votes_weigh_what_the_honeypots_say_of_their_voters(api: httpx.AsyncClient) -> None:
    """Ann has both honeypots right and counts (2+1)/(2+2); Ben and Cem none, and count ¼ each."""
    desk = await open_desk(api)
    honeypots = [{"example_id": one, "category": "sports"} for one in desk.examples[:2]]
    queue = await desk.queue(honeypots=honeypots, overlap=3)
    for name, category in (("ann", "sports"), ("ben", "money"), ("cem", "money")):
        for claimed in await desk.claim(name, limit=100):
            await ok(await desk.submit(claimed, category))
    work = await ok(await api.get(f"/v1/queues/{queue['id']}/annotators"))
    assert {row["annotator"]["name"]: row["honeypots"] for row in work["data"]} == {
        "ann": {"answered": 2, "right": 2, "score": 0.75},
        "ben": {"answered": 2, "right": 0, "score": 0.25},
        "cem": {"answered": 2, "right": 0, "score": 0.25},
    }
    assert (await desk.consensus("majority", examples=desk.examples[4:]))["labelled"] == 2
    assert (await desk.example(5))["label"]["answers"] == {"category": ["money"]}
    assert (await desk.consensus("weighted", queue_id=queue["id"]))["labelled"] == 4
    example = await desk.example(5)
    assert example["label"] == {"answers": {"category": ["sports"]}, "rule": "weighted"}
    assert [vote["weight"] for vote in example["votes"]] == [0.75, 0.25, 0.25]


async def test_an_adjudicated_label_is_the_last_word(desk: Desk) -> None:
    await labelled(desk)
    decisions = [{"example_id": desk.examples[2], "category": "politics", "reason": "it names the senate"}]
    assert (await desk.consensus("adjudicated", decisions=decisions))["labelled"] == 1
    example = await desk.example(2)
    assert example["label"] == {"answers": {"category": ["politics"]}, "rule": "adjudicated"}
    assert len(example["votes"]) == 3
    for name in ("ann", "ben"):
        await desk.say(name, [None, None, "money"])
    outcome = await desk.consensus()
    assert (outcome["kept"], (await desk.example(2))["label"]) == (1, example["label"])
    before = await head(desk.api)
    other = [{"example_id": desk.examples[2], "category": "money"}]
    assert (await desk.consensus("adjudicated", decisions=other))["labelled"] == 1
    assert await head(desk.api) == before + 1


async def test_models_vote_only_when_asked(desk: Desk) -> None:
    await desk.say("ann", ["sports"])
    await desk.say("curie", ["sports"], kind="model")
    assert (await desk.consensus())["too_few"] == 1
    assert (await desk.consensus(include_models=True))["labelled"] == 1
    assert [vote.get("kind", "person") for vote in (await desk.example(0))["votes"]] == ["model", "person"]


async def test_nested_and_multiple_answers_are_decided_by_those_whom_they_concern(api: httpx.AsyncClient) -> None:
    desk = await open_desk(api, size=2, ontology=ONTOLOGY)
    labels: list[tuple[str, Any]] = [
        ("ann", {"topic": ["sports"], "discipline": ["chess"], "flags": ["satire", "clickbait"]}),
        ("ben", {"topic": ["sports"], "discipline": ["chess"], "flags": ["satire"]}),
        ("cem", {"topic": ["politics"], "flags": ["advert"]}),
    ]
    for name, answers in labels:
        body = {"example_id": desk.examples[0], "annotator": {"name": name}, "answers": answers}
        await ok(await desk.post_labels(body))
    await desk.consensus()
    label = (await desk.example(0))["label"]
    assert label["answers"] == {"topic": ["sports"], "discipline": ["chess"], "flags": ["satire"]}
    for name, flags in (("ann", ["satire"]), ("ben", ["advert"])):
        answers = {"topic": ["politics"], "flags": flags}
        await ok(
            await desk.post_labels({"example_id": desk.examples[1], "annotator": {"name": name}, "answers": answers})
        )
    outcome = await desk.consensus()
    assert [tie["question"] for tie in outcome["ties"][0]["ties"]] == ["flags"]


async def test_a_label_changes_no_bytes_that_were_frozen_and_stays_over_a_repair(desk: Desk) -> None:
    await labelled(desk)
    frozen = await freeze(desk.api, desk.dataset, "before")
    bytes_before = await export(desk.api, desk.dataset, version="before")
    await desk.consensus()
    after = await freeze(desk.api, desk.dataset, "after")
    assert after["digest"] == frozen["digest"]
    assert await export(desk.api, desk.dataset, version="before") == bytes_before
    diff = await ok(
        await desk.api.get(f"/v1/datasets/{desk.dataset}/compare", params={"from": "before", "to": "after"})
    )
    assert [(row["before"]["label"], row["after"]["label"]["rule"]) for row in diff["data"]] == [(None, "majority")] * 3
    repaired = await repair(desk.api, desk.examples[0], "A better answer.")
    assert repaired["label"]["answers"] == {"category": ["sports"]}
    assert len(await list_examples(desk.api, desk.dataset, labelled=True)) == 3
    assert len(await list_examples(desk.api, desk.dataset, labelled=False)) == 3
    assert [row["id"] for row in await list_examples(desk.api, desk.dataset, label="money")] == [desk.examples[3]]
    assert await list_examples(desk.api, desk.dataset, label="politics") == []
    assert await list_examples(desk.api, desk.dataset, labelled=True, as_of="before") == []


@pytest.mark.parametrize(
    ("body", "status", "wanted"),
    [
        ({"rule": "adjudicated"}, 400, "/decisions"),
        ({"rule": "majority", "decisions": [{"example_id": elsewhere(), "category": "x"}]}, 400, "/decisions"),
        (
            {"rule": "adjudicated", "decisions": [{"example_id": elsewhere(), "category": "sports"}]},
            422,
            "/decisions/0/example_id",
        ),
        (
            {"rule": "adjudicated", "decisions": [{"example_id": elsewhere(), "category": "war"}]},
            422,
            "/decisions/0/category",
        ),
        ({"rule": "majority", "examples": [elsewhere()]}, 422, "/examples/0"),
        ({"rule": "majority", "task_id": elsewhere()}, 422, "/task_id"),
        ({"rule": "guess"}, 400, "/rule"),
    ],
)
async def test_a_consensus_that_makes_no_sense_is_refused(desk: Desk, body: Any, status: int, wanted: str) -> None:
    refused = await desk.api.post(f"/v1/datasets/{desk.dataset}/consensus", json=body)
    assert (refused.status_code, pointers(refused)) == (status, [wanted])


async def test_agreement_is_told_by_task_pair_annotator_category_and_example(desk: Desk) -> None:
    await labelled(desk)
    [task] = await desk.agreement(metric="raw_share,krippendorff_alpha")
    assert (task["question"], task["examples"], task["labels"]) == ("category", 4, 11)
    assert task["values"]["raw_share@1"] == {"value": 0.5, "reason": None}
    assert task["values"]["krippendorff_alpha@1"]["value"] == pytest.approx(1 - (5 / 11) / (68 / 110))
    pairs = await desk.agreement(by="pair", metric="cohen_kappa")
    assert [(row["annotator"]["name"], row["other"]["name"], row["examples"]) for row in pairs] == [
        ("ann", "ben", 4),
        ("ann", "cem", 3),
        ("ben", "cem", 3),
    ]
    assert [row["annotator"]["name"] for row in await desk.agreement(by="annotator")] == ["ann", "ben", "cem"]
    by_category = await desk.agreement(by="category")
    assert [row["category"] for row in by_category] == [*CATEGORIES, "UNABLE_TO_CLASSIFY"]
    assert by_category[-1]["values"]["raw_share@1"]["value"] is None
    path = f"/v1/datasets/{desk.dataset}/agreement"
    first = await ok(await desk.api.get(path, params={"by": "example", "limit": 3}))
    rest = await ok(await desk.api.get(path, params={"by": "example", "cursor": first["next_cursor"]}))
    shares = [row["values"]["majority_share@1"]["value"] for row in first["data"] + rest["data"]]
    assert shares == pytest.approx([1, 2 / 3, 1 / 3, 1])
    assert rest["next_cursor"] is None


async def test_a_model_is_held_against_people_as_the_tutorial_does(desk: Desk) -> None:
    """Kili's tutorial: with one person and one model the score is 1 where they agree and ½ where not."""
    await desk.say("ann", ["sports", "money", "money", "politics"])
    await desk.say("curie", ["sports", "sports", "money", "money"], kind="model")
    [alone] = await desk.agreement()
    assert alone["values"]["raw_share@1"]["reason"] == "No example has labels of two annotators."
    [row] = await desk.agreement(model="curie", metric="kili_consensus,raw_share,cohen_kappa")
    values = {name: value["value"] for name, value in row["values"].items()}
    assert (values["kili_consensus@1"], values["raw_share@1"]) == (0.75, 0.5)
    assert values["cohen_kappa@1"] == pytest.approx(0.2)
    [everyone] = await desk.agreement(annotators="all", metric="raw_share")
    assert everyone["values"]["raw_share@1"]["value"] == 0.5
    unknown = await desk.api.get(f"/v1/datasets/{desk.dataset}/agreement", params={"model": "davinci"})
    assert unknown.status_code == 404


async def test_agreement_is_told_as_it_was_and_of_one_queue(desk: Desk) -> None:
    queue = await desk.queue(overlap=2, examples=desk.examples[:2])
    for name in ("ann", "ben"):
        for claimed in await desk.claim(name, limit=2):
            await ok(await desk.submit(claimed, "sports"))
    await freeze(desk.api, desk.dataset, "then")
    await desk.say("cem", ["money", "money"])
    [now] = await desk.agreement(metric="raw_share")
    [then] = await desk.agreement(metric="raw_share", as_of="then")
    [queued] = await desk.agreement(metric="raw_share", queue=queue["id"])
    assert [row["values"]["raw_share@1"]["value"] for row in (now, then, queued)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("query", "status", "wanted"),
    [
        ({"metric": "accuracy"}, 400, ["?metric"]),
        ({"by": "colour"}, 400, None),
        ({"question": "mood"}, 400, ["?question"]),
        ({"queue": elsewhere()}, 404, None),
        ({"task_id": elsewhere()}, 404, None),
        ({"as_of": "2999-01-01T00:00:00Z"}, 400, ["?as_of"]),
        ({"cursor": "zzz"}, 400, ["?cursor"]),
    ],
)
async def test_what_cannot_be_measured_is_refused(
    desk: Desk, query: dict[str, str], status: int, wanted: list[str] | None
) -> None:
    refused = await desk.api.get(f"/v1/datasets/{desk.dataset}/agreement", params=query)
    assert refused.status_code == status, refused.text
    assert wanted is None or pointers(refused) == wanted


async def test_agreement_of_nothing_is_null_with_its_reason(desk: Desk) -> None:
    [row] = await desk.agreement()
    assert row["examples"] == 0
    assert {value["value"] for value in row["values"].values()} == {None}
    assert all(value["reason"] for value in row["values"].values())


async def test_a_consensus_while_others_edit_loses_nothing(desk: Desk) -> None:
    await labelled(desk)
    paths = [f"/v1/examples/{example}" for example in desk.examples]
    edits = [desk.api.patch(path, json={"tags": [tag]}) for path in paths for tag in ("seen", "done")]
    outcome, *edited = await all_of([desk.consensus(), *edits])
    assert outcome["labelled"] == 3
    assert {answer.status_code for answer in edited} == {200}
    examples = [await desk.example(place) for place in range(6)]
    assert [example["label"] is not None for example in examples] == [True, True, False, True, False, False]
    assert all(example["tags"] in (["seen"], ["done"]) for example in examples)
