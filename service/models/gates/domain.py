"""Gates: the measurements a version must have before a protected alias may move to it."""

from decimal import Decimal
from math import isfinite
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.splits import Split
from service.errors import Fault, Invalid

Label = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Alias = Annotated[str, Meta(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")]
Gain = Annotated[
    float, Meta(ge=-1, le=100, description="Relative: 0.1 means 10% better, 0 not worse; null: not checked.")
]
Ids = tuple[UUID, ...]
MAX_COST = Decimal(1_000_000)


class CostPerThousand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cost of 1,000 answers: an amount and its currency."""

    amount: Decimal
    """A decimal from 0 to 1,000,000 with at most six places."""
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] = "USD"
    """The currency's ISO 4217 code."""


class WantedEvaluation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which evaluation counts: one by this scorer, on a dataset's split or on a suite.

    Without a `dataset_version`, the last evaluation on any frozen version counts.
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
    """The lowest mean rating by people, and how many ratings it needs."""

    stars: Annotated[float, Meta(ge=1, le=5)] = 4.0
    """The lowest mean rating that passes, 1 to 5 stars."""
    ratings: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """The fewest ratings that pass."""


class GatePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version must show to pass. A number that is null is not checked.

    `over_base` and `over_current` are improvements of the score over the base model and over the alias's current
    version. With `interval_excludes_zero`, the whole confidence interval of the improvement must lie above zero: over
    the base, and over the current version if `over_current` is more than 0.
    """

    evaluation: WantedEvaluation
    """The evaluation whose score counts."""
    protects: Annotated[tuple[Alias, ...], Meta(min_length=1, max_length=50)] = ("production",)
    """The protected aliases: they move only to a version that passes."""
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
    """A mean score with its confidence interval, and the rows it was measured on."""

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
    """The measurements of one version, or of its base model. A number that was not measured is null."""

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
    """The confidence interval of an improvement, in the score's unit. Above 0 is better, also if lower scores are."""

    low: float | None
    """The lower end of the interval; null where it is not known."""
    high: float | None
    """The upper end of the interval; null where it is not known."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The measurements that the gate checks: of the candidate, the current version and the candidate's base model."""

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


NO_FACTS = Facts()


class GateCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one check of the gate."""

    name: str
    """The check, such as over_base or format_validity."""
    wanted: float
    """The number that passes."""
    found: float | None
    """The measured number; null where it was not measured."""
    unit: str
    """The unit of both numbers: rows, relative, score, share, stars, ms or a currency."""
    passed: bool
    """Whether the version passed this check."""
    because: str
    """The result in a sentence."""


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """The gate's result for a version, check by check, with the measurements it is based on."""

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


def check_policy(policy: GatePolicy) -> None:
    """Raises Invalid for what the JSON schema cannot express: both or no evaluation, an invalid cost."""
    evaluation, cost = policy.evaluation, policy.cost_per_thousand
    if (evaluation.suite is None) == (evaluation.dataset_id is None):
        raise _build_invalid("/policy/evaluation/dataset_id", "Give exactly one of `dataset_id` and `suite`.")
    if evaluation.suite is not None and evaluation.dataset_version is not None:
        detail = "Leave out `dataset_version`: a suite names its dataset versions."
        raise _build_invalid("/policy/evaluation/dataset_version", detail)
    if cost is not None and not _is_amount(cost.amount):
        detail = f"An amount must be 0 to {MAX_COST:,}, with at most six decimal places."
        raise _build_invalid("/policy/cost_per_thousand/amount", detail)


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= MAX_COST and amount == round(amount, 6)


def _build_invalid(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)])


def describe_evaluation(evaluation: WantedEvaluation) -> str:
    if evaluation.suite is not None:
        return f"{evaluation.scorer} in the suite {evaluation.suite}"
    version = f", version {evaluation.dataset_version}" if evaluation.dataset_version else ""
    return f"{evaluation.scorer} on the {evaluation.split} split of the dataset {evaluation.dataset_id}{version}"


def finite_or_none(number: float | None) -> float | None:
    """Return the number, or None for NaN (the average of nothing) and infinities."""
    return number if number is not None and isfinite(number) else None
