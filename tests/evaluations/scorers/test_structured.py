"""Scorers of structured answers, against published figures and other libraries."""

import difflib
import json
import math
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import dice
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from service.datasets.examples.chat_content import Assistant, CalledFunction, Content, ToolCall, User
from service.errors import Invalid
from service.evaluations.scorers.fields import is_equal
from service.evaluations.scorers.scorer import Score
from service.evaluations.scorers.scorer_registry import read_config, score
from service.evaluations.scores.subject import Reference, Subject, read_tool_calls, split_example
from tests.evaluations.subjects import scored, summed, value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2, width=16) | st.text("ab", max_size=2),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inside, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(  # named after files of the JSONTestSuite of Seriot 2016, "Parsing JSON is a Minefield"
    ("text", "valid"),
    [
        ('{"a":"b","a":"c"}', True),  # y_object_duplicated_key
        ('["\\uD801\\udc37"]', True),  # y_string_accepted_surrogate_pair
        (" [] ", True),  # y_structure_whitespace_array
        ("false", True),  # y_structure_lonely_false
        ("[123.456e78]", True),  # y_number
        ("[NaN]", False),  # n_number_NaN
        ("[1,]", False),  # n_array_extra_comma
        ("[-01]", False),  # n_number_-01
        ("['a']", False),  # n_string_single_quote
        ("{a: 1}", False),  # n_object_unquoted_key
        ('["a\0a"]', False),  # n_string_unescaped_ctrl_char
        ("", False),  # n_structure_no_data
        ("[1]x", False),  # n_structure_array_trailing_garbage
        ("[" * 100_000, False),  # n_structure_100000_opening_arrays
        ("\ufeff{}", False),  # n_structure_incomplete_UTF8_BOM and its like
    ],
)
def test_json_is_what_the_json_test_suite_says(text: str, *, valid: bool) -> None:
    assert scored("json_valid", text).passed is valid


@given(JSON, st.integers(0, 40))
def test_json_cut_short_is_json_only_where_pythons_parser_says_so(json_value: Any, length: int) -> None:
    text = json.dumps(json_value)[:length]
    try:
        json.loads(text)
    except ValueError:
        assert scored("json_valid", text).passed is False
    else:
        assert scored("json_valid", text).passed is True


def test_a_code_block_around_json_is_forgiven_when_asked() -> None:
    fenced = '```json\n{"a": 1}\n```\n'
    assert not scored("json_valid", fenced).passed
    assert scored("json_valid", fenced, fenced=True).passed
    assert not scored("json_valid", "Here you are: " + fenced, fenced=True).passed
    assert scored("json_schema", fenced, fenced=True, schema={"required": ["a"]}).passed


SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"type": ["object", "array"], "maxProperties": 1, "maxItems": 1},
    {"anyOf": [{"type": "string", "minLength": 1}, {"enum": [None, 1, [1]]}]},
    {"not": {"type": "number"}},
]


@given(st.sampled_from(SCHEMAS), JSON)
def test_a_schema_is_kept_where_the_library_jsonschema_says_so(schema: dict[str, Any], answer: Any) -> None:
    result = scored("json_schema", json.dumps(answer), schema=schema)
    assert result.passed is jsonschema.Draft202012Validator(schema).is_valid(answer)
    assert bool(result.details["faults"]) is not result.passed


def test_a_schema_of_the_settings_takes_the_place_of_the_tasks() -> None:
    subject = Subject(output='{"a": "x"}', schema={"properties": {"a": {"type": "integer"}}})
    assert score(subject, read_config({"scorer": "json_schema"})).details["faults"] == [
        {"pointer": "/a", "code": "type"}
    ]
    assert score(subject, read_config({"scorer": "json_schema", "schema": {}})).passed
    assert score(Subject(output="{}"), read_config({"scorer": "json_schema"})).details["reason"] == "no_schema"


