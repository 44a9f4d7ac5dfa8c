"""All scorers alike: any text is survived, nothing of it is kept, and each is described."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.datasets.examples.chat_content import CalledFunction, find_text_faults
from service.evaluations.scorers.scorer import Score
from service.evaluations.scorers.scorer_registry import (
    SCORERS,
    AnyConfig,
    aggregate,
    check_configs,
    get_label,
    hash_config,
    read_config,
    score,
)
from service.evaluations.scores.subject import Reference, Subject

DOCS = Path(__file__).parents[3] / "docs" / "scorers.md"
NEEDED: dict[str, dict[str, Any]] = {
    "contains": {"texts": ["a", "\u00df"], "ignore_case": True},
    "regex": {"pattern": "(a|b)+\\w$"},
    "field_match": {
        "fields": [{"path": "/a"}, {"path": "b.0", "compare": "numeric"}, {"path": "c", "compare": "normalized"}]
    },
    "classification": {"categories": ["a", "b c"], "fallback": "none"},
    "rouge1": {"words": "unicode"},
    "rouge2": {"stem": True},
    "words": {"most": 3},
}
CONFIGS: list[AnyConfig] = [read_config({"scorer": name, **NEEDED.get(name, {})}) for name in SCORERS]
CONFIGS += [read_config({"scorer": name, "fenced": True}) for name in ("json_valid", "json_schema", "field_match")]
SCHEMA = {"type": "object", "required": ["a"], "additionalProperties": False, "properties": {"a": {"pattern": "^b"}}}
ANY = st.text(st.characters(codec=None) | st.sampled_from('{}[]":,ab\0\ud800\udfff`\n 1'), max_size=40)
NASTY = [
    "",
    " ",
    "\0",
    "\ud800",
    "\udfff\ud800",
    '{"a": "\\u0000"}',
    '{"a\\u0000": 1, "\\ud800": 2}',
    '{"a": 1e999}',
    "[" * 3_000 + "]" * 3_000,
    '{"a":' * 70 + "1" + "}" * 70,
    "9" * 5_000,
    "```json\n```",
    "a" * 1_000_000,
    "a b. " * 200_000,
    "\u0130\u0307" * 500,
    "".join(map(chr, range(0x20, 0x2000))),
]


def subject(output: str, expected: str) -> Subject:
    call = CalledFunction(name=output[:50], arguments=output)
    return Subject(
        output=output,
        tool_calls=(call, call),
        reference=Reference(text=expected, tool_calls=(CalledFunction(name="f", arguments=expected),)),
        repeats=(output, expected, output),
        schema=SCHEMA,
        categories=("a", "b c"),
        fallback="none",
    )


def check(result: Score) -> None:
    assert result.value is None or 0 <= result.value < float("inf")
    assert result.value is not None or {"reason", "detail"} <= result.details.keys()
    assert list(find_text_faults(result.details)) == []
    assert len(msgspec.json.encode(result.details)) < 5_000


@pytest.mark.parametrize("config", CONFIGS, ids=get_label)
@given(output=ANY, expected=ANY)
def test_any_text_is_survived(config: AnyConfig, output: str, expected: str) -> None:
    results = [score(subject(output, expected), config), score(subject(expected, output), config)]
    for one in results:
        check(one)
    msgspec.json.encode(aggregate(results, config))


@pytest.mark.parametrize("config", CONFIGS, ids=get_label)
def test_the_worst_texts_are_survived_on_either_side(config: AnyConfig) -> None:
    for text in NASTY:
        for one in (subject(text, "the answer"), subject("the answer", text), subject(text, text)):
            check(score(one, config))


@pytest.mark.parametrize("config", CONFIGS, ids=get_label)
def test_a_row_without_anything_is_not_scored_and_says_why(config: AnyConfig) -> None:
    result = score(Subject(output=None), config)
    assert (result.value, result.passed) == (None, None)
    assert result.details["detail"].endswith(".")
    summary = aggregate([result, result], config)
    assert (summary["scored"], summary["unscored"], summary["mean"], summary["pass_rate"]) == (0, 2, None, None)
    assert summary["reasons"] == {result.details["reason"]: 2}
    assert aggregate([], config)["scored"] == 0


@pytest.mark.parametrize("config", CONFIGS, ids=get_label)
def test_a_deterministic_scorer_says_the_same_twice(config: AnyConfig) -> None:
    one = subject('{"a": "b c"}', '{"a": "a"}')
    assert score(one, config) == score(one, config)


def test_nothing_of_the_answer_is_kept_beside_the_score() -> None:
    secret = "Xylophone"
    one = subject(f'{secret} is at {{"a": "{secret}"}} a b', f'{secret} {{"a": "{secret}"}} a')
    assert not [get_label(config) for config in CONFIGS if secret in str(score(one, config).details)]


def test_settings_come_back_from_json_as_they_were() -> None:
    for config in CONFIGS:
        assert msgspec.json.decode(msgspec.json.encode(config), type=AnyConfig) == config
        assert read_config(msgspec.to_builtins(config)) == config


def test_equal_settings_have_one_digest_whatever_they_are_called() -> None:
    plain = read_config({"scorer": "regex", "pattern": "a"})
    assert hash_config(plain) == hash_config(read_config({"scorer": "regex", "pattern": "a", "label": "has an a"}))
    assert hash_config(plain) == hash_config(read_config({"scorer": "regex", "pattern": "a", "whole": False}))
    assert hash_config(plain) != hash_config(read_config({"scorer": "regex", "pattern": "b"}))
    assert len({hash_config(config) for config in CONFIGS}) == len(CONFIGS)


def test_two_scorers_of_a_kind_need_labels_of_their_own() -> None:
    one, other = (read_config({"scorer": "regex", "pattern": pattern}) for pattern in "ab")
    assert [fault.pointer for fault in check_configs([one, other], at="/scorers")] == ["/scorers/1/label"]
    assert check_configs([one, msgspec.structs.replace(other, label="b")]) == []


def test_each_scorer_has_its_definition_in_code_and_in_the_docs() -> None:
    documented = dict(re.findall(r"^### (\w+) · version (\d+) · ", DOCS.read_text(), re.MULTILINE))
    assert documented == {name: str(scorer.version) for name, scorer in SCORERS.items()}
    for scorer in SCORERS.values():
        assert len(scorer.definition) > 40
        assert f"### {scorer.name} · version {scorer.version} · {scorer.unit}\n" in DOCS.read_text()


def test_each_scorers_settings_have_a_json_schema() -> None:
    for name, scorer in SCORERS.items():
        defined = msgspec.json.schema(scorer.config)["$defs"][scorer.config.__name__]
        assert defined["properties"]["scorer"] == {"enum": [name]}
        assert defined["additionalProperties"] is False
