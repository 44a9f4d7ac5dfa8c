"""What a chat request says beside its messages, and how answers in unusual shapes are read."""

import json
from typing import Any

import pytest

from service.providers.openai.chat_schemas import build_extra_body, find_by_token, is_strict, parse_completion
from service.providers.provider import Unreachable

CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        (CLOSED | {"required": []}, False),
        ({name: part for name, part in CLOSED.items() if name != "additionalProperties"}, False),
        ({"type": "array", "items": CLOSED}, True),
        (CLOSED | {"properties": {"a": {"type": "object"}}}, False),
        ({"anyOf": [CLOSED, {"type": "object", "properties": {}}]}, False),
    ],
)
def test_a_model_is_held_strictly_only_to_what_leaves_nothing_open(schema: dict[str, Any], strict: bool) -> None:
    assert is_strict(schema) is strict
    asked = build_extra_body(None, schema=schema, token=None)["response_format"]["json_schema"]
    assert (asked["strict"], asked["schema"]) == (strict, schema)


def test_an_option_of_the_callers_goes_before_ours() -> None:
    mine = {"response_format": {"type": "text"}, "store": False}
    assert build_extra_body(mine, schema=CLOSED, token="t") == mine  # no metadata without store


def chat(**message: Any) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"cost": 0.25}}).encode()


def test_text_in_parts_and_a_price_are_read() -> None:
    said = parse_completion(chat(content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), asked="m")
    assert (said.text, str(said.cost), said.model) == ("ab", "0.25", "m")


def test_an_answer_without_choices_is_not_readable() -> None:
    with pytest.raises(Unreachable) as trouble:
        parse_completion(b'{"choices": []}', asked="m")
    assert trouble.value.because == "unreadable"


def test_a_server_that_ignores_the_filter_gives_away_no_other_answer() -> None:
    others = [{"metadata": {"tuneledger_call": "x"}, **json.loads(chat(content="no"))}, {"metadata": None}]
    ours = {"metadata": {"tuneledger_call": "t"}, **json.loads(chat(content="yes"))}
    assert find_by_token(json.dumps({"data": others}).encode(), "t") is None
    kept = find_by_token(json.dumps({"data": [*others, ours]}).encode(), "t")
    assert kept is not None
    assert kept.text == "yes"
