"""What is made of a judge's answer, whatever it is."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Fault
from service.evaluations.judges.verdict_parser import (
    Preference,
    Verdict,
    describe_scale,
    read_g_eval,
    read_pairwise,
    read_rubric,
)
from service.tasks.domain import TaskState
from tests.evaluations.subjects import HEADLINES as TASK


def word(text: str, task: TaskState = TASK, scale: Any = "one_to_five") -> Verdict:
    verdict = read_rubric(text, task, scale=scale)
    assert isinstance(verdict, Verdict)
    return verdict


def test_a_judges_full_answer_is_read() -> None:
    verdict = word('{"reason": "Good.", "requirement_1": 5, "requirement_2": 3, "overall": 4}')
    marks = {"Short": 5.0, 'It\'s "true"': 3.0}
    assert verdict == Verdict(scale="one_to_five", value=4, passed=True, requirements=marks, reason="Good.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('```json\n{"overall": "4/5"}\n```', 4.0),
        ('<think>{"overall": 1} or {so}?</think> {"overall": 3.5} Done.', 3.5),
        ('{"overall": {"score": "2"}}', 2.0),
        ('{"score": 5}', 5.0),
        ('{"requirement_1": 5, "requirement_2": 2}', 3.5),
        ('{"Short": 4, "It\'s \\"true\\"": 4}', 4.0),
        ("Score: 4/5.", 4.0),
        (" **3** \n", 3.0),
        ("Rating: [[2]]", 2.0),  # as MT-bench asks for it
    ],
)
def test_a_score_is_read_however_it_is_put(text: str, value: float) -> None:
    assert word(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"overall": "PASS"}', 1.0),
        ('{"overall": false}', 0.0),
        ("Verdict: fail", 0.0),
        ('{"requirement_1": "pass", "requirement_2": "fail"}', 0.0),
        ('{"requirement_1": "pass", "requirement_2": true}', 1.0),
    ],
)
def test_pass_and_fail_are_read_however_they_are_put(text: str, value: float) -> None:
    verdict = word(text, scale="pass_fail")
    assert (verdict.value, verdict.passed) == (value, value == 1.0)


RUBBISH = [
    "",
    "I like it.",
    "It does not pass, I fear, and 4 of 5 would fail too.",
    "null",
    "[5, 4]",
    "{}",
    '{"overall": 6}',
    '{"overall": 0}',
    '{"overall": NaN}',
    '{"overall": -Infinity}',
    '{"overall": "five"}',
    '{"overall": true}',
    '{"overall": null, "requirement_1": 4}',
    '{"overall": [4]}',
    '{"overall": 1' + "0" * 5_000 + "}",
    "-4",
    "45",
    "{" * 100_000,
    '{"a":' * 100_000,
    "\0\ud800",
    "4" * 1_000_000,
    "x" * 1_000_000,
]


@pytest.mark.parametrize("text", RUBBISH, ids=lambda text: text[:20].encode("utf-8", "replace").decode())
def test_rubbish_is_a_fault_and_never_a_score(text: str) -> None:
    assert isinstance(read_rubric(text, TASK, scale="one_to_five"), Fault)
    assert isinstance(read_g_eval(text, {"content": [{"token": "4", "logprob": -0.1}]}), Fault)
    assert isinstance(read_pairwise(text, shown_first="first"), Fault)


@given(st.text(st.characters(codec=None) | st.sampled_from('{}":,15passfail\0'), max_size=60))
def test_any_answer_is_a_verdict_on_the_scale_or_a_fault(text: str) -> None:
    for scale, least, most in (("pass_fail", 0, 1), ("one_to_five", 1, 5)):
        verdict = read_rubric(text, TASK, scale=scale)  # type: ignore[arg-type]
        assert isinstance(verdict, Fault) or least <= verdict.value <= most
    assert isinstance(read_g_eval(text), Fault | Verdict)
    assert isinstance(read_pairwise(text, shown_first="second"), Fault | Preference)


def test_a_reason_is_kept_short_and_storable() -> None:
    verdict = word(json.dumps({"overall": 4, "reason": "\0\ud800" + "x" * 5_000}))
    assert verdict.reason is not None
    assert verdict.reason.startswith("\ufffd\ufffdx")
    assert len(verdict.reason) == 2_000
    assert word('{"overall": 4, "reason": 7}').reason is None


# Liu et al. 2023, "G-Eval", equation 1: score = Σ p(s_i)·s_i. The sums are computed by numpy.average.
PROBABILITIES = {1: 0.02, 2: 0.08, 3: 0.2, 4: 0.6, 5: 0.1}


def logprobs(probabilities: dict[int, float], *, chosen_score: int = 4, around: str = "{}") -> dict[str, Any]:
    top = [{"token": around.format(score), "logprob": math.log(p)} for score, p in probabilities.items()]
    top.append({"token": "\u5206", "logprob": -9.0})
    chosen = {
        "token": around.format(chosen_score),
        "logprob": math.log(probabilities[chosen_score]),
        "top_logprobs": top,
    }
    return {
        "content": [{"token": '{"score":', "logprob": 0.0, "top_logprobs": []}, chosen, {"token": "}", "logprob": 0}]
    }


def test_g_eval_is_the_mean_weighted_by_the_probabilities() -> None:
    verdict = read_g_eval('{"score": 4}', logprobs(PROBABILITIES))
    assert isinstance(verdict, Verdict)
    assert verdict.value == pytest.approx(np.average(list(PROBABILITIES), weights=list(PROBABILITIES.values())))
    assert verdict.value == pytest.approx(3.68)
    assert (verdict.expected_value, verdict.passed) == (True, False)


@given(st.dictionaries(st.integers(1, 5), st.floats(1e-6, 1.0), min_size=1), st.sampled_from(["{}", " {}", '": {}']))
def test_g_eval_makes_the_probabilities_it_was_told_sum_to_one(weights: dict[int, float], around: str) -> None:
    chosen = max(weights, key=lambda score: weights[score])
    verdict = read_g_eval(f'{{"score":{chosen}}}', logprobs(weights, chosen_score=chosen, around=around))
    assert isinstance(verdict, Verdict)
    assert verdict.value == pytest.approx(np.average(list(weights), weights=list(weights.values())))


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        [],
        {"content": None},
        {"content": [None, 4, {"token": 4}, {"token": "4", "logprob": "x", "top_logprobs": "y"}]},
        {"content": [{"token": "4", "logprob": math.nan, "top_logprobs": [{"token": "4", "logprob": 700.0}]}]},
        {"content": [{"token": "4", "logprob": -math.inf}]},
        {"content": [{"token": "5", "logprob": -0.1}]},
        "4",
    ],
)
def test_without_usable_log_probabilities_the_score_itself_counts(broken: Any) -> None:
    verdict = read_g_eval('{"score": 4}', broken)
    assert verdict == Verdict(scale="one_to_five", value=4.0, passed=True)


@pytest.mark.parametrize(
    ("text", "winner"),
    [
        ('{"reason": "Shorter.", "winner": "a"}', "second"),
        ('{"winner": "B"}', "first"),
        ('{"winner": "answer_a"}', "second"),
        ("tie", "tie"),
        ("Answer B.", "first"),
    ],
)
def test_a_winner_is_told_as_the_answers_were_given(text: str, winner: str) -> None:
    verdict = read_pairwise(text, shown_first="second")
    assert isinstance(verdict, Preference)
    assert (verdict.winner, verdict.shown_first) == (winner, "second")


def test_scales_are_put_in_words() -> None:
    assert describe_scale("pass_fail") == "`pass` or `fail`"
    assert "1 (worst) to 5 (best)" in describe_scale("one_to_five")
