"""What is measured of an answer, against published figures and other libraries."""

from decimal import Decimal
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Fault, Invalid
from service.evaluations.judges.verdict_parser import Preference, Verdict
from service.evaluations.scorers.scorer import Score, Summary
from service.evaluations.scorers.scorer_registry import aggregate, read_config, score
from service.evaluations.scores.subject import Subject
from tests.evaluations.subjects import scored, value


def measured(scorer: str, rows: list[dict[str, Any]], **settings: Any) -> tuple[list[Score], Summary]:
    config = read_config({"scorer": scorer, **settings})
    scores = [score(Subject(output="", **row), config) for row in rows]
    return scores, aggregate(scores, config)


# Fleiss 1971 by way of Wikipedia's worked example: 14 raters put ten subjects into five classes; P_i to three digits.
FLEISS = [
    ((0, 0, 0, 0, 14), 1.000),
    ((0, 2, 6, 4, 2), 0.253),
    ((0, 0, 3, 5, 6), 0.308),
    ((0, 3, 9, 2, 0), 0.440),
    ((2, 2, 8, 1, 1), 0.330),
    ((7, 7, 0, 0, 0), 0.462),
    ((3, 2, 6, 3, 0), 0.242),
    ((2, 5, 3, 2, 2), 0.176),
    ((6, 5, 2, 1, 0), 0.286),
    ((0, 2, 2, 3, 7), 0.286),
]


def test_consistency_is_the_agreement_on_a_subject_in_fleiss_example() -> None:
    rows = [{"repeats": tuple("abcde"[n] for n, size in enumerate(sizes) for _ in range(size))} for sizes, _ in FLEISS]
    # The letter a is an article and would leave an empty answer, which is still one answer of its own.
    scores, summary = measured("consistency", rows)
    assert [round(found.value or 0, 3) for found in scores] == [figure for _, figure in FLEISS]
    assert summary["mean"] == pytest.approx(0.378, abs=0.0005)  # the example's mean of P_i


def test_answers_that_differ_in_form_alone_are_consistent() -> None:
    repeats = ("The cat.", "the  cat", "cat!")
    assert score(Subject(output="", repeats=repeats), read_config({"scorer": "consistency"})).value == 1.0
    exact = read_config({"scorer": "consistency", "compare": "exact", "least": 0.5})
    assert score(Subject(output="", repeats=repeats), exact) == Score(
        value=0.0, passed=False, details={"repeats": 3, "different": 3}
    )
    assert scored("consistency", "once").details["reason"] == "no_repeats"


def test_lengths_are_those_of_wc() -> None:
    lincoln = (
        "Four score and seven years ago our fathers brought forth, upon this continent, a new nation, conceived in"
        " Liberty, and dedicated to the proposition that \u201call men are created equal.\u201d"
    )
    assert value("words", lincoln) == 30  # wc -w of GNU coreutils
    assert value("characters", lincoln) == 181  # wc -m
    assert (value("words", " \n"), value("characters", "")) == (0, 0)


def test_a_length_passes_between_its_ends() -> None:
    assert [scored("words", "a " * n, least=2, most=3).passed for n in (1, 2, 3, 4)] == [False, True, True, False]
    assert scored("characters", "abc").passed is None


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=40))
def test_times_have_the_percentiles_of_numpy(times: list[int]) -> None:
    _, summary = measured("latency", [{"latency_ms": time} for time in times])
    seconds = np.asarray(times) / 1000
    ours = [summary["mean"], summary["median"], summary["p95"]]
    assert ours == pytest.approx([seconds.mean(), np.median(seconds), np.percentile(seconds, 95)])


def test_times_that_are_not_known_leave_the_others_alone() -> None:
    scores, summary = measured("latency", [{"latency_ms": 1_500}, {}, {"latency_ms": 2_500}], most=2.0)
    assert [found.passed for found in scores] == [True, None, False]
    assert (summary["scored"], summary["reasons"], summary["mean"]) == (2, {"no_latency": 1}, 2.0)
    _, nothing = measured("latency", [{}])
    assert (nothing["mean"], nothing["median"], nothing["p95"]) == (None, None, None)


