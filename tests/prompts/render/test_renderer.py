"""Rendering: values put in as they are, versions picked by label and key, examples drawn so that it can be repeated."""

from typing import Any

import httpx
import pytest

from tests.datasets.example_bodies import (
    Json,
    add_many,
    chat,
    edit,
    five_stars,
    freeze,
    make_dataset,
    ok,
    pointers,
    repair,
)
from tests.prompts.prompt_bodies import add_version, make_prompt, move

VARIABLES: list[Json] = [
    {"name": "summary"},
    {"name": "tone", "default": "dry"},
    {"name": "words", "type": "integer", "required": False},
    {"name": "data", "type": "json", "required": False},
]
MESSAGES: list[Json] = [
    {"role": "system", "content": "Be {{tone}}. At most {{words}} words. {{{{literal}} {{data}}"},
    {"role": "user", "content": "{{summary}}"},
]


async def render(api: httpx.AsyncClient, prompt_id: str, **body: Any) -> Json:
    return await ok(await api.post(f"/v1/prompts/{prompt_id}/render", json=body))


async def expect_refusal(api: httpx.AsyncClient, prompt_id: str, **body: Any) -> tuple[int, list[str]]:
    answer = await api.post(f"/v1/prompts/{prompt_id}/render", json=body)
    assert not answer.is_success, answer.text
    return answer.status_code, pointers(answer)


def texts(rendering: Json) -> list[str]:
    return [message["content"] for message in rendering["messages"]]


@pytest.fixture
async def prompt_id(api: httpx.AsyncClient) -> str:
    prompt_id = await make_prompt(api)
    await add_version(api, prompt_id, messages=MESSAGES, variables=VARIABLES)
    return prompt_id


async def test_values_and_defaults_are_put_in_their_places(api: httpx.AsyncClient, prompt_id: str) -> None:
    rendering = await render(api, prompt_id, variables={"summary": "Rain.", "words": 7, "data": {"b": [1], "a": None}})
    assert texts(rendering) == ['Be dry. At most 7 words. {{literal}} {"b":[1],"a":null}', "Rain."]
    assert (rendering["version"], rendering["label"], rendering["examples"]) == (1, None, [])
    bare = await render(api, prompt_id, version=1, variables={"summary": "", "tone": "warm"})
    assert texts(bare) == ["Be warm. At most  words. {{literal}} ", ""]


@pytest.mark.parametrize("value", ["{{tone}}", "{{{{", "{% raw %}", "${x}", "{summary}", "\\{{tone}}", "é\n\t\u2028"])
async def test_a_value_is_never_read_as_a_template(api: httpx.AsyncClient, prompt_id: str, value: str) -> None:
    rendering = await render(api, prompt_id, variables={"summary": value, "tone": value})
    assert texts(rendering) == ["Be " + value + ". At most  words. {{literal}} ", value]


async def test_a_value_of_a_megabyte_is_put_in_and_a_larger_one_is_refused(
    api: httpx.AsyncClient, prompt_id: str
) -> None:
    rendering = await render(api, prompt_id, variables={"summary": "x" * 1_000_000})
    assert len(texts(rendering)[1]) == 1_000_000
    assert await expect_refusal(api, prompt_id, variables={"summary": "x" * 1_000_001}) == (422, ["/variables/summary"])
    repeated = [{"role": "user", "content": "{{summary}}" * 5}]
    await add_version(api, prompt_id, messages=repeated, variables=[{"name": "summary"}])
    assert await expect_refusal(api, prompt_id, variables={"summary": "x" * 900_000}) == (422, ["/variables"])


@pytest.mark.parametrize(
    ("variables", "places"),
    [
        ({}, ["/variables/summary"]),
        ({"summary": None}, ["/variables/summary"]),
        ({"summary": 3, "words": "7", "other": 1}, ["/variables/other", "/variables/summary", "/variables/words"]),
        ({"summary": "a\0b"}, ["/variables/summary"]),
        ({"summary": "x", "data": {"k": ["\0"]}}, ["/variables/data/k/0"]),
        ({"summary": "x", "words": True}, ["/variables/words"]),
        ({"summary": "x", "a/b\0": 1}, ["/variables/a~1b\ufffd"]),
    ],
)
async def test_missing_unknown_and_unfit_values_are_all_named(
    api: httpx.AsyncClient, prompt_id: str, variables: Json, places: list[str]
) -> None:
    status, pointers_found = await expect_refusal(api, prompt_id, variables=variables)
    assert (status, sorted(pointers_found)) == (422, places)


