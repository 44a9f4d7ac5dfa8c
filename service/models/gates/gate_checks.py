"""Check a version against a gate, number by number. Pure."""

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
    drop_non_finite,
)

# Scores are quotients: 0.55 over 0.5 is a tenth more, whatever the last bit of a float says.
TOLERANCE = 1e-9
NO_MEASUREMENTS = MeasuredVersion()
BASE = "the base model"


class GateRefused(Conflict):
    """The version falls short of what the gate asks for"""

    code = "gate_refused"


class ScorePair(msgspec.Struct, frozen=True, kw_only=True):
    """Two scores of the same evaluation, the candidate's and the one it is to beat; `gain` is the interval between."""

    candidate: str
    other: str
    new: float | None
    old: float | None
    gain: MeasuredGain | None
    sign: int


def judge(policy: GatePolicy, facts: Facts, candidate: str, current: str | None) -> Ruling:
    """Whether `candidate` may stand where `current` stands. What nobody measured has not been shown, so it fails."""
    checks = tuple(_build_checks(policy, facts, candidate, current))
    passed = all(check.passed for check in checks)
    return Ruling(passed=passed, candidate=candidate, current=current, checks=checks, facts=_drop_other_scores(facts))


def build_refusal(alias: str, ruling: Ruling) -> GateRefused:
    """Each check that fell short is a fault of its own: its name is the code, its numbers are in the detail."""
    short = [check for check in ruling.checks if not check.passed]
    detail = f"{ruling.candidate} falls short of the gate of {alias}: {' '.join(check.because for check in short)}"
    return GateRefused(
        detail, errors=[Fault(pointer="/version", detail=check.because, code=check.name) for check in short]
    )


def _drop_other_scores(facts: Facts) -> Facts:
    """Without the scores that no gate looks at: a ruling stays in the log for good."""
    versions = {name: msgspec.structs.replace(each, others=()) for name, each in facts.versions.items()}
    base = msgspec.structs.replace(facts.base, others=()) if facts.base else None
    return msgspec.structs.replace(facts, versions=versions, base=base)


def _build_checks(policy: GatePolicy, facts: Facts, candidate: str, current: str | None) -> Iterator[GateCheck]:
    found = facts.versions.get(candidate, NO_MEASUREMENTS)
    yield _check_evaluation(policy.evaluation, found.score, candidate)
    if policy.over_base is not None:
        versus = _build_score_pair(facts, candidate, BASE, facts.base, facts.over_base)
        yield _check_gain("over_base", policy.over_base, versus)
        if policy.interval_excludes_zero:
            yield _check_interval("over_base_interval", versus)
    if policy.over_current is not None and current is not None:
        versus = _build_score_pair(facts, candidate, current, facts.versions.get(current), facts.over_current)
        yield _check_gain("over_current", policy.over_current, versus)
        if policy.interval_excludes_zero and policy.over_current > 0:
            yield _check_interval("over_current_interval", versus)
    yield from _check_limits(policy, found, candidate)


def _check_limits(policy: GatePolicy, found: MeasuredVersion, candidate: str) -> Iterator[GateCheck]:
    if policy.format_validity is not None:
        yield _check_format(policy.format_validity, drop_non_finite(found.format_validity), candidate)
    if policy.human_rating is not None:
        yield _check_rating(policy.human_rating, found, candidate)
    if policy.cost_per_thousand is not None:
        yield _check_cost(policy.cost_per_thousand, found.cost_per_thousand, candidate)
    if policy.latency_p95_ms is not None:
        yield _check_latency(policy.latency_p95_ms, drop_non_finite(found.latency_p95_ms), candidate)


def _check_evaluation(wanted: WantedEvaluation, score: MeasuredScore | None, candidate: str) -> GateCheck:
    rows = score.n if score is not None and drop_non_finite(score.value) is not None else None
    because = f"{candidate} was not evaluated by {describe_evaluation(wanted)}."
    if rows is not None:
        because = f"{candidate} was evaluated by {describe_evaluation(wanted)}, on {rows} rows."
    return GateCheck(name="evaluation", wanted=1, found=rows, unit="rows", passed=bool(rows), because=because)


def _build_score_pair(
    facts: Facts, candidate: str, other: str, measured: MeasuredVersion | None, gain: MeasuredGain | None
) -> ScorePair:
    return ScorePair(
        candidate=candidate,
        other=other,
        new=_read_score(facts.versions.get(candidate)),
        old=_read_score(measured),
        gain=gain,
        sign=1 if facts.higher_is_better else -1,
    )


