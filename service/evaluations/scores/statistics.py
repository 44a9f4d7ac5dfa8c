"""Compute intervals of means and changes, test pairs, and describe changes in words. Pure.

Intervals are bootstrap intervals (Efron and Tibshirani 1993, "An Introduction to the Bootstrap") by scipy, seeded, so
that the same figures always get the same interval.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from statistics import NormalDist, stdev
from typing import Any, Literal

import msgspec

from service.extras import require_extra

Method = Literal["bca", "percentile", "normal", "wilson", "constant", "none"]
CONFIDENCE = 0.95
MIN_ROWS = 10  # with fewer rows an interval is not reliable
RESAMPLES = 9_999
# With more rows the bootstrap is slow, and the normal interval is the same.
MAX_RESAMPLED = 5_000
_NUMBERS_PER_BATCH = 2_000_000
_EPSILON = 1e-12


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate from `n` rows with its interval."""

    n: int
    """Number of rows."""
    estimate: float | None
    """The estimated value. Null without rows."""
    low: float | None
    """Lower end of the interval. Null if there are too few rows."""
    high: float | None
    """Upper end of the interval. Null if there are too few rows."""
    confidence: float = CONFIDENCE
    """Confidence level, 0 to 1."""
    method: Method = "none"
    """How the interval was computed."""


class McNemar(msgspec.Struct, frozen=True, kw_only=True):
    """McNemar's test of rows that pass or fail."""

    fixed: int
    """Rows that failed before and pass now."""
    broken: int
    """Rows that passed before and fail now."""
    p_value: float
    """P-value of the exact two-sided test."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The same rows before and after. `relative` is None if the mean before is, or might be, 0.

    `mcnemar` is set for values that are only 0 or 1. `better` is None if no change is certain.
    """

    n: int
    before: float | None
    after: float | None
    difference: Interval
    relative: Interval | None
    mcnemar: McNemar | None
    better: bool | None
    verdict: str