async def test_a_version_or_label_that_does_not_exist_is_refused(api: httpx.AsyncClient, prompt_id: str) -> None:
    variables = {"summary": "x"}
    assert await expect_refusal(api, prompt_id, version=2, variables=variables) == (422, ["/version"])
    assert await expect_refusal(api, prompt_id, label="production", variables=variables) == (422, ["/label"])
    assert await expect_refusal(api, prompt_id, label="Production", variables=variables) == (400, ["/label"])
    assert await expect_refusal(api, prompt_id, label="production", version=1, variables=variables) == (400, ["/label"])
    assert await expect_refusal(api, await make_prompt(api, "empty")) == (422, ["/version"])
    assert await expect_refusal(
        api, prompt_id, examples=[{"example_id": prompt_id, "version": 1}], variables=variables
    ) == (
        422,
        ["/examples"],
    )


async def test_the_same_key_gets_the_same_version_and_the_shares_are_kept(
    api: httpx.AsyncClient, prompt_id: str
) -> None:
    await add_version(api, prompt_id, messages=MESSAGES, variables=VARIABLES, notes="other")
    await move(api, prompt_id, weights={"1": 0.7, "2": 0.3})

    async def picked(key: str | None) -> int:
        rendering = await render(api, prompt_id, label="production", key=key, variables={"summary": "x"})
        assert rendering["label"] == "production"
        return int(rendering["version"])

    first = [await picked(f"user {number}") for number in range(100)]
    assert 15 <= first.count(2) <= 45
    assert [await picked(f"user {number}") for number in range(100)] == first
    await move(api, prompt_id, weights={"1": 0.4, "2": 0.6})
    later = [await picked(f"user {number}") for number in range(100)]
    # Who had the version that gained keeps it.
    assert all(after == 2 for before, after in zip(first, later, strict=True) if before == 2)
    assert {await picked(None) for _ in range(40)} == {1, 2}
    await move(api, prompt_id, version=2)
    assert {await picked(f"user {number}") for number in range(10)} == {2}


async def examples(api: httpx.AsyncClient) -> tuple[str, list[Json]]:
    """Twelve rated 5, of which one is repaired; six more that no draw is to show."""
    dataset_id = await make_dataset(api)
    good = [
        {"content": chat(f"News {n}", f"Title {n}"), "split": "train", "rating": five_stars(5), "tags": ["a", f"t{n}"]}
        for n in range(12)
    ]
    tested = [{**example, "split": "test"} for example in good[:3]]
    poor = [{**example, "rating": five_stars(3)} for example in good[:3]]
    drawable = await add_many(api, dataset_id, [*good, *tested, *poor])
    return dataset_id, drawable


async def test_examples_are_drawn_by_filter_and_seed_and_can_be_shown_again(api: httpx.AsyncClient) -> None:
    dataset_id, drawable = await examples(api)
    fine = [example["id"] for example in drawable[:12]]
    prompt_id = await make_prompt(api)
    draw = {"dataset_id": dataset_id, "k": 4, "seed": 7, "tags": ["a"]}
    question = [{"role": "system", "content": "S"}, {"role": "user", "content": "About: {{summary}}"}]
    await add_version(api, prompt_id, messages=question, examples=draw)
    first = await render(api, prompt_id, variables={"summary": "now"})
    assert await render(api, prompt_id, variables={"summary": "now"}) == first
    drawn = [example["example_id"] for example in first["examples"]]
    assert len(set(drawn)) == 4
    assert set(drawn) <= set(fine)
    numbers = [fine.index(example_id) for example_id in drawn]
    shown = [text for n in numbers for text in (f"About: News {n}", f"Title {n}")]
    assert texts(first) == ["S", *shown, "About: now"]
    assert [message["role"] for message in first["messages"]] == ["system", *["user", "assistant"] * 4, "user"]

    await edit(api, drawn[0], content=chat("Other", "Changed"))
    again = await render(api, prompt_id, variables={"summary": "now"}, examples=first["examples"])
    assert texts(again) == texts(first)
    assert drawn[0] not in [
        e["example_id"] for e in (await render(api, prompt_id, variables={"summary": "x"}))["examples"]
    ]
    await add_version(api, prompt_id, messages=question, examples={**draw, "seed": 8})
    other = await render(api, prompt_id, variables={"summary": "now"})
    assert [example["example_id"] for example in other["examples"]] != drawn


