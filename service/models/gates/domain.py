"""Gates: what a version has to show before a protected alias may stand at it."""

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.splits import Split
from service.errors import Conflict, Fault, Invalid

Label = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Alias = Annotated[str, Meta(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")]
Gain = Annotated[float, Meta(ge=-1, le=100, description="Relative: 0.1 is 10% better, 0 not worse. Null: not asked.")]
Ids = tuple[UUID, ...]
DEAREST = Decimal(1_000_000)


class CostPerThousand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cost of 1,000 answers: a decimal and its currency (ISO 4217)."""

    amount: Decimal
    """A decimal from 0 to 1,000,000 with at most six places."""
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] = "USD"
    """The currency's ISO 4217 code."""


class WantedEvaluation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which evaluation counts: a scorer's, over a split of a dataset or over a suite of that name, one of the two.

    Without a `dataset_version`, over whichever frozen version it was run last.
    """

    scorer: Annotated[Label, Meta(description="Such as exact_match.")]
    dataset_id: UUID | None = None
    """The dataset it was measured on. Give this or `suite`."""
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")] | None = None
    """The frozen version it was measured on; null takes the evaluation that was run last."""
    split: Split = "test"
    """The split of the dataset it was measured on."""
    suite: Label | None = None
    """The name of the suite it was measured on. Give this or `dataset_id`."""


class WantedRating(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people have to think of its answers: the mean in stars, of at least so many ratings."""

    stars: Annotated[float, Meta(ge=1, le=5)] = 4.0
    """The lowest mean rating that passes, 1 to 5 stars."""
    ratings: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """The fewest ratings that pass."""


class GatePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version has to show. A number that is null is not asked for.

    `over_base` and `over_current` are improvements of the score: over the base model it was tuned from, and over the
    version at which the alias stands. With `interval_excludes_zero`, the whole confidence interval of the improvement
    has to lie above zero: over the base, and over the current version where more than 0 is asked for.
    """

    evaluation: WantedEvaluation
    """The evaluation whose score counts."""
    protects: Annotated[tuple[Alias, ...], Meta(min_length=1, max_length=50)] = ("production",)
    """The aliases that only a version that passes may move to."""
    over_base: Gain | None = 0.1
    """The smallest improvement over the base model that passes."""
    over_current: Gain | None = 0.0
    """The smallest improvement over the alias's current version that passes."""
    interval_excludes_zero: bool = False
    """Whether the confidence interval of the improvement must lie above zero."""
    format_validity: Annotated[float, Meta(ge=0, le=1, description="The share of answers that keep their format.")] | (
        None
    ) = 0.95
    """The smallest share of valid answers that passes, 0 to 1."""
    human_rating: WantedRating | None = None
    """The rating by people that passes; null does not check it."""
    cost_per_thousand: CostPerThousand | None = None
    """The highest cost of 1,000 answers that passes; null does not check it."""
    latency_p95_ms: Annotated[float, Meta(gt=0, le=3_600_000)] | None = None
    """The highest 95th percentile of latency that passes, in milliseconds; null does not check it."""


class MeasuredScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score over `n` rows, with the interval it lies in. `on` says in words what it was measured on."""

    evaluation_ids: Ids
    """The evaluations that the score comes from."""
    scorer: str
    """The scorer, such as exact_match."""
    on: str = ""
    """The rows it was measured on, in words."""
    value: float | None
    """The mean score; null where it was not measured."""
    low: float | None = None
    """The lower end of the confidence interval; null where it is not known."""
    high: float | None = None
    """The upper end of the confidence interval; null where it is not known."""
    n: int = 0
    """How many rows were scored."""


class MeasuredVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What evaluations say of one version, or of its base model. A number that nobody measured is null.

    `score` is the one that the gate asks for, `others` are further ones. Format validity is a share.
    """

    score: MeasuredScore | None = None
    """The score that the gate checks; null where it was not measured."""
    others: tuple[MeasuredScore, ...] = ()
    """Further scores of this version."""
    format_validity: float | None = None
    """The share of answers in the right format, 0 to 1."""
    human_rating: float | None = None
    """The mean rating by people, in stars."""
    human_ratings: int = 0
    """How many ratings people gave."""
    cost_per_thousand: CostPerThousand | None = None
    """The cost of 1,000 answers; null where it is not known."""
    latency_p95_ms: float | None = None
    """The 95th percentile of latency, in milliseconds."""


class MeasuredGain(msgspec.Struct, frozen=True, kw_only=True):
    """The interval of an improvement, in the score's own unit; above 0 is better, also where lower scores are."""

    low: float | None
    """The lower end of the interval; null where it is not known."""
    high: float | None
    """The upper end of the interval; null where it is not known."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was known when the gate was asked: the versions by name, and the base model of the one that is to pass.

    The intervals are of its improvement over the base and over the current version.
    """

    versions: dict[str, MeasuredVersion] = {}
    """The measurements of each version, by version name."""
    base: MeasuredVersion | None = None
    """The measurements of the candidate's base model; null where there are none."""
    over_base: MeasuredGain | None = None
    """The candidate's improvement over its base model; null where it was not measured."""
    over_current: MeasuredGain | None = None
    """The candidate's improvement over the current version; null where it was not measured."""
    higher_is_better: bool = True
    """Whether a higher score is better."""


UNMEASURED = Facts()


class GateCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the gate asked for. `found` is null where nobody measured it; `because` says it in words."""

    name: str
    """The check, such as over_base or format_validity."""
    wanted: float
    """The number that passes."""
    found: float | None
    """The measured number; null where nobody measured it."""
    unit: str
    """The unit of both numbers: rows, relative, score, share, stars, ms or a currency."""
    passed: bool
    """Whether the version passed this check."""
    because: str
    """The result in a sentence."""


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate said of `candidate` where `current` stood, check by check, and the facts it went by."""

    passed: bool
    """Whether the version passed every check."""
    candidate: str
    """The version that was checked."""
    current: str | None
    """The alias's version at that time; null where it had none."""
    checks: tuple[GateCheck, ...]
    """The result of each check."""
    facts: Facts
    """The measurements that were checked."""


def require_sound(policy: GatePolicy) -> None:
    """Raises Invalid for what a schema cannot say: two evaluations or none, a cost that is no amount of money."""
    wanted, cost = policy.evaluation, policy.cost_per_thousand
    if (wanted.suite is None) == (wanted.dataset_id is None):
        raise _invalid("/policy/evaluation/dataset_id", "Name a dataset_id or a suite, one of the two.")
    if wanted.suite is not None and wanted.dataset_version is not None:
        raise _invalid("/policy/evaluation/dataset_version", "A suite names its dataset versions itself.")
    if cost is not None and not _is_amount(cost.amount):
        detail = f"An amount is from 0 to {DEAREST:,}, with six places at the most."
        raise _invalid("/policy/cost_per_thousand/amount", detail)


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= DEAREST and amount == round(amount, 6)


def _invalid(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)])


