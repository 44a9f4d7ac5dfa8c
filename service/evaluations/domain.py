"""Evaluations: the plan of what to measure, and the figures. Pure."""

from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.splits import Split
from service.errors import NotFound
from service.inference.domain import Served
from service.ledger.decider import Decider, Event, require_state
from service.prompts.domain import DrawnExample
from service.tasks.domain import Requirement

JudgeKind = Literal["rubric", "pairwise", "geval"]
KIND = "evaluation"  # the kind of its run
REFERENCE = "reference"  # the rival of a pairwise judge if it compares with the example's own answer


class PlanPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the structs stored in a plan or a summary."""


class PromptUsed(PlanPart, frozen=True, kw_only=True):
    """The prompt version used, its variable inputs, and the few-shot examples shown before every row."""

    prompt_id: UUID
    number: int
    inputs: dict[str, str] = {}
    dataset_id: UUID | None = None
    examples: tuple[DrawnExample, ...] = ()


class TargetUsed(PlanPart, frozen=True, kw_only=True):
    """A target to measure; `name` is unique in the evaluation."""

    name: str
    served: Served
    prompt: PromptUsed | None = None

    @property
    def is_base(self) -> bool:
        return self.served.model_id is None


class ScorerUsed(PlanPart, frozen=True, kw_only=True):
    """`config` has the settings, and the scorer's name under `scorer`. `digest` is equal for equal scoring."""

    label: str
    name: str
    version: int
    digest: str
    config: dict[str, Any]


class JudgeUsed(PlanPart, frozen=True, kw_only=True):
    """A model that scores. Requirements of None: the task's. `against`: the rival, for pairwise judges."""

    label: str
    kind: JudgeKind
    served: Served
    scorer: ScorerUsed
    instruction: str | None = None
    requirements: tuple[Requirement, ...] | None = None
    against: str | None = None


class Leak(PlanPart, frozen=True, kw_only=True):
    """Counts of rows that a target has seen: `trained` on, with an `equal` text, or `shown` in its prompt.

    `validated`: rows used to validate its tuning, which is no leak. `examples`: the ids of the first leaked rows.
    """

    target: str
    trained: int = 0
    equal: int = 0
    shown: int = 0
    validated: int = 0
    examples: tuple[UUID, ...] = ()

    @property
    def has_leaked(self) -> bool:
        return bool(self.trained or self.equal or self.shown)


class Plan(PlanPart, frozen=True, kw_only=True):
    """Everything the worker needs. `rows` counts examples; `format` labels the scorer that decides the format."""

    dataset_seq: int
    dataset_digest: str
    rows: int
    targets: tuple[TargetUsed, ...]
    scorers: tuple[ScorerUsed, ...]
    judges: tuple[JudgeUsed, ...] = ()
    format: str | None = None
    task_id: UUID | None = None
    task_version: int | None = None
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    repeats: int = 1
    temperature: float | None = None
    max_tokens: int | None = None
    options: dict[str, Any] = {}
    fresh: bool = False
    leakage: tuple[Leak, ...] = ()
    leakage_forced: bool = False

    @property
    def all_scorers(self) -> tuple[ScorerUsed, ...]:
        """The scorers, then those of the judges."""
        return (*self.scorers, *(judge.scorer for judge in self.judges))

    def find_leak(self, target: str) -> Leak:
        return next((leak for leak in self.leakage if leak.target == target), Leak(target=target))


class LatencySummary(PlanPart, frozen=True, kw_only=True):
    """Median and 95th percentile of the call durations, in milliseconds."""

    n: int
    p50: float | None = None
    p95: float | None = None


class CostSummary(PlanPart, frozen=True, kw_only=True):
    """Cost of the scored answers, as decimal text. `per_thousand` is None if any answer has no price."""

    amount: str | None = None
    per_thousand: str | None = None
    currency: str = "USD"
    without_price: int = 0


class TargetSummary(PlanPart, frozen=True, kw_only=True):
    """The figures of one target. `scores` has them by label, with the `interval` of the mean.

    `format_validity` is the share of answers in the right format, `consistency` the mean agreement of repeats.
    """

    target: str
    rows: int
    failed: int = 0
    failures: dict[str, int] = {}
    scores: dict[str, dict[str, Any]] = {}
    latency_ms: LatencySummary = LatencySummary(n=0)
    input_tokens: int = 0
    output_tokens: int = 0
    cost: CostSummary = CostSummary()
    format_validity: float | None = None
    consistency: float | None = None


class EvaluationRequested(Event):
    """`run_id` is also the id of the operation."""

    name: str
    dataset_id: UUID
    dataset_version: str
    split: Split
    run_id: UUID
    plan: Plan


class EvaluationFinished(Event):
    summaries: tuple[TargetSummary, ...]


EvaluationEvent = EvaluationRequested | EvaluationFinished


class EvaluationState(msgspec.Struct, frozen=True, kw_only=True):
    request: EvaluationRequested
    summaries: tuple[TargetSummary, ...] | None = None


def evolve(evaluation: EvaluationState | None, event: EvaluationEvent) -> EvaluationState:
    if isinstance(event, EvaluationRequested):
        return EvaluationState(request=event)
    evaluation = require_state(evaluation)
    match event:
        case EvaluationFinished(summaries=summaries):
            return replace(evaluation, summaries=summaries)
        case _:
            assert_never(event)


EVALUATION: Decider[EvaluationState, EvaluationEvent] = Decider(
    "evaluation", events=(EvaluationRequested, EvaluationFinished), evolve=evolve
)


def finish(evaluation: EvaluationState | None, summaries: tuple[TargetSummary, ...]) -> list[EvaluationEvent]:
    """Record the figures of all rows. Repeating it records nothing."""
    if require_existing(evaluation).summaries is not None:
        return []
    return [EvaluationFinished(summaries=summaries)]


def require_existing(evaluation: EvaluationState | None) -> EvaluationState:
    if evaluation is None:
        raise NotFound("No such evaluation.")
    return evaluation