@pytest.mark.parametrize(("count", "figures"), [("total", [15, 40]), ("input", [10, 20]), ("output", [5, 20])])
def test_tokens_are_counted_and_totalled(count: str, figures: list[int]) -> None:
    rows = [{"input_tokens": 10, "output_tokens": 5}, {"input_tokens": 20, "output_tokens": 20}, {}]
    scores, summary = measured("tokens", rows, count=count)
    assert [found.value for found in scores] == [*figures, None]
    assert summary["total"] == np.sum(figures)
    assert summary["mean"] == np.mean(figures)


def test_costs_are_added_exactly() -> None:
    rows = [{"cost": Decimal("0.1"), "currency": "USD"}, {"cost": Decimal("0.2"), "currency": "USD"}, {}]
    _, summary = measured("cost", rows, most=0.15)
    assert summary["totals"] == [{"amount": "0.3", "currency": "USD"}]
    assert (summary["mean"], summary["pass_rate"]) == (pytest.approx(fmean([0.1, 0.2])), 0.5)


def test_costs_in_two_currencies_have_no_mean() -> None:
    _, summary = measured(
        "cost", [{"cost": Decimal(1), "currency": "USD"}, {"cost": Decimal("1E+1"), "currency": "EUR"}]
    )
    assert summary["mean"] is None
    assert summary["totals"] == [{"amount": "10", "currency": "EUR"}, {"amount": "1", "currency": "USD"}]


def test_four_stars_pass_unless_said_otherwise() -> None:
    rows: list[dict[str, Any]] = [{"rating": 4.0}, {"rating": 3.5}, {}]
    scores, summary = measured("human_rating", rows)
    assert [found.passed for found in scores] == [True, False, None]
    assert summary["mean"] == fmean([4.0, 3.5])
    assert measured("human_rating", rows, least=3.5)[1]["pass_rate"] == 1.0


def test_a_judges_scores_are_summed_up_by_requirement() -> None:
    verdicts: list[Verdict | Fault | None] = [
        Verdict(scale="one_to_five", value=5, passed=True, requirements={"short": 5, "true": 4}),
        Verdict(scale="one_to_five", value=3, passed=False, requirements={"short": 2}),
        Fault(detail="The judge's answer is neither a JSON object nor a score.", code="not_readable"),
        None,
    ]
    scores, summary = measured("judge", [{"verdict": verdict} for verdict in verdicts])
    assert [found.passed for found in scores] == [True, False, None, None]
    assert summary["mean"] == fmean([5, 3])
    assert summary["requirements"] == {"short": fmean([5, 2]), "true": 4}
    assert summary["reasons"] == {"no_verdict": 1, "not_readable": 1}
    assert measured("judge", [{"verdict": verdicts[1]}], least=3)[0][0].passed is True


def test_preferences_count_a_tie_as_half_and_tell_how_much_the_place_mattered() -> None:
    words = [("first", "first"), ("second", "second"), ("first", "second"), ("tie", "first"), ("first", "first")]
    rows: list[dict[str, Any]] = [{"preference": Preference(winner=w, shown_first=s)} for w, s in words]  # type: ignore[arg-type]
    _, summary = measured("preference", rows)
    assert (summary["wins"], summary["ties"], summary["losses"]) == (3, 1, 1)
    assert summary["mean"] == fmean([1, 0, 1, 0.5, 1])
    assert summary["first_shown_wins"] == 3 / 4
    assert measured("preference", [{}])[1]["first_shown_wins"] is None


def test_g_eval_needs_its_criterion() -> None:
    with pytest.raises(Invalid) as refused:
        read_config({"scorer": "judge", "method": "g_eval", "scale": "pass_fail"}, at="/scorers/0")
    assert [fault.pointer for fault in refused.value.errors] == ["/scorers/0/criterion", "/scorers/0/scale"]