# Scores are quotients: 0.55 over 0.5 is a tenth more, whatever the last bit of a float says.
CLOSE = 1e-9
NOTHING = MeasuredVersion()
BASE = "the base model"


class GateRefused(Conflict):
    """The version falls short of what the gate asks for"""

    code = "gate_refused"


class Versus(msgspec.Struct, frozen=True, kw_only=True):
    """Two scores of the same evaluation, the candidate's and the one it is to beat; `gain` is the interval between."""

    candidate: str
    other: str
    new: float | None
    old: float | None
    gain: MeasuredGain | None
    sign: int


def judge(policy: GatePolicy, facts: Facts, candidate: str, current: str | None) -> Ruling:
    """Whether `candidate` may stand where `current` stands. What nobody measured has not been shown, so it fails."""
    checks = tuple(_checks(policy, facts, candidate, current))
    passed = all(check.passed for check in checks)
    return Ruling(passed=passed, candidate=candidate, current=current, checks=checks, facts=_gone_by(facts))


def refusal(alias: str, ruling: Ruling) -> GateRefused:
    """Each check that fell short is a fault of its own: its name is the code, its numbers are in the detail."""
    short = [check for check in ruling.checks if not check.passed]
    detail = f"{ruling.candidate} falls short of the gate of {alias}: {' '.join(check.because for check in short)}"
    return GateRefused(
        detail, errors=[Fault(pointer="/version", detail=check.because, code=check.name) for check in short]
    )


