"""Check a version against a gate, number by number. Pure.

Each check's sentence ends with what the gate requires.
"""

from collections.abc import Iterator

import msgspec

from service.errors import Conflict, Fault
from service.models.gates.domain import (
    CostPerThousand,
    Facts,
    GateCheck,
    GatePolicy,
    MeasuredGain,
    MeasuredScore,
    MeasuredVersion,
    Ruling,
    WantedEvaluation,
    WantedRating,
    describe_evaluation,
    finite_or_none,
)

# Floats are inexact: 0.55 over 0.5 must count as 10% more.
TOLERANCE = 1e-9
NO_MEASUREMENTS = MeasuredVersion()
BASE = "the base model"


class GateRefused(Conflict):
    """The version does not pass the gate"""

    code = "gate_refused"


class ScorePair(msgspec.Struct, frozen=True, kw_only=True):
    """The candidate's score and the one to beat, by the same evaluation. `gain` is the interval of the difference.

    `target` is what to evaluate to get the other's score.
    """

    candidate: str
    other: str
    target: str
    new: float | None
    old: float | None
    gain: MeasuredGain | None
    sign: int


def evaluate_gate(policy: GatePolicy, facts: Facts, candidate: str, current: str | None, *, base_model: str) -> Ruling:
    """Check `candidate`, tuned from `base_model`, against the gate and the version `current`.

    What was not measured fails.
    """
    checks = tuple(_build_checks(policy, facts, candidate, current, base_model))
    passed = all(check.passed for check in checks)
    return Ruling(passed=passed, candidate=candidate, current=current, checks=checks, facts=_drop_other_scores(facts))


def build_refusal(alias: str, ruling: Ruling) -> GateRefused:
    """Build the error with a fault for each failed check: its name is the code, its sentence the detail."""
    failed = [check for check in ruling.checks if not check.passed]
    detail = f"{ruling.candidate} does not pass the gate of {alias}: {' '.join(check.because for check in failed)}"
    return GateRefused(
        detail, errors=[Fault(pointer="/version", detail=check.because, code=check.name) for check in failed]
    )


def _drop_other_scores(facts: Facts) -> Facts:
    """Drop the scores that no gate checks, because a ruling stays in the log for good."""
    versions = {name: msgspec.structs.replace(each, others=()) for name, each in facts.versions.items()}
    base = msgspec.structs.replace(facts.base, others=()) if facts.base else None
    return msgspec.structs.replace(facts, versions=versions, base=base)


def _build_checks(
    policy: GatePolicy, facts: Facts, candidate: str, current: str | None, base_model: str
) -> Iterator[GateCheck]:
    measured = facts.versions.get(candidate, NO_MEASUREMENTS)
    yield _check_evaluation(policy.evaluation, measured.score, candidate)
    if policy.over_base is not None:
        pair = _build_score_pair(facts, candidate, BASE, facts.base, facts.over_base)
        pair = msgspec.structs.replace(pair, target=f"{BASE}, {base_model},")
        yield _check_gain("over_base", policy.over_base, pair)
        if policy.interval_excludes_zero:
            yield _check_interval("over_base_interval", pair)
    if policy.over_current is not None and current is not None:
        pair = _build_score_pair(facts, candidate, current, facts.versions.get(current), facts.over_current)
        yield _check_gain("over_current", policy.over_current, pair)
        if policy.interval_excludes_zero and policy.over_current > 0:
            yield _check_interval("over_current_interval", pair)
    yield from _check_limits(policy, measured, candidate)


def _check_limits(policy: GatePolicy, measured: MeasuredVersion, candidate: str) -> Iterator[GateCheck]:
    if policy.format_validity is not None:
        yield _check_format(policy.format_validity, finite_or_none(measured.format_validity), candidate)
    if policy.human_rating is not None:
        yield _check_rating(policy.human_rating, measured, candidate)
    if policy.cost_per_thousand is not None:
        yield _check_cost(policy.cost_per_thousand, measured.cost_per_thousand, candidate)
    if policy.latency_p95_ms is not None:
        yield _check_latency(policy.latency_p95_ms, finite_or_none(measured.latency_p95_ms), candidate)


def _check_evaluation(evaluation: WantedEvaluation, score: MeasuredScore | None, candidate: str) -> GateCheck:
    rows = score.n if score is not None and finite_or_none(score.value) is not None else None
    because = f"{candidate} was not evaluated by {describe_evaluation(evaluation)}."
    if rows is not None:
        because = f"{candidate} was evaluated by {describe_evaluation(evaluation)}, on {rows} rows."
    return GateCheck(name="evaluation", wanted=1, found=rows, unit="rows", passed=bool(rows), because=because)


