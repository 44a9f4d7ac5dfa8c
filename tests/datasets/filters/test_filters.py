"""Filter expressions: each finds its own, its opposite finds all others, and what cannot be read is said with where."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.datasets.filters.expression import FilterError, parse
from service.datasets.filters.filter_fields import FIELDS
from service.datasets.filters.selection import Filter, to_filter
from service.errors import Invalid
from tests.datasets.example_bodies import (
    Json,
    add_many,
    chat,
    edit,
    export,
    five_stars,
    freeze,
    list_examples,
    make_dataset,
    ok,
    pointers,
    repair,
)

DOCS = (Path(__file__).parents[3] / "docs/filters.md").read_text()
TODAY = datetime.now(UTC).date()
SEVERAL: list[Json] = [
    {"content": chat("plain", "Sure."), "split": "train"},
    {"content": chat("tagged", "No."), "split": "train", "tags": ["a", "b c"], "external_id": "acme-1"},
    {"content": chat("a log", "Sorry, no."), "split": "test", "tags": ["b"], "source": {"type": "log", "name": "web"}},
    {"content": chat('100% "Zoë"'), "split": "validation", "rating": five_stars(4), "external_id": "acme-2"},
    {"content": chat("low"), "split": "train", "rating": five_stars(2), "tags": ["env:prod"]},
    {"content": chat("data"), "split": "train", "metadata": {"n": 7, "who": {"tier": "Pro"}, "list": ["x", 1]}},
    {
        "content": chat("more data"),
        "split": "test",
        "metadata": {"n": "7", "ok": True, "a b": None, "day": "2026-11-30"},
    },
    {"content": chat("to repair"), "split": "train"},
]
EXPRESSIONS: list[tuple[str, list[int]]] = [
    ("", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("tag = a", [1]),
    ("tag:'b c'", [1]),
    ("tag = env:prod", [4]),
    ("tag in (b, env:prod)", [2, 4]),
    ("tag = null", [0, 3, 5, 6, 7]),
    ("tag != b", [0, 1, 3, 4, 5, 6, 7]),
    ("split = train and tag = null", [0, 5, 7]),
    ("split not in (train, test)", [3]),
    ("source = log or rated", [2, 3, 4]),
    ("source.name = web", [2]),
    ("source.name = null", [0, 1, 3, 4, 5, 6, 7]),
    ("rating >= 2.5", [3]),
    ("rating > 2 and rating <= 4", [3]),
    ("rating = null", [0, 1, 2, 5, 6, 7]),
    ("rating in (2, 3)", [4]),
    ("rating < 99999999999999999999", [3, 4]),
    ("NOT rating >= 4", [0, 1, 2, 4, 5, 6, 7]),
    ("repaired", [7]),
    ("repaired = true or valid = false", [7]),
    ("labelled or label = x or label.q = x", []),
    ("label != null", []),
    ("unanswered", []),
    ("external_id : ACME", [1, 3]),
    ("external_id in (acme-1, null) and not source = log", [0, 1, 4, 5, 6, 7]),
    ("text : zoë or text : '100%'", [3]),
    (r'text : "\"Zoë\""', [3]),
    ("output : SORRY", [2]),
    ("output : 'to repair'", []),
    ("metadata.n = 7", [5]),
    ('metadata.n = "7"', [6]),
    ("metadata.n >= 6.5", [5]),
    ("metadata.who.tier : pr", [5]),
    ("metadata.who.tier in (Basic, Pro)", [5]),
    ("metadata.list : x", [5]),
    ("metadata.list.1 = 1", [5]),
    ("metadata.list : 1", [5]),
    ("metadata.ok = true", [6]),
    ('metadata."a b" = null', [0, 1, 2, 3, 4, 5, 6, 7]),
    ("metadata.n != null", [5, 6]),
    ("metadata.day >= '2026-11-01'", [6]),
    (f"created_at = {TODAY} or created_at = {TODAY - timedelta(days=1)}", [0, 1, 2, 3, 4, 5, 6, 7]),
    (f"created_at > {TODAY} or updated_at <= {TODAY - timedelta(days=2)}", []),
    ("created_at >= 2026-01-01T00:00:00+14:00", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("created_by = owner and updated_by : own", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("rater = owner", [3, 4]),
    ("task_version = null", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("split = train and (tag = a or tag = env:prod) and not rating = 2", [1]),
    ("split = test or split = train and tag = a", [1, 2, 6]),
]


async def test_each_expression_finds_its_own_and_its_opposite_all_others(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, SEVERAL)
    author = examples[0]["created_by"]
    await repair(api, examples[7]["id"], "Better.")
    ids = [example["id"] for example in examples]
    path = f"/v1/datasets/{dataset}/examples"
    for template, expected in EXPRESSIONS:
        text = template.replace("owner", f'"{author}"').replace("own", author[:3])
        page = await ok(await api.get(path, params={"filter": text, "count": True}))
        assert [ids.index(row["id"]) for row in page["data"]] == expected, text
        assert page["count"] == len(expected), text
        if text:
            opposite = await list_examples(api, dataset, filter=f"not ({text})")
            assert [ids.index(row["id"]) for row in opposite] == [n for n in range(8) if n not in expected], text
    some_ids = await list_examples(api, dataset, filter=f"id in ({ids[2]}, {ids[5]})", split="test")
    assert [row["id"] for row in some_ids] == [ids[2]]


async def test_a_version_is_frozen_and_exported_by_an_expression_and_remembers_it(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, SEVERAL)
    frozen = await freeze(api, dataset, "v1", filter="split = train and not rating < 3")
    assert (frozen["filter"], frozen["examples"]) == ({"expression": "split = train and not rating < 3"}, 4)
    await edit(api, examples[0]["id"], tags=["a"])
    assert (await ok(await api.get(f"/v1/datasets/{dataset}/versions/v1")))["filter"] == frozen["filter"]
    lines = (await export(api, dataset, version="v1", filter="tag = a or metadata.n = 7")).splitlines()
    assert [b"tagged" in line for line in lines] == [True, False]
    assert len((await export(api, dataset, filter="tag = a")).splitlines()) == 2
    refused = await api.get(f"/v1/datasets/{dataset}/export", params={"filter": "tag"})
    assert (refused.status_code, pointers(refused)) == (400, ["?filter"])
    for body in ("tag", {"expression": "tag"}):
        refused = await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v2", "filter": body})
        assert refused.status_code == 400, body
        assert pointers(refused)[0].startswith("/filter")


FAULTS: list[tuple[str, int, str]] = [
    ("tag", 4, "After `tag` comes one of"),
    ("tag = ", 7, "Expected a value"),
    ("tag : null", 6, "null"),
    ("foo = 1", 1, "There is no field `foo`"),
    ("rated and rating >= high", 21, "Expected a number"),
    ("rating = 1e999", 10, "Expected a number"),
    ("(tag = a", 9, "Expected `)`"),
    ("tag = a b", 9, "Expected `and`, `or` or the end"),
    ("split = dev", 9, "train, validation, test"),
    ("metadata = 1", 1, "metadata.customer.tier"),
    ("source.line = 4", 1, "source.name"),
    ("tag.a = 4", 1, "no parts"),
    ("created_at > 2026-13-01", 14, "2026-11-30"),
    ("created_at = 0001-01-01", 14, "2026-11-30"),
    ("id = 4", 6, "UUID"),
    ('tag = "a', 7, "Expected a value"),
    ("text = a", 6, "`:`"),
    ("not", 4, "Expected a condition"),
    ("tag = a\0", 7, "NUL"),
    ("not " * 40 + "rated", 133, "deeper"),
    ("(" * 10_000, 34, "deeper"),
    ("rated or " * 300 + "rated", 1801, "more than 200"),
    ("text:a or " * 30 + "rated", 205, "more than 20"),
    ("x" * 10_001, 1, "10,000"),
]


@pytest.mark.parametrize(("text", "position", "detail"), FAULTS, ids=[text[:20] for text, _, _ in FAULTS])
def test_what_cannot_be_read_is_said_with_its_place(text: str, position: int, detail: str) -> None:
    with pytest.raises(FilterError, match=re.escape(detail)) as caught:
        parse(text)
    assert caught.value.position == pytest.approx(position, abs=4)
    with pytest.raises(Invalid) as refused:
        to_filter(Filter(expression=text))
    assert refused.value.errors[0].pointer == "/filter/expression"


PIECES = st.sampled_from(
    [*FIELDS, "and", "or", "not", "in", "(", ")", ",", "=", "!=", ":", "<", ">=", '"a b"', "null", "true", "4", "x"]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map(" ".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except FilterError as error:
        position = error.position
    else:
        position = 1
    assert 1 <= position <= len(text) + 1


def test_the_page_has_every_field_and_its_examples_can_be_read() -> None:
    for name, field in FIELDS.items():
        assert f"| `{name}` | {field.kind} | {field.holds} |" in DOCS
    blocks: list[str] = re.findall(r"```text\n(.*?)```", DOCS, re.DOTALL)
    lines = [line for block in blocks if "::=" not in block for line in block.splitlines()]
    assert len(lines) > 8
    for line in lines:
        parse(line)


def test_fields_and_expressions_are_one_language() -> None:
    given_fields: dict[str, Any] = {"tag": "a", "rating_gte": 4, "rated": False, "q": "x"}
    text = 'tag = a and rating >= 4 and rated = false and text : "x"'
    assert Filter(**given_fields).build_tree() == parse(text)