def in_words(evaluation: WantedEvaluation) -> str:
    if evaluation.suite is not None:
        return f"{evaluation.scorer} in the suite {evaluation.suite}"
    version = f", version {evaluation.dataset_version}" if evaluation.dataset_version else ""
    return f"{evaluation.scorer} on the {evaluation.split} split of the dataset {evaluation.dataset_id}{version}"


def known(number: float | None) -> float | None:
    """The number, or None for what is none: an average of nothing comes as NaN."""
    return number if number is not None and isfinite(number) else None


def _gone_by(facts: Facts) -> Facts:
    """Without the scores that no gate looks at: a ruling stays in the log for good."""
    versions = {name: msgspec.structs.replace(each, others=()) for name, each in facts.versions.items()}
    base = msgspec.structs.replace(facts.base, others=()) if facts.base else None
    return msgspec.structs.replace(facts, versions=versions, base=base)


def _checks(policy: GatePolicy, facts: Facts, candidate: str, current: str | None) -> Iterator[GateCheck]:
    found = facts.versions.get(candidate, NOTHING)
    yield _evaluated(policy.evaluation, found.score, candidate)
    if policy.over_base is not None:
        versus = _versus(facts, candidate, BASE, facts.base, facts.over_base)
        yield _gained("over_base", policy.over_base, versus)
        if policy.interval_excludes_zero:
            yield _certain("over_base_interval", versus)
    if policy.over_current is not None and current is not None:
        versus = _versus(facts, candidate, current, facts.versions.get(current), facts.over_current)
        yield _gained("over_current", policy.over_current, versus)
        if policy.interval_excludes_zero and policy.over_current > 0:
            yield _certain("over_current_interval", versus)
    yield from _limits(policy, found, candidate)


def _limits(policy: GatePolicy, found: MeasuredVersion, candidate: str) -> Iterator[GateCheck]:
    if policy.format_validity is not None:
        yield _formatted(policy.format_validity, known(found.format_validity), candidate)
    if policy.human_rating is not None:
        yield _rated(policy.human_rating, found, candidate)
    if policy.cost_per_thousand is not None:
        yield _costs(policy.cost_per_thousand, found.cost_per_thousand, candidate)
    if policy.latency_p95_ms is not None:
        yield _answers_within(policy.latency_p95_ms, known(found.latency_p95_ms), candidate)


def _evaluated(wanted: WantedEvaluation, score: MeasuredScore | None, candidate: str) -> GateCheck:
    rows = score.n if score is not None and known(score.value) is not None else None
    said = f"{candidate} was not evaluated by {in_words(wanted)}."
    if rows is not None:
        said = f"{candidate} was evaluated by {in_words(wanted)}, on {rows} rows."
    return GateCheck(name="evaluation", wanted=1, found=rows, unit="rows", passed=bool(rows), because=said)


def _versus(
    facts: Facts, candidate: str, other: str, measured: MeasuredVersion | None, gain: MeasuredGain | None
) -> Versus:
    return Versus(
        candidate=candidate,
        other=other,
        new=_score(facts.versions.get(candidate)),
        old=_score(measured),
        gain=gain,
        sign=1 if facts.higher_is_better else -1,
    )


def _score(measured: MeasuredVersion | None) -> float | None:
    return known(measured.score.value) if measured is not None and measured.score is not None else None