def test_failed_keywords_are_counted_by_rows() -> None:
    schema = {"items": {"type": "integer"}}
    outputs = ['["a", "b"]', "[1]", "nothing", '["c"]']
    summary = summed("json_schema", [(output, "") for output in outputs], schema=schema)
    assert summary["failed"] == {"not_json": 1, "type": 2}
    assert summary["pass_rate"] == 0.25


def test_an_unusable_schema_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        read_config({"scorer": "json_schema", "schema": {"type": "nope"}}, at="/scorers/0")
    assert refused.value.errors[0].pointer == "/scorers/0/schema/type"


INVOICE = '{"number": "R-7", "total": 119.0, "customer": {"name": "The Cat, Ltd."}, "items": [{"n": 1}, {"n": 2}]}'
ANSWER = '{"total": 118.995, "number": "r-7", "customer": {"name": "cat ltd"}, "items": [{"n": 1.0}, {"n": true}]}'


def test_fields_are_compared_each_in_its_way() -> None:
    fields = [
        {"path": "/number"},
        {"path": "total", "compare": "numeric", "tolerance": 0.01},
        {"path": "/customer/name", "compare": "normalized"},
        {"path": "items.0.n"},
        {"path": "items.1.n"},
        {"path": "/absent"},
    ]
    result = scored("field_match", ANSWER, INVOICE, fields=fields)
    right = {"/number": False, "total": True, "/customer/name": True, "items.0.n": True, "items.1.n": False}
    assert result.details["fields"] == right | {"/absent": True}
    assert (result.value, result.passed) == (4 / 6, False)


def test_without_fields_each_value_of_the_expected_answer_is_one() -> None:
    result = scored("field_match", ANSWER, INVOICE)
    assert list(result.details["fields"]) == ["/number", "/total", "/customer/name", "/items/0/n", "/items/1/n"]
    assert result.value == accuracy_score(
        ["R-7", "119.0", "The Cat, Ltd.", "1", "2"], ["r-7", "", "cat ltd", "1", "true"]
    )


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0, 2), st.floats(0, 1))
def test_numbers_are_near_where_pep_485_says_so(
    answer: float, expected: float, tolerance: float, relative: float
) -> None:
    field = {"path": "", "compare": "numeric", "tolerance": tolerance, "relative": relative}
    near = math.isclose(answer, expected, rel_tol=relative, abs_tol=tolerance)
    assert scored("field_match", json.dumps(answer), json.dumps(expected), fields=[field]).passed is near
    assert scored("field_match", json.dumps(str(answer)), json.dumps(expected), fields=[field]).passed is near


@given(JSON, JSON)
def test_json_values_are_the_same_when_a_schema_with_const_says_so(a: Any, b: Any) -> None:
    assert is_equal(a, b) is jsonschema.Draft202012Validator({"const": b}).is_valid(a)


def test_an_answer_that_is_no_json_matches_in_no_field() -> None:
    result = scored("field_match", "The total is 119.", INVOICE, fields=[{"path": "/absent"}, {"path": "total"}])
    assert (result.value, result.passed, result.details["reason"]) == (0.0, False, "not_json")
    assert scored("field_match", "{}", "no JSON").details["reason"] == "reference_not_json"


def test_each_field_has_its_share_over_the_rows() -> None:
    summary = summed("field_match", [('{"a": 1, "b": 2}', '{"a": 1, "b": 3}'), ('{"a": 1}', '{"a": 1}')])
    assert summary["fields"] == {"/a": {"scored": 2, "mean": 1.0}, "/b": {"scored": 1, "mean": 0.0}}


