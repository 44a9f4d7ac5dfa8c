"""Schemas: which are usable, and what in a value does not match, each fault with its place."""

from typing import Any

import pytest

from service.errors import Fault
from service.tasks.json_schema import check_schema, encode_schema, find_faults, find_output_faults

NEWS = {
    "type": "object",
    "properties": {"category": {"enum": ["sports", "politics"]}, "score": {"type": "integer", "minimum": 0}},
    "required": ["category"],
    "additionalProperties": False,
}


def chain(links: int, *, copies: int) -> dict[str, Any]:
    """A schema whose every definition names the next one a few times."""
    inner = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * copies} for n in range(links)}
    return {"$ref": "#/$defs/d0", "$defs": {**inner, f"d{links}": {"type": "integer"}}}


def nested(depth: int, innermost: Any = 1) -> Any:
    value = innermost
    for _ in range(depth):
        value = {"a": value}
    return value


def places(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        NEWS,
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "string"},
        {"properties": {"$ref": {"type": "string"}, "default": {"$ref": "#/$defs/x~1y"}}, "$defs": {"x/y": True}},
        {"$ref": "#tree", "$defs": {"t": {"$anchor": "tree", "properties": {"l": {"$ref": "#tree"}}}}},
        {"enum": [{"$ref": "http://elsewhere.example/data-not-a-schema"}]},
    ],
)
def test_a_usable_schema_has_no_faults(schema: dict[str, Any]) -> None:
    assert check_schema(schema) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "nope"}, [("/type", "anyOf")]),
        (
            {"properties": {"a/b": {"minimum": "x"}}, "required": "y"},
            [("/properties/a~1b/minimum", "type"), ("/required", "type")],
        ),
        ({"properties": {"a": {"pattern": "("}}}, [("/properties/a/pattern", "pattern")]),
        ({"$schema": "http://elsewhere.example/mine"}, [("/$schema", "unknown_dialect")]),
        ({"$schema": 7}, [("/$schema", "unknown_dialect")]),
        ({"properties": {"a\0": {}}}, [("/properties/a\N{REPLACEMENT CHARACTER}", "invalid")]),
        (nested(60, {}), [("", "too_deep")]),
        ({"description": "x" * 70_000}, [("", "too_large")]),
    ],
)
def test_an_unusable_schema_is_told_where(schema: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert sorted(places(check_schema(schema))) == expected


@pytest.mark.parametrize(
    "reference", ["http://elsewhere.example/s.json", "file:///etc/hostname", "other.json", "//elsewhere.example/s"]
)
def test_a_reference_out_of_the_schema_is_refused_and_never_fetched(reference: str) -> None:
    assert places(check_schema({"items": {"$ref": reference}}, at="/output_schema")) == [
        ("/output_schema/items/$ref", "remote_reference")
    ]


@pytest.mark.parametrize("reference", ["#/$defs/none", "#none", "#/$defs/list/enum/9", "#/$defs/list/enum/0", "#/~2"])
def test_a_reference_to_no_schema_is_refused(reference: str) -> None:
    schema = {"not": {"$ref": reference}, "$defs": {"list": {"enum": ["text"]}}}
    assert places(check_schema(schema)) == [("/not/$ref", "dangling_reference")]


def test_an_inner_id_is_refused_because_it_would_change_what_references_mean() -> None:
    schema = {"$id": "http://a.example/root", "$defs": {"x": {"$id": "inner", "type": "string"}}}
    assert places(check_schema(schema)) == [("/$defs/x/$id", "unsupported")]


def test_a_schema_that_grows_without_bound_when_written_out_is_refused_at_once() -> None:
    assert places(check_schema(chain(40, copies=2))) == [("", "too_large")]
    assert places(check_schema(chain(1_500, copies=1))) == [("", "too_large")]
    assert check_schema(chain(6, copies=2)) == []


def test_every_fault_of_a_value_has_its_place() -> None:
    faults = find_faults(encode_schema(NEWS), {"score": -1, "extra/field": 1}, at="/output")
    assert sorted(places(faults)) == [
        ("/output/category", "required"),
        ("/output/extra~1field", "unknown_field"),
        ("/output/score", "minimum"),
    ]


def test_a_value_that_matches_has_no_faults() -> None:
    assert find_faults(encode_schema(NEWS), {"category": "sports", "score": 3}) == []


def test_a_fault_does_not_repeat_what_somebody_wrote() -> None:
    faults = find_faults(encode_schema(NEWS), {"category": "my secret", "score": "my secret"})
    assert len(faults) == 2
    assert "my secret" not in str(faults)


def test_a_thousand_faults_are_told_by_a_hundred() -> None:
    assert len(find_faults(encode_schema({"items": {"type": "string"}}), list(range(1_000)))) == 100


def test_a_schema_that_returns_to_itself_twice_at_each_level_is_answered_at_once() -> None:
    schema = {"anyOf": [{"properties": {"a": {"$ref": "#"}, "k": {"const": n}}, "required": ["k"]} for n in range(3)]}
    assert check_schema(schema) == []
    assert places(find_faults(encode_schema(schema), nested(40))) == [("", "schema")]
    tree = {"type": "object", "properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}}
    assert places(find_faults(encode_schema(tree), {"l": {"r": 1}})) == [("/l/r", "type")]


def test_a_pattern_that_backtracks_for_ever_is_cut_short() -> None:
    assert places(find_faults(encode_schema({"pattern": r"^(?=(a+)+b)\1$"}), "a" * 100_000)) == [("", "pattern")]


def test_an_output_that_is_not_json_is_a_fault_of_its_own() -> None:
    assert places(find_output_faults(encode_schema(NEWS), "sports", at="/messages/1/content")) == [
        ("/messages/1/content", "not_json")
    ]


def test_the_faults_of_an_output_point_into_its_json() -> None:
    assert places(find_output_faults(encode_schema(NEWS), '{"category": "weather"}', at="/out")) == [
        ("/out/category", "enum")
    ]
    assert find_output_faults(encode_schema(NEWS), '{"category": "sports"}') == []


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 5_000 + "]" * 5_000, "\ud800", '"\\ud800"', "1e999", ""])
def test_an_output_that_no_parser_likes_is_a_fault_and_no_crash(text: str) -> None:
    [fault] = find_output_faults(encode_schema({"type": "object", "additionalProperties": {"$ref": "#"}}), text)
    assert fault.code in {"too_deep", "not_json", "type"}
