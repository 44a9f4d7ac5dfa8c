"""Comparisons: response structs."""

from uuid import UUID

import msgspec

from service.evaluations.schemas import TargetCost, TargetTimes
from service.evaluations.scorers.scorer import Unit
from service.evaluations.scores.statistics import Interval, McNemar
from service.evaluations.targets.schemas import EvaluationTarget


class TargetChange(msgspec.Struct, frozen=True, kw_only=True):
    """A target's change from the base, on the rows that both have a score for."""

    pairs: int
    """Number of rows on which both targets have a score."""
    base: float | None
    """Mean of the base on those rows."""
    value: float | None
    """Mean of the target on those rows."""
    absolute: Interval
    """`value` minus `base`, with its 95% interval."""
    relative: Interval | None
    """The change as a share of the base: 0.12 is 12% more. Null where the base is, or might be, 0."""
    mcnemar: McNemar | None
    """McNemar's test, for scores that are only 0 or 1. Null for others."""
    better: bool | None
    """True: better than the base; false: worse; null: no change is certain."""


class ComparedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One target of a comparison."""

    evaluation_id: UUID
    """The evaluation that measured the target."""
    target: EvaluationTarget
    """The target."""
    is_compared_with: bool
    """True for the base."""
    rows: int
    """Number of rows."""
    scored: int
    """Number of rows with a score."""
    mean: float | None
    """Mean over all scored rows. Null if none was scored."""
    change: TargetChange | None
    """Change from the base. Null for the base itself."""
    verdict: str
    """The change in words."""
    latency_ms: TargetTimes
    """How long the answers took."""
    consistency: float | None
    """Mean agreement of repeated answers, 0 to 1. Null without repeats."""
    format_validity: float | None
    """Share of answers in the right format, 0 to 1. Null without a `format_scorer`."""
    cost: TargetCost
    """Cost of the scored answers."""
    leaked: int
    """Rows the target had already seen in training or in its prompt. If above 0, do not trust its figures."""


class TargetComparison(msgspec.Struct, frozen=True, kw_only=True):
    """All targets compared with a base, by one scorer."""

    metric: str
    """Label of the scorer compared by."""
    metrics: list[str]
    """Labels of all scorers you can compare by."""
    unit: Unit
    """Unit of the scores."""
    higher_is_better: bool | None
    """False where less is better. Null where neither is."""
    base: str
    """Name of the target that the others are compared with."""
    data: list[ComparedTarget]
    """One entry for each target, the base included."""