def _gained(name: str, wanted: float, versus: Versus) -> GateCheck:
    new, old, share, passed = versus.new, versus.old, None, False
    if new is None or old is None:
        said = f"{versus.candidate if new is None else versus.other} has no score to compare by; {_wanted(wanted)}."
    elif old == 0:
        # No percentage of nothing: any gain is enough, and no gain is not worse.
        passed = versus.sign * new > 0 or (new == 0 and wanted <= 0)
        said = f"{versus.candidate} scores {new:.4g} where {versus.other} scores 0; {_wanted(wanted)}."
    else:
        share = versus.sign * (new - old) / abs(old)
        passed = share >= wanted - CLOSE
        said = f"{versus.candidate} scores {new:.4g}, {versus.other} {old:.4g}: {_percent(share)}; {_wanted(wanted)}."
    return GateCheck(name=name, wanted=wanted, found=share, unit="relative", passed=passed, because=said)


def _wanted(share: float) -> str:
    return "no less is wanted" if share == 0 else f"{_percent(share)} is wanted"


def _percent(share: float) -> str:
    return f"{100 * share:+.4g}%"


def _certain(name: str, versus: Versus) -> GateCheck:
    low = known(versus.gain.low) if versus.gain else None
    said = f"How sure the difference of {versus.candidate} to {versus.other} is, is not known; above 0 is wanted."
    if low is not None:
        said = f"{versus.candidate} is {low:+.4g} to {versus.other} at the low end of the interval; above 0 is wanted."
    passed = low is not None and low > 0
    return GateCheck(name=name, wanted=0, found=low, unit="score", passed=passed, because=said)


def _formatted(wanted: float, found: float | None, candidate: str) -> GateCheck:
    said = f"How many answers of {candidate} keep their format is not known; {100 * wanted:.4g}% is wanted."
    if found is not None:
        said = f"{candidate} keeps its format in {100 * found:.4g}% of its answers; {100 * wanted:.4g}% is wanted."
    passed = found is not None and found >= wanted - CLOSE
    return GateCheck(name="format_validity", wanted=wanted, found=found, unit="share", passed=passed, because=said)


def _rated(wanted: WantedRating, measured: MeasuredVersion, candidate: str) -> GateCheck:
    mean, count = known(measured.human_rating), measured.human_ratings
    asked = f"{wanted.stars:.4g} stars by {wanted.ratings} ratings are wanted"
    said = f"Nobody has rated the answers of {candidate}; {asked}."
    if mean is not None:
        said = f"{candidate} is rated {mean:.4g} stars by {count} ratings; {asked}."
    passed = mean is not None and mean >= wanted.stars - CLOSE and count >= wanted.ratings
    return GateCheck(name="human_rating", wanted=wanted.stars, found=mean, unit="stars", passed=passed, because=said)


def _costs(wanted: CostPerThousand, found: CostPerThousand | None, candidate: str) -> GateCheck:
    asked = f"{wanted.amount} {wanted.currency} at the most is wanted"
    said, passed = f"What 1,000 answers of {candidate} cost is not known; {asked}.", False
    if found is not None:
        said = f"1,000 answers of {candidate} cost {found.amount} {found.currency}; {asked}."
        # Nobody here knows a rate of exchange, so another currency has shown nothing.
        passed = found.currency == wanted.currency and found.amount.is_finite() and found.amount <= wanted.amount
    return GateCheck(
        name="cost_per_thousand",
        wanted=float(wanted.amount),
        found=None if found is None else float(found.amount),
        unit=wanted.currency if found is None else found.currency,
        passed=passed,
        because=said,
    )


def _answers_within(wanted: float, found: float | None, candidate: str) -> GateCheck:
    said = f"How long the answers of {candidate} take is not known; {wanted:.6g} ms (p95) at the most is wanted."
    if found is not None:
        said = f"95% of the answers of {candidate} take {found:.6g} ms or less; {wanted:.6g} ms is wanted."
    passed = found is not None and found <= wanted
    return GateCheck(name="latency_p95_ms", wanted=wanted, found=found, unit="ms", passed=passed, because=said)
