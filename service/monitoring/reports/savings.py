"""How many times cheaper and faster a version is than another model, from sums over their calls. Pure."""

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

MIN_CALLS = 30  # of each model; with fewer an interval would not be reliable
NORMAL_95 = 1.959964
Role = Literal["base", "teacher", "other"]


class CallSums(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the calls of one model: costs in one currency, and the logarithms of latencies."""

    costs: int = 0
    cost_sum: float = 0.0
    cost_squares: float = 0.0
    latencies: int = 0
    log_sum: float = 0.0
    log_squares: float = 0.0


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How many times less the version takes, with a 95% interval."""

    times: float | None
    """How many times less: 4 is a quarter. Null where one of the two has no such figure."""
    low: float | None
    """The lower end of the interval. Null with fewer than 30 calls of either."""
    high: float | None
    """The upper end of the interval. Null with fewer than 30 calls of either."""
    version_calls: int
    """Calls of the version that tell the figure."""
    other_calls: int
    """Calls of the other model that tell it."""
    version_mean: float | None
    """What a call of the version takes: the mean cost, or the geometric mean of the latencies in milliseconds."""
    other_mean: float | None
    """What a call of the other model takes."""


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """A version beside another model."""

    against: str
    """The other model, by the provider's name."""
    role: Role
    """Whether it is the version's base, its teacher (it generated rows of the version's dataset), or another."""
    same_questions: bool
    """Whether only calls of runs were compared in which both were asked. False: all calls, which may differ."""
    currency: str
    """ISO 4217 code of the costs."""
    cheaper: Times
    """By the mean cost of a call."""
    faster: Times
    """By the geometric mean of the latencies."""
    verdict: str
    """In words."""


def add(sums: Iterable[CallSums]) -> CallSums:
    found = list(sums)
    return CallSums(**{name: sum(getattr(each, name) for each in found) for name in CallSums.__struct_fields__})


def compare_costs(version: CallSums, other: CallSums) -> Times:
    """The ratio of the mean costs. Its interval is by the delta method, on the logarithm of the ratio."""
    means = [each.cost_sum / each.costs if each.costs else None for each in (version, other)]
    error = math.hypot(*(_relative_error(each.costs, each.cost_sum, each.cost_squares) for each in (version, other)))
    return _build_times(version.costs, other.costs, means[0], means[1], error)


def compare_latencies(version: CallSums, other: CallSums) -> Times:
    """The ratio of the geometric means of the latencies, which a few slow calls do not decide."""
    means = [math.exp(each.log_sum / each.latencies) if each.latencies else None for each in (version, other)]
    error = math.hypot(*(_error(each.latencies, each.log_sum, each.log_squares) for each in (version, other)))
    return _build_times(version.latencies, other.latencies, means[0], means[1], error)


def describe(name: str, cheaper: Times, faster: Times) -> str:
    parts = [_describe_times(times, words) for times, words in ((cheaper, "cost"), (faster, "latency"))]
    return f"Beside {name}: {'; '.join(parts)}."


def _describe_times(times: Times, what: str) -> str:
    if times.times is None:
        return f"{what} is not known of both"
    if times.low is None or times.high is None:
        few = min(times.version_calls, times.other_calls)
        return f"{what} {times.times:.2g} times less, from {few} calls, which are too few to be sure"
    if times.low <= 1 <= times.high:
        return f"no certain difference in {what}"
    if times.times < 1:
        return f"{what} {1 / times.times:.2g} times more"
    return f"{what} {times.times:.2g} times less ({times.low:.2g} to {times.high:.2g})"


def _build_times(version_calls: int, other_calls: int, mean: float | None, other: float | None, error: float) -> Times:
    times = other / mean if mean and other else None
    known = times is not None and min(version_calls, other_calls) >= MIN_CALLS
    spread = math.exp(NORMAL_95 * error)
    return Times(
        times=times,
        low=times / spread if times and known else None,
        high=times * spread if times and known else None,
        version_calls=version_calls,
        other_calls=other_calls,
        version_mean=mean,
        other_mean=other,
    )


def _relative_error(count: int, total: float, squares: float) -> float:
    return _error(count, total, squares) / (total / count) if count and total else 0.0


def _error(count: int, total: float, squares: float) -> float:
    """The standard error of a mean."""
    if count <= 1:
        return 0.0
    return math.sqrt(max(squares - total * total / count, 0.0) / (count - 1) / count)
