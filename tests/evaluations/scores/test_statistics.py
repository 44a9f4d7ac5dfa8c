"""Intervals, tests and verdicts, against published figures and other libraries."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, ttest_rel

from service.evaluations.scores.statistics import (
    MAX_RESAMPLED,
    Interval,
    compare,
    describe_change,
    mcnemar,
    mean_interval,
    paired_difference,
    relative_change,
    share_interval,
)

# Efron and Tibshirani 1993, table 2.1: survival of 16 mice; the means are 86.86 and 56.22.
TREATED = [94.0, 197, 16, 38, 99, 141, 23]
CONTROL = [52.0, 104, 146, 10, 51, 30, 40, 27, 46]
# Student 1908, "The probable error of a mean": extra hours of sleep by two drugs in ten patients (R's data set sleep).
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
SLOW = [210.0, 180, 340, 290, 400, 150, 260, 310, 220, 270]
FAST = [190.0, 150, 330, 240, 300, 160, 210, 280, 200, 230]


@pytest.mark.parametrize(  # the ends by arch 8.0.0, IIDBootstrap.conf_int(method="bca"), of 200,000 resamples
    ("values", "mean", "low", "high"), [(TREATED, 86.86, 46.0, 137.571), (CONTROL, 56.22, 36.111, 91.667)]
)
def test_the_interval_of_the_mice_is_that_of_arch(values: list[float], mean: float, low: float, high: float) -> None:
    interval = mean_interval(values)
    assert interval.estimate == pytest.approx(mean, abs=0.005)
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=0.03)
    assert (interval.n, interval.method) == (len(values), "bca")


def test_the_same_rows_always_have_the_same_interval() -> None:
    assert mean_interval(CONTROL) == mean_interval(CONTROL)
    assert mean_interval(CONTROL, seed=1) != mean_interval(CONTROL, seed=2)


def test_a_higher_confidence_is_a_wider_interval() -> None:
    narrow, wide = (mean_interval(CONTROL, confidence=confidence) for confidence in (0.8, 0.99))
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low


def test_too_few_rows_have_no_interval_and_equal_ones_a_point() -> None:
    assert mean_interval([]) == Interval(n=0, estimate=None, low=None, high=None)
    assert mean_interval([3.0]) == Interval(n=1, estimate=3.0, low=None, high=None)
    assert mean_interval([0.1] * 7) == Interval(n=7, estimate=0.1, low=0.1, high=0.1, method="constant")


def test_rows_that_are_almost_all_equal_still_have_an_interval() -> None:
    interval = mean_interval([1.0] * 9 + [1.0 + 1e-15])
    assert interval.low is not None
    assert math.isfinite(interval.low)
    one_of_ten = mean_interval([0.0] * 9 + [1.0])
    assert one_of_ten.low is not None
    assert one_of_ten.high is not None
    assert 0.0 <= one_of_ten.low < 0.1 < one_of_ten.high


def test_many_rows_have_the_normal_interval_and_it_fits_the_resampled_one() -> None:
    rng = np.random.default_rng(5)
    values = rng.exponential(2.0, MAX_RESAMPLED + 1).tolist()
    many, few = mean_interval(values), mean_interval(values[:-1])
    assert (many.method, few.method) == ("normal", "bca")
    half = 1.959963984540054 * np.std(values, ddof=1) / math.sqrt(len(values))  # the normal quantile of 97.5%
    assert (many.low, many.high) == pytest.approx((np.mean(values) - half, np.mean(values) + half))
    assert (many.low, many.high) == pytest.approx((few.low, few.high), rel=0.01)


@pytest.mark.parametrize(  # by statsmodels 0.15.0, proportion_confint(method="wilson")
    ("passed", "n", "low", "high"),
    [
        (19, 20, 0.7638688065532577, 0.9911185511992044),
        (0, 10, 0.0, 0.2775327998628893),
        (10, 10, 0.7224672001371106, 1),
    ],
)
def test_the_interval_of_a_share_is_wilsons(passed: int, n: int, low: float, high: float) -> None:
    interval = share_interval(passed, n)
    assert (interval.low, interval.high) == pytest.approx((low, high))
    assert share_interval(0, 0) == Interval(n=0, estimate=None, low=None, high=None)


def test_students_sleep_has_his_difference_and_the_interval_of_arch() -> None:
    difference = paired_difference(DRUG_1, DRUG_2)
    assert difference.estimate == pytest.approx(
        1.58
    )  # Student 1908; R's t.test(paired = TRUE) gives 0.70 to 2.46 about it
    assert (difference.low, difference.high) == pytest.approx((1.05, 2.63), rel=0.03)  # arch 8.0.0, bca
    assert ttest_rel(DRUG_2, DRUG_1).pvalue == pytest.approx(0.002833, abs=1e-6)  # R says the same, so it is certain
    assert difference.low is not None
    assert difference.low > 0


def test_a_relative_change_has_the_interval_of_arch() -> None:
    change = relative_change(SLOW, FAST)
    assert change is not None
    assert change.estimate == pytest.approx(-0.12927756653992395)
    assert (change.low, change.high) == pytest.approx((-0.1835206, -0.07924528), rel=0.03)  # arch 8.0.0, bca, of pairs


def test_a_change_in_proportion_is_certain_and_one_from_zero_has_no_ratio() -> None:
    in_proportion = relative_change(SLOW, [1.1 * value for value in SLOW])
    assert in_proportion is not None
    assert in_proportion.method == "constant"
    assert (in_proportion.low, in_proportion.high) == pytest.approx((0.1, 0.1))
    assert relative_change([0.0] * 12, [1.0] * 12) is None
    assert relative_change([], []) is None
    assert relative_change([5e-324] * 12, [1.0] * 12) is None
    assert relative_change([0.0] * 11 + [1.0], [1.0] * 12) is None  # some resamples have a base of 0


def test_a_change_from_a_negative_base_keeps_its_direction() -> None:
    up = relative_change([-4.0, -5, -6], [-2.0, -3, -4])
    assert up is not None
    assert up.estimate == pytest.approx(0.4)


def test_many_pairs_have_the_delta_interval_and_it_fits_the_resampled_one() -> None:
    rng = np.random.default_rng(3)
    before = rng.exponential(2.0, MAX_RESAMPLED + 1)
    after = before * 0.9 + rng.normal(0, 0.5, MAX_RESAMPLED + 1)
    change = relative_change(before.tolist(), after.tolist())
    assert change is not None
    assert change.method == "normal"
    resampled = bootstrap(
        (before, after),
        lambda a, b, axis: b.mean(axis=axis) / a.mean(axis=axis) - 1,
        paired=True,
        n_resamples=1_000,
        batch=100,
        method="percentile",
        rng=1,
    ).confidence_interval
    assert (change.low, change.high) == pytest.approx((resampled.low, resampled.high), abs=0.002)


@pytest.mark.parametrize(  # the p-values by statsmodels 0.15.0, mcnemar(exact=True)
    ("fixed", "broken", "p_value"),
    [
        (150, 86, 3.7159361395713866e-05),  # Agresti 1990, approval of the prime minister
        (59, 121, 4.4344492637551645e-06),  # Wikipedia's example of McNemar's test
        (12, 2, 0.012939453125),
        (3, 9, 0.14599609375),
        (0, 0, 1.0),
    ],
)
def test_mcnemars_exact_test_has_the_p_values_of_statsmodels(fixed: int, broken: int, p_value: float) -> None:
    before = [False] * fixed + [True] * broken + [True, False] * 30
    after = [True] * fixed + [False] * broken + [True, False] * 30
    computed = mcnemar(before, after)
    assert (computed.fixed, computed.broken) == (fixed, broken)
    assert computed.p_value == pytest.approx(p_value)


def changed(estimate: float, low: float, high: float, *, n: int = 50) -> Interval:
    return Interval(n=n, estimate=estimate, low=low, high=high, method="bca")


UP, DOWN, NEITHER = changed(0.12, 0.08, 0.16), changed(-0.12, -0.16, -0.08), changed(0.02, -0.03, 0.07)


@pytest.mark.parametrize(
    ("change", "higher_is_better", "words"),
    [
        (UP, True, "improved by 12%, interval 8\u201316"),
        (DOWN, True, "got worse by 12%, interval 8\u201316"),
        (DOWN, False, "improved by 12%, interval 8\u201316"),
        (UP, False, "got worse by 12%, interval 8\u201316"),
        (UP, None, "rose by 12%, interval 8\u201316"),
        (DOWN, None, "fell by 12%, interval 8\u201316"),
        (NEITHER, True, "no clear change (2.0%, interval -3.0 to 7.0)"),
        (NEITHER, False, "no clear change (-2.0%, interval -7.0 to 3.0)"),
        (changed(0.5, 0.4, 0.6, n=9), True, "too few examples (9) to say"),
        (changed(1.074, 0.9, 1.2), True, "improved by 107%, interval 90\u2013120"),
        (changed(0.0421, 0.0004, 0.08), True, "improved by 4.2%, interval 0.0\u20138.0"),
        (Interval(n=0, estimate=None, low=None, high=None), True, "too few examples (0) to say"),
    ],
)
def test_a_change_is_put_in_words(change: Interval, words: str, *, higher_is_better: bool | None) -> None:
    assert describe_change(change, change, higher_is_better=higher_is_better) == words


def test_a_change_without_a_base_is_put_in_its_own_unit() -> None:
    assert describe_change(changed(0.4, 0.2, 0.6), None) == "improved by 0.4, interval 0.2\u20130.6"
    assert describe_change(changed(-1234.5, -2000, -7), None) == "got worse by 1.23e+03, interval 7\u20132e+03"


def test_students_drugs_and_faster_answers_are_compared() -> None:
    drugs = compare(DRUG_1, DRUG_2)
    assert drugs.n == 10
    assert [drugs.before, drugs.after] == pytest.approx([0.75, 2.33])
    assert (drugs.better, drugs.mcnemar) == (True, None)
    faster = compare(SLOW, FAST, higher_is_better=False)
    assert faster.better is True
    assert faster.verdict.startswith("improved by 13%, interval ")
    assert compare(FAST, SLOW, higher_is_better=False).better is False
    assert compare(SLOW, FAST, higher_is_better=None).better is None


def test_pass_and_fail_change_only_where_mcnemar_agrees() -> None:
    before = [0.0] * 5 + [1.0] * 20
    after = [1.0] * 25
    five_fixed = compare(before, after)
    assert five_fixed.difference.low is not None
    assert five_fixed.difference.low > 0
    assert five_fixed.mcnemar is not None
    assert five_fixed.mcnemar.p_value == pytest.approx(2 * 0.5**5)
    assert five_fixed.better is None
    assert five_fixed.verdict.startswith("no clear change (25%, ")
    assert five_fixed.verdict.endswith("; McNemar's p = 0.062)")
    assert compare([0.0] * 6 + [1.0] * 20, [1.0] * 26).better is True


def test_no_rows_and_equal_rows_are_compared_without_a_claim() -> None:
    assert compare([], []).verdict == "too few examples (0) to say"
    assert compare([1.0] * 3, [0.0] * 3).verdict == "too few examples (3) to say"
    same = compare([0.5] * 30, [0.5] * 30)
    assert (same.better, same.verdict) == (None, "no clear change (0.0%, interval 0.0\u20130.0)")


def test_rows_of_other_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare([1.0, 2.0], [1.0])


def test_noise_is_called_a_change_about_as_seldom_as_promised() -> None:
    rng = random.Random(11)
    called = 0
    for seed in range(100):
        before = [rng.gauss(1, 0.3) for _ in range(40)]
        after = [rng.gauss(1, 0.3) for _ in range(40)]
        called += compare(before, after, seed=seed).better is not None
    assert called <= 14  # 5 are promised; more than 14 of 100 would come once in ten thousand such tests


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]) | st.floats(0, 1), st.floats(0, 1)), max_size=30))
def test_any_rows_have_a_verdict(pairs: list[tuple[float, float]]) -> None:
    comparison = compare([a for a, _ in pairs], [b for _, b in pairs])
    assert comparison.verdict
    for interval in (comparison.difference, comparison.relative):
        if interval is not None and interval.low is not None and interval.high is not None:
            assert math.isfinite(interval.low)
            assert interval.low <= interval.high