async def test_repaired_examples_come_first_and_a_version_is_drawn_as_it_was_frozen(api: httpx.AsyncClient) -> None:
    dataset_id, drawable = await examples(api)
    await freeze(api, dataset_id)
    mended = drawable[5]["id"]
    await repair(api, mended, "Mended")
    draw = {"dataset_id": dataset_id, "k": 3, "rating_gte": None}
    prompt_id = await make_prompt(api)
    question = [{"role": "user", "content": "{{summary}}"}]
    await add_version(api, prompt_id, messages=question, examples=draw)
    now = await render(api, prompt_id, variables={"summary": "x"})
    assert now["examples"][0] == {"example_id": mended, "version": 2}
    assert texts(now)[:2] == ["News 5", "Mended"]
    await add_version(api, prompt_id, messages=question, examples={**draw, "version": "v1", "k": 50, "split": None})
    then = await render(api, prompt_id, variables={"summary": "x"})
    assert len(then["examples"]) == 18
    assert "Title 5" in texts(then)
    assert "Mended" not in texts(then)


async def test_a_question_in_json_and_the_metadata_fill_variables(api: httpx.AsyncClient) -> None:
    dataset_id = await make_dataset(api)
    fields = {"content": chat('{"title": "T", "body": {"n": 3}}', "A"), "metadata": {"tone": "warm"}, "split": "train"}
    await add_many(api, dataset_id, [fields])
    prompt_id = await make_prompt(api)
    body = {
        "messages": [{"role": "user", "content": "{{title}}/{{n}}/{{tone}}/{{style}}"}],
        "variables": [
            {"name": "title"}, {"name": "n", "type": "integer"}, {"name": "tone"}, {"name": "style", "default": "s"},
        ],
        "inputs": {"title": "/input/title", "n": "/input/body/n", "tone": "/metadata/tone"},
        "examples": {"dataset_id": dataset_id, "k": 1, "rating_gte": None},
    }  # fmt: skip
    await add_version(api, prompt_id, **body)
    variables = {"title": "mine", "n": 1, "tone": "dry", "style": "z"}
    assert texts(await render(api, prompt_id, variables=variables)) == ["T/3/warm/z", "A", "mine/1/dry/z"]


@pytest.mark.parametrize(
    ("draw", "status", "pointer"),
    [
        ({"version": "v9"}, 422, "/examples/version"),
        ({"as_of": "2999-01-01T00:00:00Z"}, 400, "/examples/as_of"),
        ({"as_of": "1", "version": "v1"}, 400, "/examples/as_of"),
        ({"k": 0}, 400, "/examples/k"),
        ({"k": 51}, 400, "/examples/k"),
        ({"tags": ["\0"]}, 400, "/examples/tags/0"),
    ],
)
async def test_a_draw_that_cannot_be_made_is_refused_with_the_version(
    api: httpx.AsyncClient, draw: Json, status: int, pointer: str
) -> None:
    prompt_id = await make_prompt(api)
    body = {
        "messages": [{"role": "user", "content": "x"}],
        "examples": {"dataset_id": await make_dataset(api), "k": 2, **draw},
    }
    answer = await api.post(f"/v1/prompts/{prompt_id}/versions", json=body)
    assert (answer.status_code, pointers(answer)) == (status, [pointer])
