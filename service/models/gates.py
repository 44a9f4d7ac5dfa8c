"""Gates: what a version has to show before a protected alias may stand at it."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.splits import Split
from service.errors import Fault, Invalid

Label = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Alias = Annotated[str, Meta(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")]
Gain = Annotated[float, Meta(ge=-1, le=100, description="Relative: 0.1 is 10% better, 0 not worse. Null: not asked.")]
Ids = tuple[UUID, ...]
DEAREST = Decimal(1_000_000)


class CostPerThousand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cost of 1,000 answers: a decimal and its currency (ISO 4217)."""

    amount: Decimal
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] = "USD"


class WantedEvaluation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which evaluation counts: a scorer's, over a split of a dataset or over a suite of that name, one of the two.

    Without a `dataset_version`, over whichever frozen version it was run last.
    """

    scorer: Annotated[Label, Meta(description="Such as exact_match.")]
    dataset_id: UUID | None = None
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")] | None = None
    split: Split = "test"
    suite: Label | None = None


class WantedRating(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people have to think of its answers: the mean in stars, of at least so many ratings."""

    stars: Annotated[float, Meta(ge=1, le=5)] = 4.0
    ratings: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class GatePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version has to show. A number that is null is not asked for.

    `over_base` and `over_current` are improvements of the score: over the base model it was tuned from, and over the
    version at which the alias stands. With `interval_excludes_zero`, the whole confidence interval of the improvement
    has to lie above zero: over the base, and over the current version where more than 0 is asked for.
    """

    evaluation: WantedEvaluation
    protects: Annotated[tuple[Alias, ...], Meta(min_length=1, max_length=50)] = ("production",)
    over_base: Gain | None = 0.1
    over_current: Gain | None = 0.0
    interval_excludes_zero: bool = False
    format_validity: Annotated[float, Meta(ge=0, le=1, description="The share of answers that keep their format.")] | (
        None
    ) = 0.95
    human_rating: WantedRating | None = None
    cost_per_thousand: CostPerThousand | None = None
    latency_p95_ms: Annotated[float, Meta(gt=0, le=3_600_000)] | None = None


class MeasuredScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score over `n` rows, with the interval it lies in. `on` says in words what it was measured on."""

    evaluation_ids: Ids
    scorer: str
    on: str = ""
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


class MeasuredVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What evaluations say of one version, or of its base model. A number that nobody measured is null.

    `score` is the one that the gate asks for, `others` are further ones. Format validity is a share.
    """

    score: MeasuredScore | None = None
    others: tuple[MeasuredScore, ...] = ()
    format_validity: float | None = None
    human_rating: float | None = None
    human_ratings: int = 0
    cost_per_thousand: CostPerThousand | None = None
    latency_p95_ms: float | None = None


class MeasuredGain(msgspec.Struct, frozen=True, kw_only=True):
    """The interval of an improvement, in the score's own unit; above 0 is better, also where lower scores are."""

    low: float | None
    high: float | None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was known when the gate was asked: the versions by name, and the base model of the one that is to pass.

    The intervals are of its improvement over the base and over the current version.
    """

    versions: dict[str, MeasuredVersion] = {}
    base: MeasuredVersion | None = None
    over_base: MeasuredGain | None = None
    over_current: MeasuredGain | None = None
    higher_is_better: bool = True


UNMEASURED = Facts()


class GateCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the gate asked for. `found` is null where nobody measured it; `because` says it in words."""

    name: str
    wanted: float
    found: float | None
    unit: str
    passed: bool
    because: str


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate said of `candidate` where `current` stood, check by check, and the facts it went by."""

    passed: bool
    candidate: str
    current: str | None
    checks: tuple[GateCheck, ...]
    facts: Facts


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