def mean_interval(values: Sequence[float], *, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Compute the mean and its BCa bootstrap interval (Efron 1987); for more than 5,000 rows the normal interval.

    If all rows are equal, the interval is that value.
    """
    if len(values) <= 1:
        only = values[0] if values else None
        return Interval(n=len(values), estimate=only, low=None, high=None, confidence=confidence)
    estimate = math.fsum(values) / len(values)
    if min(values) == max(values):
        return _interval(values, values[0], values[0], values[0], confidence=confidence, method="constant")
    if len(values) > MAX_RESAMPLED:
        error = _standard_error(values) * _quantile(confidence)
        return _interval(values, estimate, estimate - error, estimate + error, confidence=confidence, method="normal")
    low, high, method = _bootstrap((values,), _mean, seed=seed, confidence=confidence)
    return _interval(values, estimate, low, high, confidence=confidence, method=method)


def share_interval(passed: int, n: int, *, confidence: float = CONFIDENCE) -> Interval:
    """Compute a share of `n` and its Wilson interval (Wilson 1927), which has a width even at 0 and 1."""
    if n == 0:
        return Interval(n=0, estimate=None, low=None, high=None, confidence=confidence)
    require_extra("evaluations")
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to import, and few processes need it

    ends = binomtest(passed, n).proportion_ci(confidence_level=confidence, method="wilson")
    return Interval(
        n=n,
        estimate=passed / n,
        low=float(ends.low),
        high=float(ends.high),
        confidence=confidence,
        method="wilson",
    )


def paired_difference(
    before: Sequence[float], after: Sequence[float], *, seed: int = 0, confidence: float = CONFIDENCE
) -> Interval:
    """Compute the mean of `after` minus that of `before`, with the interval over pairs. Both have the same order."""
    return mean_interval([b - a for a, b in zip(before, after, strict=True)], seed=seed, confidence=confidence)


def relative_change(
    before: Sequence[float], after: Sequence[float], *, seed: int = 0, confidence: float = CONFIDENCE
) -> Interval | None:
    """Compute (mean of `after` - mean of `before`) / |mean of `before`| over pairs: 0.12 is 12% more.

    None if the mean of `before` is, or might be, 0. For more than 5,000 rows the interval is by the delta method.
    """
    n = len(before)
    base = math.fsum(before) / n if n else 0.0
    estimate = (math.fsum(after) / n - base) / abs(base) if base else math.inf
    if not math.isfinite(estimate):
        return None
    if n == 1:
        return Interval(n=n, estimate=estimate, low=None, high=None, confidence=confidence)
    ratio = math.fsum(after) / math.fsum(before)
    residuals = [(b - ratio * a) / abs(base) for a, b in zip(before, after, strict=True)]
    if max(map(abs, residuals)) <= _EPSILON * (1 + abs(estimate)):
        return _interval(before, estimate, estimate, estimate, confidence=confidence, method="constant")
    if n > MAX_RESAMPLED:
        error = _standard_error(residuals) * _quantile(confidence)
        return _interval(before, estimate, estimate - error, estimate + error, confidence=confidence, method="normal")
    low, high, method = _bootstrap((before, after), _change, seed=seed, confidence=confidence)
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    return _interval(before, estimate, low, high, confidence=confidence, method=method)


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> McNemar:
    """McNemar's exact two-sided test: were changed rows as likely to get better as to get worse?

    Source: McNemar 1947.
    """
    pairs = list(zip(before, after, strict=True))
    fixed, broken = pairs.count((False, True)), pairs.count((True, False))
    if fixed + broken == 0:
        return McNemar(fixed=0, broken=0, p_value=1.0)
    require_extra("evaluations")
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to import, and few processes need it

    return McNemar(fixed=fixed, broken=broken, p_value=float(binomtest(fixed, fixed + broken, 0.5).pvalue))


def compare(
    before: Sequence[float],
    after: Sequence[float],
    *,
    higher_is_better: bool | None = True,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Comparison:
    """Compare the same rows, in the same order, before and after.

    A change is certain if its interval does not contain 0 and, for values of 0 and 1, McNemar's test agrees.
    """
    difference = paired_difference(before, after, seed=seed, confidence=confidence)
    relative = relative_change(before, after, seed=seed, confidence=confidence)
    is_binary = bool(before) and {*before, *after} <= {0, 1}
    test = mcnemar([bool(value) for value in before], [bool(value) for value in after]) if is_binary else None
    sign = _certain_sign(difference, test)
    better = None if sign == 0 or higher_is_better is None else (sign > 0) is higher_is_better
    return Comparison(
        n=len(before),
        before=math.fsum(before) / len(before) if before else None,
        after=math.fsum(after) / len(after) if after else None,
        difference=difference,
        relative=relative,
        mcnemar=test,
        better=better,
        verdict=describe_change(difference, relative, higher_is_better=higher_is_better, mcnemar=test),
    )


def describe_change(
    difference: Interval,
    relative: Interval | None,
    *,
    higher_is_better: bool | None = True,
    mcnemar: McNemar | None = None,
) -> str:
    """Describe a change, in percent if there is a relative change: `improved by 12%, interval 8\u201316`,
    `got worse by \u2026`, `no clear change (\u2026)`, `too few examples (7) to say`.
    """
    if difference.n < MIN_ROWS:
        return f"too few examples ({difference.n}) to say"
    sign = _certain_sign(difference, mcnemar)
    direction = -1 if higher_is_better is False else 1
    if sign == 0:
        doubt = f"; McNemar's p = {mcnemar.p_value:.2g}" if mcnemar else ""
        return f"no clear change ({_format_interval(difference, relative, direction)}{doubt})"
    if higher_is_better is None:
        verb = "rose" if sign > 0 else "fell"
    else:
        verb = "improved" if sign == direction else "got worse"
    return f"{verb} by {_format_interval(difference, relative, sign)}"


def _certain_sign(difference: Interval, test: McNemar | None) -> int:
    """The sign of a certain change, else 0."""
    if difference.n < MIN_ROWS or difference.low is None or difference.high is None:
        return 0
    if test is not None and test.p_value >= 1 - difference.confidence:
        return 0
    return int(difference.low > 0) - int(difference.high < 0)


def _format_interval(difference: Interval, relative: Interval | None, sign: int) -> str:
    interval = difference if relative is None else relative
    factor, unit = (1, "") if relative is None else (100, "%")
    numbers = [(number or 0.0) * factor * sign for number in (interval.estimate, interval.low, interval.high)]
    low, high = sorted(numbers[1:])
    decimals = "d" if unit and abs(numbers[0]) >= 10 else ".1f" if unit else ".3g"  # noqa: PLR2004 - two digits are enough
    estimate, low_text, high_text = (_format_number(number, decimals) for number in (numbers[0], low, high))
    range_ = f"{low_text} to {high_text}" if low < 0 else f"{low_text}\u2013{high_text}"
    return f"{estimate}{unit}, interval {range_}"


def _format_number(number: float, decimals: str) -> str:
    text = str(round(number)) if decimals == "d" else format(number, decimals)
    return text.removeprefix("-") if float(text) == 0 else text


def _interval(
    values: Sequence[float], estimate: float | None, low: float, high: float, *, confidence: float, method: Method
) -> Interval:
    return Interval(n=len(values), estimate=estimate, low=low, high=high, confidence=confidence, method=method)


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _standard_error(values: Sequence[float]) -> float:
    return stdev(values) / math.sqrt(len(values))


def _bootstrap(
    samples: tuple[Sequence[float], ...], statistic: Callable[..., Any], *, seed: int, confidence: float
) -> tuple[float, float, Method]:
    """Compute the ends by BCa; by percentiles if BCa fails, as it does if almost all rows are equal."""
    require_extra("evaluations")
    import numpy as np  # noqa: PLC0415 - slow to import, and few processes need it
    from scipy.stats import DegenerateDataWarning, bootstrap  # noqa: PLC0415 - the same

    data = tuple(np.asarray(sample, dtype=float) for sample in samples)
    low = high = math.nan
    method: Method = "bca"
    for method in ("bca", "percentile"):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", DegenerateDataWarning)
            result = bootstrap(
                data,
                statistic,
                paired=len(data) > 1,
                vectorized=True,
                n_resamples=RESAMPLES,
                batch=max(1, _NUMBERS_PER_BATCH // len(data[0])),
                confidence_level=confidence,
                method=method,
                rng=np.random.default_rng(seed),
            )
        low, high = float(result.confidence_interval.low), float(result.confidence_interval.high)
        if math.isfinite(low) and math.isfinite(high):
            break
    return low, high, method


def _mean(values: Any, axis: int = -1) -> Any:
    return values.mean(axis=axis)


def _change(before: Any, after: Any, axis: int = -1) -> Any:
    base = before.mean(axis=axis)
    return (after.mean(axis=axis) - base) / abs(base)
