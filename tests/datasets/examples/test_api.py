"""Adding and reading examples over HTTP."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    REQUIREMENTS,
    add,
    add_many,
    chat,
    edit,
    events_of,
    five_stars,
    freeze,
    head,
    list_examples,
    make_dataset,
    make_task,
    ok,
    pointers,
)

DEEP: Any = json.loads('{"a":' * 70 + "1" + "}" * 70)


async def post(api: httpx.AsyncClient, dataset_id: str, body: Any, **headers: str) -> httpx.Response:
    return await api.post(f"/v1/datasets/{dataset_id}/examples", json=body, headers=headers)


async def test_an_example_is_added_and_read_back(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    body = {
        "content": chat("What is new?", "Nothing."),
        "tags": ["a", "b", "a"],
        "source": {"type": "document", "name": "report.pdf"},
        "external_id": "row 1",
        "split": "validation",
        "metadata": {"page": 7, "huge": 10**40},
        "rating": five_stars(4),
    }
    response = await post(api, dataset, body)
    assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
    example = response.json()
    actor = example["created_by"]
    assert example == {
        "id": example["id"],
        "dataset_id": dataset,
        "version": 1,
        "external_id": "row 1",
        "content": body["content"],
        "erased": False,
        "tags": ["a", "b"],
        "source": body["source"],
        "split": "validation",
        "rating": {"average": 4.0, "raters": {actor: five_stars(4)}},
        "unanswered": False,
        "repaired": False,
        "repair": None,
        "valid": True,
        "mismatches": [],
        "task_version": None,
        "label": None,
        "votes": [],
        "metadata": body["metadata"],
        "created_at": example["created_at"],
        "created_by": actor,
        "updated_at": example["created_at"],
        "updated_by": actor,
    }
    read = await api.get(response.headers["Location"])
    assert (read.json(), read.headers["ETag"]) == (example, '"1"')
    assert await list_examples(api, dataset) == [example]


async def test_an_example_keeps_what_is_special_about_its_content(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"q":1}'}}
    content = {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Zoë 🦊 “what”\n\t?"}]},
            {"role": "assistant", "reasoning": "Look it up.", "tool_calls": [call]},
            {"role": "tool", "content": "42", "tool_call_id": "c1"},
        ],
        "tools": [{"type": "function", "function": {"name": "find", "parameters": {"zeta": 1, "alpha": 2}}}],
        "chosen": {"role": "assistant", "content": "42", "weight": 1},
        "rejected": {"role": "assistant", "content": "41"},
    }
    example = (await post(api, dataset, {"content": content})).json()
    read = await ok(await api.get(f"/v1/examples/{example['id']}"))
    assert read["content"] == content
    assert list(read["content"]["tools"][0]["function"]["parameters"]) == ["zeta", "alpha"]


async def test_a_thousand_examples_are_added_by_one_request(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, [{"content": chat(str(n)), "external_id": str(n)} for n in range(1_000)])
    assert [example["external_id"] for example in examples] == [str(n) for n in range(1_000)]
    assert await list_examples(api, dataset) == examples
    too_many = await post(api, dataset, {"examples": [{"content": chat("x")}] * 1_001})
    assert (too_many.status_code, pointers(too_many)) == (400, ["/examples"])


@pytest.mark.parametrize("several", [True, False])
async def test_a_repeated_request_adds_once_and_answers_alike(api: httpx.AsyncClient, several: bool) -> None:
    dataset = await make_dataset(api)
    one = {"content": chat("What now?")}
    body = {"examples": [one, one]} if several else one
    first, again = [await post(api, dataset, body, **{"Idempotency-Key": '"k"'}) for _ in range(2)]
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await events_of(api, types="ExampleAdded")) == (2 if several else 1)
    examples = await list_examples(api, dataset)
    assert examples == (first.json()["data"] if several else [first.json()])


async def test_every_fault_of_a_batch_is_told_at_once_and_nothing_is_added(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    silent = {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": ""}]}
    several = [
        {"content": chat("good")},
        {"content": {"messages": [{"role": "user", "content": "?"}]}},
        {"content": silent, "metadata": DEEP},
        {"content": chat("a\0b"), "metadata": {"k/e~y": "c\0"}},
        {"content": chat("rated"), "rating": {"requirements": {"a/b": {"type": "stars", "value": 1}}}},
        {"content": chat("unrated"), "rating": {}},
    ]
    refused = await post(api, dataset, {"examples": several})
    assert refused.status_code == 422
    assert sorted(pointers(refused)) == [
        "/examples/1/content/messages/0/role",
        "/examples/2/content/messages/1/content",
        "/examples/2/metadata",
        "/examples/3/content/messages/0/content",
        "/examples/3/metadata/k~1e~0y",
        "/examples/4/rating/requirements/a~1b",
        "/examples/5/rating",
    ]
    assert await list_examples(api, dataset) == []


async def test_external_ids_are_unique_in_their_dataset_and_all_that_are_taken_are_told(
    api: httpx.AsyncClient,
) -> None:
    dataset = await make_dataset(api)
    there = await add(api, dataset, external_id="x")
    several = [{"content": chat("?"), "external_id": id_} for id_ in ("x", "y", "z", "y")]
    refused = await post(api, dataset, {"examples": several})
    assert refused.status_code == 409
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [
        ("/examples/0/external_id", "taken"),
        ("/examples/1/external_id", "repeated"),
        ("/examples/3/external_id", "repeated"),
    ]
    assert there["id"] in refused.json()["errors"][0]["detail"]
    assert (await post(api, dataset, {"content": chat("?"), "external_id": "x"})).status_code == 409
    other = await make_dataset(api, "other")
    assert (await add(api, other, external_id="x"))["external_id"] == "x"
    assert await list_examples(api, dataset) == [there]


async def test_an_external_id_stays_taken_when_its_example_is_deleted(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    there = await add(api, dataset, external_id="x")
    await api.delete(f"/v1/examples/{there['id']}")
    refused = await post(api, dataset, {"content": chat("?"), "external_id": "x"})
    assert (refused.status_code, pointers(refused)) == (409, ["/external_id"])


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, ["/content"]),
        ({"content": chat("?"), "examples": [{"content": chat("?")}]}, ["/content"]),
        ({"tags": ["a"], "split": "train", "examples": [{"content": chat("?")}]}, ["/tags", "/split"]),
        ({"examples": []}, ["/examples"]),
        ({"content": {"messages": [{"role": "user"}]}}, ["/content/messages/0/content"]),
        ({"content": {"messages": [{"role": "wizard", "content": ""}]}}, ["/content/messages/0/role"]),
        ({"content": chat("?"), "tags": [""]}, ["/tags/0"]),
        ({"content": chat("?"), "tags": ["a\0"]}, ["/tags/0"]),
        ({"content": chat("?"), "external_id": "a\0"}, ["/external_id"]),
        ({"content": chat("?"), "source": {"type": "rumour"}}, ["/source/type"]),
        ({"content": chat("?"), "split": "training"}, ["/split"]),
        ({"content": chat("?"), "rating": five_stars(6)}, ["/rating/overall/value"]),
        ({"content": chat("?"), "metadata": []}, ["/metadata"]),
        ({"content": chat("?"), "id": 5}, ["/id"]),
    ],
)
async def test_what_is_no_example_is_refused_with_its_field(
    api: httpx.AsyncClient, body: Any, wanted: list[str]
) -> None:
    dataset = await make_dataset(api)
    refused = await post(api, dataset, body)
    assert (refused.status_code, pointers(refused)) == (400, wanted)


async def test_an_output_that_fails_its_schema_is_refused_with_each_pointer(api: httpx.AsyncClient) -> None:
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    dataset = await make_dataset(api, task_id=task["id"])
    bad = '{"stars": "five", "colour": 1}'
    refused = await post(
        api, dataset, {"examples": [{"content": chat("?", '{"title": "T"}')}, {"content": chat("?", bad)}]}
    )
    assert refused.status_code == 422
    assert sorted(pointers(refused)) == [
        "/examples/1/output/colour", "/examples/1/output/stars", "/examples/1/output/title",
    ]  # fmt: skip
    not_json = await post(api, dataset, {"content": chat("?", "prose")})
    assert (not_json.status_code, pointers(not_json)) == (422, ["/output"])
    assert await list_examples(api, dataset) == []


async def test_an_output_that_fails_its_schema_is_kept_and_marked_when_that_is_asked_for(
    api: httpx.AsyncClient,
) -> None:
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    dataset = await make_dataset(api, task_id=task["id"])
    bad = {"content": chat("?", '{"stars": "five"}')}
    good = {"content": chat("?", '{"title": "T"}')}
    response = await ok(await post(api, dataset, {"examples": [bad, good], "on_invalid": "mark"}))
    assert [example["valid"] for example in response["data"]] == [False, True]
    assert sorted(fault["pointer"] for fault in response["data"][0]["mismatches"]) == ["/stars", "/title"]
    assert await list_examples(api, dataset) == response["data"]
    edited = await edit(api, response["data"][0]["id"], content=good["content"])
    assert (edited["valid"], edited["mismatches"]) == (True, [])


async def test_a_rating_fits_the_tasks_requirements_or_is_refused(api: httpx.AsyncClient) -> None:
    task = await make_task(api, requirements=REQUIREMENTS)
    dataset = await make_dataset(api, task_id=task["id"])
    marks = {
        "tone": {"type": "stars", "value": 3},
        "facts/names": {"type": "stars", "value": 3},
        "wit": five_stars(1)["overall"],
    }
    refused = await post(api, dataset, {"content": chat("?"), "rating": {"requirements": marks}})
    assert refused.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [
        ("/rating/requirements/tone/type", "rating_type"),
        ("/rating/requirements/facts~1names/type", "rating_type"),
        ("/rating/requirements/wit", "unknown_requirement"),
    ]
    fitting = {
        "tone": {"type": "pass_fail", "value": "fail"},
        "facts/names": {"type": "pass_fail_critical", "value": "critical"},
    }
    example = await add(api, dataset, rating={"requirements": fitting})
    assert example["rating"]["average"] == 1.5


async def test_one_example_is_read_at_any_moment(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    before = await head(api)
    example = await add(api, dataset, tags=["old"])
    path, added_at = f"/v1/examples/{example['id']}", await head(api)
    await freeze(api, dataset, "first")
    edited = await edit(api, example["id"], tags=["new"])
    for as_of in (added_at, example["created_at"], "first"):
        then = await api.get(path, params={"as_of": as_of})
        assert (then.json(), then.headers["ETag"]) == (example, '"1"')
    assert (await api.get(path, params={"as_of": await head(api)})).json() == edited
    assert (await api.get(path, params={"as_of": before})).status_code == 404
    assert (await api.get(path, params={"as_of": "1999-01-01T00:00:00Z"})).status_code == 404


@pytest.mark.parametrize("as_of", ["99999999", "2999-01-01T00:00:00Z", "yesterday", "", "v\0", "2026-13-01", "é", "-1"])
async def test_a_moment_that_is_none_is_refused(api: httpx.AsyncClient, as_of: str) -> None:
    dataset = await make_dataset(api)
    example = await add(api, dataset)
    for path in (f"/v1/examples/{example['id']}", f"/v1/datasets/{dataset}/examples", f"/v1/datasets/{dataset}/export"):
        refused = await api.get(path, params={"as_of": as_of})
        assert (refused.status_code, pointers(refused)) == (400, ["?as_of"]), path


async def test_an_example_is_its_workspaces_own(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    example = await add(api, dataset)
    theirs = await make_dataset(stranger)
    assert (await post(stranger, dataset, {"content": chat("?")})).status_code == 404
    for id_ in (example["id"], str(uuid4())):
        assert (await stranger.get(f"/v1/examples/{id_}")).status_code == 404
    assert await list_examples(stranger, theirs) == []
    assert len(await list_examples(api, dataset)) == 1
