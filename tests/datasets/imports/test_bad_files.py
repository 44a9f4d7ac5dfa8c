"""Files as they should not be. None brings the server down, and none gets half-way in."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.imports.containers import MAX_ROW_BYTES
from tests.datasets.example_bodies import chat, events_of, list_examples, make_dataset, ok
from tests.datasets.import_files import (
    SETTINGS,
    chat_line,
    chat_lines,
    errors,
    import_file,
    nothing_left_over,
    post_file,
    read_import,
    tables_follow_from_the_log,
    working,
)
from tests.http_client import OPERATOR_KEY, SHARED, client

GOOD = chat_line("Good?")
DEEP = b'{"a":' * 1_000 + b"1" + b"}" * 1_000

# What is wrong with a row, and the pointer or the code that says so.
BAD_ROWS: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"nonsense", "malformed"),
    "half an object": (b'{"messages": [', "malformed"),
    "a list": (b"[]", "wrong_type"),
    "a null": (b"null", "wrong_type"),
    "a wrong type": (b'{"messages": 5}', "/messages"),
    "an unknown field": (b'{"messages": [{"role": "user", "content": "?", "colour": 1}]}', "/messages/0/colour"),
    "no messages": (b"{}", "/messages"),
    "null messages": (b'{"messages": null}', "/messages"),
    "no answer": (json.dumps({"messages": [{"role": "user", "content": "?"}]}).encode(), "/messages/0/role"),
    "a NUL": (json.dumps(chat("a\0b")).encode(), "/messages/0/content"),
    "a NUL in a tag": (json.dumps({**chat("?"), "tags": ["a\0"]}).encode(), "/tags/0"),
    "a NUL in an id": (json.dumps({**chat("?"), "external_id": "a\0"}).encode(), "/external_id"),
    "a NUL in a key": (json.dumps({**chat("?"), "metadata": {"a\0": 1}}).encode(), "nul_character"),
    "half a surrogate pair": (b'{"messages":[{"role":"user","content":"\\ud800"}]}', "/messages/0/content"),
    "depth": (b'{"messages": [], "metadata": ' + DEEP + b"}", "too_deep"),
    "some depth": (GOOD[:-2] + b', "metadata": ' + b'{"a":' * 70 + b"1" + b"}" * 71, "/metadata"),
    "a rating of six": (json.dumps({**chat("?"), "rating": 6}).encode(), "/rating"),
    "a huge rating": (json.dumps({**chat("?"), "rating": 10**40}).encode(), "/rating"),
    "an integer of 5,000 digits": (GOOD[:-2] + b', "metadata": {"a": ' + b"9" * 5_000 + b"}}", ""),
    "an infinite number": (GOOD[:-2] + b', "metadata": {"a": 1e999}}', ""),
    "another split": (json.dumps({**chat("?"), "split": "later"}).encode(), "/split"),
    "a long id": (json.dumps({**chat("?"), "external_id": "x" * 201}).encode(), "/external_id"),
    "a tool nobody called": (
        b'{"messages": [{"role": "tool", "content": "", "tool_call_id": "x"}, {"role": "assistant", "content": "."}]}',
        "/messages/0/tool_call_id",
    ),
}  # fmt: skip


async def test_every_bad_row_is_named_and_only_the_good_ones_get_in(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    file = b"".join(row + b"\n" + chat_line(f"{name}?") for name, (row, _) in BAD_ROWS.items())
    async with working(engine):
        import_ = await import_file(api, dataset, file, on_error="skip")
        await nothing_left_over(engine)
    assert (import_["state"], import_["bad"], import_["added"]) == ("succeeded", len(BAD_ROWS), len(BAD_ROWS))
    errors_by_line = {row["line"]: row["errors"] for row in await errors(api, import_["id"])}
    for line, (name, (_, expected)) in zip(range(1, 1_000, 2), BAD_ROWS.items(), strict=False):
        fault = errors_by_line[line][0]
        assert expected in ("", fault.get("pointer"), fault["code"]), (name, fault)
    assert [row["content"]["messages"][0]["content"] for row in await list_examples(api, dataset)] == [
        f"{name}?" for name in BAD_ROWS
    ]
    await tables_follow_from_the_log(engine)


@pytest.mark.parametrize("name", BAD_ROWS)
async def test_any_bad_row_keeps_the_whole_file_out(api: httpx.AsyncClient, name: str) -> None:
    dataset = await make_dataset(api)
    sent = await ok(await post_file(api, dataset, GOOD + BAD_ROWS[name][0] + b"\n" + GOOD))
    assert (sent["state"], sent["error"]["code"]) == ("failed", "bad_rows")
    assert await events_of(api, types="ImportStaged") == []


UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "empty": ("openai-chat", b"", "empty_file"),
    "blank": ("openai-chat", b" \n\r\n\t", "empty_file"),
    "an empty array": ("alpaca", b"[]", "empty_file"),
    "an empty table": ("csv", b"input,output\n", "empty_file"),
    "nothing at all": ("csv", b"", "empty_file"),
    "Cyrillic": ("csv", "input,output\nПривет,Здравствуйте\nПрощай,До свидания\n".encode("cp1251"), "not_utf8"),  # noqa: RUF001
    "half of UTF-16": ("csv", "input,output\na,b\n".encode("utf-16")[:-1], "not_utf8"),
    "an array cut off": ("alpaca", b'[{"instruction": "a", "output": "b"}, {"instr', "truncated"),
    "more after the array": ("alpaca", b'[{"instruction": "a", "output": "b"}] x', "malformed"),
    "an open quote": ("csv", b'input,output\na,b\nc,"d\ne,f\n', "unclosed_quote"),
    "another header": ("csv", b"question,answer\na,b\n", "missing_column"),
    "a header twice": ("csv", b"input,output,input\na,b,c\n", "duplicate_column"),
}


@pytest.mark.parametrize("on_error", ["abort", "skip"])
@pytest.mark.parametrize("name", UNREADABLE)
async def test_a_file_that_cannot_be_read_fails_whole(api: httpx.AsyncClient, name: str, on_error: str) -> None:
    dataset = await make_dataset(api)
    format_, file, code = UNREADABLE[name]
    sent = await ok(await post_file(api, dataset, file, format=format_, on_error=on_error))
    assert (sent["state"], sent["error"]["code"]) == ("failed", code)
    import_ = await read_import(api, sent["id"])
    assert (import_["failure"]["code"], import_["added"]) == (code, 0)
    assert await events_of(api, types="ExampleAdded") == []


async def test_a_file_cut_in_the_middle_of_a_line_says_so(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    sent = await ok(await post_file(api, dataset, GOOD + GOOD[:-9]))
    [error] = await errors(api, sent["id"])
    assert (sent["state"], error["line"], error["errors"][0]["code"]) == ("failed", 2, "truncated")


async def test_a_broken_quote_is_one_rows_fault(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = b'input,output\na,"b"c\nd,e\nf\ng,h,i\nj,k\n'
    async with working(engine):
        import_ = await import_file(api, dataset, file, format="csv", on_error="skip")
    assert (import_["added"], import_["bad"]) == (2, 3)
    assert [(row["line"], row["errors"][0]["code"]) for row in await errors(api, import_["id"])] == [
        (2, "broken_quote"), (4, "ragged_row"), (5, "ragged_row"),
    ]  # fmt: skip


@pytest.mark.parametrize("format_", ["openai-chat", "csv"])
async def test_a_byte_order_mark_and_crlf_are_no_faults(
    api: httpx.AsyncClient, engine: AsyncEngine, format_: str
) -> None:
    dataset = await make_dataset(api)
    text = GOOD.decode() + "\n" + chat_line("Other?").decode() if format_ == "openai-chat" else "input,output\na,b\nc,d"
    async with working(engine):
        import_ = await import_file(api, dataset, text.replace("\n", "\r\n").encode("utf-8-sig"), format=format_)
    assert (import_["state"], import_["added"]) == ("succeeded", 2)


async def test_strings_of_ten_megabytes_are_taken(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    answer = "é" * 5_000_000
    file = b"".join(json.dumps(chat(str(n), answer), ensure_ascii=False).encode() + b"\n" for n in range(3))
    async with working(engine):
        import_ = await import_file(api, dataset, file)
    assert (import_["state"], import_["added"], import_["bytes"]) == ("succeeded", 3, len(file))
    exported = await api.get(f"/v1/datasets/{dataset}/export")
    assert [json.loads(line)["messages"][1]["content"] == answer for line in exported.text.splitlines()] == [True] * 3


async def test_one_huge_line_is_refused_and_the_others_are_taken(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)

    async def huge() -> AsyncIterator[bytes]:
        yield GOOD + b'{"messages": "'
        for _ in range(50):
            yield b"x" * 1_000_000
        yield b'"}\n' + chat_line("Last?")

    async with working(engine):
        sent = await ok(await post_file(api, dataset, huge(), on_error="skip"))
        await nothing_left_over(engine)
    [error] = await errors(api, sent["id"])
    assert (error["line"], error["errors"][0]["code"]) == (2, "line_too_long")
    assert f"{MAX_ROW_BYTES:,}" in error["errors"][0]["detail"]
    assert [row["source"]["line"] for row in await list_examples(api, dataset)] == [1, 3]


@pytest.fixture
def small(app: Litestar, engine: AsyncEngine) -> httpx.AsyncClient:
    """A client of a server that takes files of at most 1,000 bytes."""
    limits: dict[str, Any] = {"import_body_limit": 1_000, "json_body_limit": 1_000}
    return client(SHARED.over(engine, type(SETTINGS)(secret_key=SETTINGS.secret_key, **limits)), OPERATOR_KEY)


async def test_a_file_above_the_limit_is_refused_and_leaves_nothing(
    small: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    async with small, working(engine):
        dataset = await make_dataset(small)
        refused = await post_file(small, dataset, chat_lines(range(20)))
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        [import_] = (await ok(await small.get(f"/v1/datasets/{dataset}/imports")))["data"]
        assert (import_["state"], import_["failure"]["code"]) == ("failed", "too_large")
        assert (await import_file(small, dataset, GOOD))["added"] == 1
        await nothing_left_over(engine)
        body = {"content": chat("x" * 1_000)}
        assert (await small.post(f"/v1/datasets/{dataset}/examples", json=body)).status_code == 413


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
async def test_a_form_is_not_a_file(api: httpx.AsyncClient, media_type: str) -> None:
    dataset = await make_dataset(api)
    path = f"/v1/datasets/{dataset}/imports"
    refused = await api.post(path, content=GOOD, headers={"Content-Type": media_type})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    assert (await ok(await api.get(path)))["data"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "xml"),
        ("on_error", "ignore"),
        ("on_invalid", "keep"),
        ("split", "dev"),
        ("name", "a\0"),
        ("name", "x" * 501),
    ],
)
async def test_an_import_asked_for_in_unknown_words_is_refused(api: httpx.AsyncClient, name: str, value: str) -> None:
    dataset = await make_dataset(api)
    refused = await post_file(api, dataset, GOOD, **{name: value})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"?{name}")


@pytest.mark.parametrize("body", [b"", b"nonsense", b'{"content":', b"[]", b'{"content": ' + DEEP + b"}", b"\xff"])
async def test_an_example_that_is_no_json_is_refused(api: httpx.AsyncClient, body: bytes) -> None:
    dataset = await make_dataset(api)
    headers = {"Content-Type": "application/json"}
    refused = await api.post(f"/v1/datasets/{dataset}/examples", content=body, headers=headers)
    assert refused.status_code == 400, refused.text
    assert refused.headers["Content-Type"] == "application/problem+json"