def _build_score_pair(
    facts: Facts, candidate: str, other: str, measured: MeasuredVersion | None, gain: MeasuredGain | None
) -> ScorePair:
    return ScorePair(
        candidate=candidate,
        other=other,
        target=other,
        new=_read_score(facts.versions.get(candidate)),
        old=_read_score(measured),
        gain=gain,
        sign=1 if facts.higher_is_better else -1,
    )


def _read_score(measured: MeasuredVersion | None) -> float | None:
    return finite_or_none(measured.score.value) if measured is not None and measured.score is not None else None


def _check_gain(name: str, minimum: float, pair: ScorePair) -> GateCheck:
    new, old, gain, passed = pair.new, pair.old, None, False
    if new is None or old is None:
        unscored = pair.candidate if new is None else pair.target
        because = f"{unscored} has no score to compare: evaluate it on the same rows; {_describe_minimum(minimum)}."
    elif old == 0:
        # There is no percentage of 0: any gain passes, and an equal score is not worse.
        passed = pair.sign * new > 0 or (new == 0 and minimum <= 0)
        because = f"{pair.candidate} scores {new:.4g}, {pair.other} 0; {_describe_minimum(minimum)}."
    else:
        gain = pair.sign * (new - old) / abs(old)
        passed = gain >= minimum - TOLERANCE
        scores = f"{pair.candidate} scores {new:.4g}, {pair.other} {old:.4g}"
        because = f"{scores}: {_format_percent(gain)}; {_describe_minimum(minimum)}."
    return GateCheck(name=name, wanted=minimum, found=gain, unit="relative", passed=passed, because=because)


def _describe_minimum(gain: float) -> str:
    return "it must not be worse" if gain == 0 else f"at least {_format_percent(gain)} is required"


def _format_percent(share: float) -> str:
    return f"{100 * share:+.4g}%"


def _check_interval(name: str, pair: ScorePair) -> GateCheck:
    low = finite_or_none(pair.gain.low) if pair.gain else None
    because = f"The interval of the gain of {pair.candidate} over {pair.other} is unknown; above 0 is required."
    if low is not None:
        gain = f"The gain of {pair.candidate} over {pair.other} is {low:+.4g} at the low end of its interval"
        because = f"{gain}; above 0 is required."
    passed = low is not None and low > 0
    return GateCheck(name=name, wanted=0, found=low, unit="score", passed=passed, because=because)


def _check_format(minimum: float, share: float | None, candidate: str) -> GateCheck:
    because = f"The format validity of {candidate} is unknown; {100 * minimum:.4g}% is required."
    if share is not None:
        because = (
            f"{candidate} keeps its format in {100 * share:.4g}% of its answers; {100 * minimum:.4g}% is required."
        )
    passed = share is not None and share >= minimum - TOLERANCE
    return GateCheck(name="format_validity", wanted=minimum, found=share, unit="share", passed=passed, because=because)


def _check_rating(minimum: WantedRating, measured: MeasuredVersion, candidate: str) -> GateCheck:
    mean, count = finite_or_none(measured.human_rating), measured.human_ratings
    requirement = f"{minimum.stars:.4g} stars by {minimum.ratings} ratings are required"
    because = f"Nobody has rated the answers of {candidate}; {requirement}."
    if mean is not None:
        because = f"{candidate} is rated {mean:.4g} stars by {count} ratings; {requirement}."
    passed = mean is not None and mean >= minimum.stars - TOLERANCE and count >= minimum.ratings
    return GateCheck(
        name="human_rating", wanted=minimum.stars, found=mean, unit="stars", passed=passed, because=because
    )


def _check_cost(maximum: CostPerThousand, cost: CostPerThousand | None, candidate: str) -> GateCheck:
    requirement = f"at most {maximum.amount} {maximum.currency} is allowed"
    because, passed = f"The cost of 1,000 answers of {candidate} is unknown; {requirement}.", False
    if cost is not None:
        because = f"1,000 answers of {candidate} cost {cost.amount} {cost.currency}; {requirement}."
        # No exchange rates are known, so a cost in another currency does not pass.
        passed = cost.currency == maximum.currency and cost.amount.is_finite() and cost.amount <= maximum.amount
    return GateCheck(
        name="cost_per_thousand",
        wanted=float(maximum.amount),
        found=None if cost is None else float(cost.amount),
        unit=maximum.currency if cost is None else cost.currency,
        passed=passed,
        because=because,
    )


def _check_latency(maximum: float, latency: float | None, candidate: str) -> GateCheck:
    requirement = f"at most {maximum:.6g} ms is allowed"
    because = f"The latency (p95) of {candidate} is unknown; {requirement}."
    if latency is not None:
        because = f"95% of the answers of {candidate} take {latency:.6g} ms or less; {requirement}."
    passed = latency is not None and latency <= maximum
    return GateCheck(name="latency_p95_ms", wanted=maximum, found=latency, unit="ms", passed=passed, because=because)
