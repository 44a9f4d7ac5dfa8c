"""What msgspec says of a wrong value becomes a fault with a JSON pointer."""

from typing import Literal

import msgspec
import pytest

from service.errors import Fault, Invalid
from service.http.bodies import Body, Name, decode
from service.json_pointers import parse_fault, pointer


class Inner(Body):
    name: Name


class Outer(Body):
    inner: list[Inner]
    number: int = 0


def refusal(body: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(body, Outer)
    return caught.value


def test_a_wrong_type_is_pointed_at() -> None:
    [fault] = refusal(b'{"inner": [{"name": "a"}, {"name": 3}]}').errors
    assert fault.pointer == "/inner/1/name"


def test_an_unknown_field_is_named() -> None:
    [fault] = refusal(b'{"inner": [{"name": "a", "nmae": "b"}]}').errors
    assert (fault.pointer, fault.code) == ("/inner/0/nmae", "unknown_field")


def test_a_missing_field_is_named() -> None:
    [fault] = refusal(b'{"number": 1}').errors
    assert (fault.pointer, fault.code) == ("/inner", "required")


def test_a_string_is_not_taken_for_a_number() -> None:
    [fault] = refusal(b'{"inner": [], "number": "5"}').errors
    assert fault.pointer == "/number"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"inner": [{"name": "\\ud800"}]}', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"inner": ' + b"[" * 100_000, "invalid"),
    ],
)
def test_what_is_not_json_is_refused(body: bytes, code: str) -> None:
    assert refusal(body).errors[0].code == code


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"inner": [], "number": 5, "inner": []}', "/inner"),
        (b'{"a": [{"b" : 1, "b/c": {}}, {"b/c":{"d":1,"\\u0064":"\\u003a"}}]}', "/a/1/b~1c/d"),
        (b'{"a": ":", "b": "\\":\\"", "c": [{"a":1}, {"a":2}], "d" : {"a":{"a":1}}}', None),
    ],
)
def test_a_key_that_stands_twice_is_refused_where_it_stands(body: bytes, where: str | None) -> None:
    if where is None:
        assert decode(body, dict)["d"] == {"a": {"a": 1}}
        return
    with pytest.raises(Invalid) as refused:
        decode(body, dict)
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [(where, "duplicate_key")]


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(Invalid):
        decode(b'{"inner": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", dict)


def test_a_nul_character_is_refused_where_it_stands() -> None:
    [fault] = refusal(b'{"inner": [{"name": "a\\u0000"}]}').errors
    assert fault.pointer == "/inner/0/name"


def test_steps_are_escaped_as_rfc_6901_asks() -> None:
    assert pointer("a/b", "c~d", 0) == "/a~1b/c~0d/0"


def test_a_message_without_a_place_points_at_the_whole() -> None:
    assert parse_fault("Expected `object`, got `null`").pointer == ""


class Choice(Body):
    color: Literal["red", "blue"] | None = None
    by_name: dict[str, list[Literal[1, 2]]] = {}


@pytest.mark.parametrize(
    ("body", "allowed"),
    [(b'{"color": "green"}', '"blue", "red"'), (b'{"by_name": {"a": [1, 3]}}', "1, 2")],
)
def test_a_wrong_enum_value_names_the_allowed_values(body: bytes, allowed: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(body, Choice)
    assert caught.value.detail.endswith(f"; use one of {allowed}.")


def test_every_fault_is_sent_with_its_code() -> None:
    assert b'"code":"invalid"' in msgspec.json.encode(Fault(detail="No."))