def _read_score(measured: MeasuredVersion | None) -> float | None:
    return drop_non_finite(measured.score.value) if measured is not None and measured.score is not None else None


def _check_gain(name: str, wanted: float, versus: ScorePair) -> GateCheck:
    new, old, share, passed = versus.new, versus.old, None, False
    if new is None or old is None:
        unscored = versus.candidate if new is None else versus.other
        because = f"{unscored} has no score to compare by; {_describe_wanted(wanted)}."
    elif old == 0:
        # No percentage of nothing: any gain is enough, and no gain is not worse.
        passed = versus.sign * new > 0 or (new == 0 and wanted <= 0)
        because = f"{versus.candidate} scores {new:.4g} where {versus.other} scores 0; {_describe_wanted(wanted)}."
    else:
        share = versus.sign * (new - old) / abs(old)
        passed = share >= wanted - TOLERANCE
        scores = f"{versus.candidate} scores {new:.4g}, {versus.other} {old:.4g}"
        because = f"{scores}: {_format_percent(share)}; {_describe_wanted(wanted)}."
    return GateCheck(name=name, wanted=wanted, found=share, unit="relative", passed=passed, because=because)


def _describe_wanted(share: float) -> str:
    return "no less is wanted" if share == 0 else f"{_format_percent(share)} is wanted"


def _format_percent(share: float) -> str:
    return f"{100 * share:+.4g}%"


def _check_interval(name: str, versus: ScorePair) -> GateCheck:
    low = drop_non_finite(versus.gain.low) if versus.gain else None
    because = f"How sure the difference of {versus.candidate} to {versus.other} is, is not known; above 0 is wanted."
    if low is not None:
        because = (
            f"{versus.candidate} is {low:+.4g} to {versus.other} at the low end of the interval; above 0 is wanted."
        )
    passed = low is not None and low > 0
    return GateCheck(name=name, wanted=0, found=low, unit="score", passed=passed, because=because)


def _check_format(wanted: float, found: float | None, candidate: str) -> GateCheck:
    because = f"How many answers of {candidate} keep their format is not known; {100 * wanted:.4g}% is wanted."
    if found is not None:
        because = f"{candidate} keeps its format in {100 * found:.4g}% of its answers; {100 * wanted:.4g}% is wanted."
    passed = found is not None and found >= wanted - TOLERANCE
    return GateCheck(name="format_validity", wanted=wanted, found=found, unit="share", passed=passed, because=because)


def _check_rating(wanted: WantedRating, measured: MeasuredVersion, candidate: str) -> GateCheck:
    mean, count = drop_non_finite(measured.human_rating), measured.human_ratings
    asked = f"{wanted.stars:.4g} stars by {wanted.ratings} ratings are wanted"
    because = f"Nobody has rated the answers of {candidate}; {asked}."
    if mean is not None:
        because = f"{candidate} is rated {mean:.4g} stars by {count} ratings; {asked}."
    passed = mean is not None and mean >= wanted.stars - TOLERANCE and count >= wanted.ratings
    return GateCheck(name="human_rating", wanted=wanted.stars, found=mean, unit="stars", passed=passed, because=because)


def _check_cost(wanted: CostPerThousand, found: CostPerThousand | None, candidate: str) -> GateCheck:
    asked = f"{wanted.amount} {wanted.currency} at the most is wanted"
    because, passed = f"What 1,000 answers of {candidate} cost is not known; {asked}.", False
    if found is not None:
        because = f"1,000 answers of {candidate} cost {found.amount} {found.currency}; {asked}."
        # Nobody here knows a rate of exchange, so another currency has shown nothing.
        passed = found.currency == wanted.currency and found.amount.is_finite() and found.amount <= wanted.amount
    return GateCheck(
        name="cost_per_thousand",
        wanted=float(wanted.amount),
        found=None if found is None else float(found.amount),
        unit=wanted.currency if found is None else found.currency,
        passed=passed,
        because=because,
    )


def _check_latency(wanted: float, found: float | None, candidate: str) -> GateCheck:
    because = f"How long the answers of {candidate} take is not known; {wanted:.6g} ms (p95) at the most is wanted."
    if found is not None:
        because = f"95% of the answers of {candidate} take {found:.6g} ms or less; {wanted:.6g} ms is wanted."
    passed = found is not None and found <= wanted
    return GateCheck(name="latency_p95_ms", wanted=wanted, found=found, unit="ms", passed=passed, because=because)