@pytest.mark.parametrize("paths", [["a", "/a"], ["/a~2"], ["/a~"], ["a\0"]])
def test_a_path_that_cannot_be_or_is_there_twice_is_refused(paths: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        read_config({"scorer": "field_match", "fields": [{"path": path} for path in paths]})
    assert refused.value.errors[0].pointer.endswith(f"/fields/{len(paths) - 1}/path")


# scikit-learn's user guide, classification_report: true 0 1 2 2 0, predicted 0 0 2 1 0, with its printed figures.
TRUE = ["class 0", "class 1", "class 2", "class 2", "class 0"]
PREDICTED = ["class 0", "class 0", "class 2", "class 1", "class 0"]
CLASSES = ["class 0", "class 1", "class 2"]


def test_classes_have_the_figures_of_scikit_learns_user_guide() -> None:
    summary = summed("classification", list(zip(PREDICTED, TRUE, strict=True)), categories=CLASSES)
    printed = {
        name: [round(rates[figure], 2) for figure in ("precision", "recall", "f1", "support")]
        for name, rates in summary["classes"].items()
    }
    assert printed == {"class 0": [0.67, 1, 0.8, 2], "class 1": [0, 0, 0, 1], "class 2": [1, 0.5, 0.67, 2]}
    assert [round(summary["macro"][figure], 2) for figure in ("precision", "recall", "f1")] == [0.56, 0.5, 0.49]
    assert [round(summary["weighted"][figure], 2) for figure in ("precision", "recall", "f1")] == [0.67, 0.6, 0.59]
    assert summary["accuracy"] == 0.6
    assert {"expected": "class 1", "predicted": "class 0", "count": 1} in summary["confusion"]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", "?"]), st.sampled_from(["a", "b", "c"])), min_size=1))
def test_classes_have_the_figures_that_scikit_learn_computes(pairs: list[tuple[str, str]]) -> None:
    summary = summed("classification", pairs, categories=["a", "b", "c"])
    predicted, expected = zip(*pairs, strict=True)
    names = list(summary["classes"])
    assert summary["accuracy"] == pytest.approx(accuracy_score(expected, predicted))
    precision, recall, f1, support = precision_recall_fscore_support(expected, predicted, labels=names, zero_division=0)
    for place, name in enumerate(names):
        ours = [summary["classes"][name][figure] for figure in ("precision", "recall", "f1", "support")]
        assert ours == pytest.approx([precision[place], recall[place], f1[place], support[place]])
    for average in ("macro", "micro", "weighted"):
        theirs = precision_recall_fscore_support(expected, predicted, labels=names, average=average, zero_division=0)
        ours = [summary[average][figure] for figure in ("precision", "recall", "f1")]
        assert ours == pytest.approx(theirs[:3])
    assert sum(cell["count"] for cell in summary["confusion"]) == len(pairs)
    assert summary["unnamed"] == predicted.count("?")


def test_labels_are_read_from_free_text_with_the_tasks_fallback() -> None:
    config = read_config({"scorer": "classification"})
    categories = ("sports", "politics")

    def label(output: str) -> Score:
        reference = Reference(text="UNKNOWN")
        return score(Subject(output=output, reference=reference, categories=categories, fallback="UNKNOWN"), config)

    assert label("I cannot say.").details == {"expected": "UNKNOWN", "predicted": "UNKNOWN", "named": False}
    assert label("UNKNOWN").details["named"] is True
    assert label("Sports, or unknown").details["predicted"] == "sports"


def test_a_label_can_stand_in_a_field_of_a_json_answer() -> None:
    pair = ('{"why": "not politics", "label": "Sports"}', '{"label": "sports"}')
    assert value("classification", *pair, categories=["sports", "politics"], field="/label") == 1.0
    assert value("classification", *pair, categories=["sports", "politics"]) == 0.0
    assert value("classification", "no JSON: sports", pair[1], categories=["sports"], field="/label") == 0.0


def test_a_row_whose_expected_label_is_none_of_the_categories_is_not_scored() -> None:
    assert scored("classification", "a", "z", categories=["a"]).details["reason"] == "unknown_reference"
    assert scored("classification", "a", "a").details["reason"] == "no_categories"


def calls(*called: tuple[str, str]) -> tuple[CalledFunction, ...]:
    return tuple(CalledFunction(name=name, arguments=arguments) for name, arguments in called)


def matched(called: tuple[CalledFunction, ...], expected: tuple[CalledFunction, ...], **settings: Any) -> Score:
    config = read_config({"scorer": "tool_call_match", **settings})
    return score(Subject(output="", tool_calls=called, reference=Reference(tool_calls=expected)), config)


A, B, C = ("get_weather", '{"city": "Ulm", "days": 1}'), ("get_time", "{}"), ("get_weather", '{"city": "Bonn"}')
NAMES = st.lists(st.sampled_from("abcde"), unique=True, max_size=5)


@given(NAMES, NAMES)
def test_calls_in_any_order_have_the_dice_coefficient_of_scipy(called: list[str], expected: list[str]) -> None:
    result = matched(calls(*((n, "") for n in called)), calls(*((n, "") for n in expected)), any_order=True)
    if called or expected:
        theirs = 1 - dice([n in called for n in "abcde"], [n in expected for n in "abcde"])
        assert result.value == pytest.approx(theirs)
    else:
        assert (result.value, result.passed) == (1.0, True)


@pytest.mark.parametrize(
    ("called", "expected"), [("abcd", "acbd"), ("ab", "ba"), ("abc", "abc"), ("xaby", "ab"), ("", "a")]
)
def test_calls_in_order_have_the_ratio_of_difflib(called: str, expected: str) -> None:
    result = matched(calls(*((n, "") for n in called)), calls(*((n, "") for n in expected)))
    assert result.value == pytest.approx(difflib.SequenceMatcher(a=called, b=expected).ratio())
    assert result.passed is (called == expected)


def test_arguments_are_compared_as_json() -> None:
    written_otherwise = (A[0], '{"days":1.0,"city":"\\u0055lm"}')
    assert matched(calls(written_otherwise), calls(A)).passed
    assert not matched(calls((A[0], '{"city": "Ulm", "days": true}')), calls(A)).passed
    assert not matched(calls((A[0], '{"city": "Ulm", "days": 2}')), calls(A)).passed
    assert matched(calls((A[0], "rubbish")), calls((A[0], "rubbish"))).passed
    assert matched(calls((B[0], "")), calls(B)).passed
    assert matched(calls((A[0], "rubbish")), calls(A), arguments="ignore").passed


def test_the_order_of_calls_counts_unless_forgiven() -> None:
    assert matched(calls(B, A), calls(A, B)).value == 0.5
    assert matched(calls(B, A), calls(A, B), any_order=True).passed
    assert matched(calls(A, A), calls(A), any_order=True).value == pytest.approx(2 / 3)


def test_a_providers_calls_are_read_however_broken() -> None:
    assert read_tool_calls([{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]) == calls(
        ("f", "{}")
    )
    assert read_tool_calls(
        [ToolCall(id="1", type="function", function=CalledFunction(name="f", arguments="{"))]
    ) == calls(("f", "{"))
    assert read_tool_calls([{"function": {"name": "f", "arguments": {"a": 1}}}]) == calls(("f", '{"a":1}'))
    assert read_tool_calls([None, 7, {"function": "f"}, {"name": 3}]) == calls(*[("", "")] * 4)


def test_an_example_is_a_question_and_its_answer() -> None:
    call = ToolCall(id="1", type="function", function=CalledFunction(name="f", arguments="{}"))
    question = (User(content="hello"),)
    content = Content(messages=(*question, Assistant(content="world")))
    calling = Content(messages=(*question, Assistant(tool_calls=(call,))))
    preferred = Content(messages=question, chosen=Assistant(content="good"), rejected=Assistant(content="bad"))
    assert split_example(content) == (question, Reference(text="world"))
    assert split_example(calling) == (question, Reference(text=None, tool_calls=(call.function,)))
    assert split_example(preferred) == (question, Reference(text="good"))
    assert split_example(Content(messages=question)) == (question, None)
