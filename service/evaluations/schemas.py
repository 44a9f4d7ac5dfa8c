"""What evaluations look like over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.domain import VERSION_NAME
from service.datasets.splits import Split
from service.evaluations import queries
from service.evaluations.domain import (
    EvaluationRequested,
    JudgeKind,
    JudgeUsed,
    Measured,
    Plan,
    PromptUsed,
    ScorerUsed,
    TargetSummary,
)
from service.evaluations.judges.agreement_stats import JudgeStanding, TargetRating
from service.evaluations.judges.verdict_parser import Scale
from service.evaluations.row_selection import MOST_ROWS
from service.evaluations.scorers.scorer import Label
from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.inference.domain import Served
from service.inference.targets import ModelChoice
from service.ledger.decider import PENDING
from service.operations.domain import Operation, OperationState, Progress
from service.prompts.domain import DrawnExample
from service.prompts.schemas import Inputs, LabelText, VersionNumber
from service.tasks.domain import Requirement

Money = dict[str, str]


class EvaluationPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """The version of a prompt that asks; `examples` are those that it shows before every row."""

    prompt_id: UUID
    version: int
    inputs: dict[str, str]
    examples: list[DrawnExample]


class EvaluationTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One who answers. `is_base`: a model of a provider, no version of ours."""

    name: str
    served: Served
    is_base: bool
    prompt: EvaluationPrompt | None


class EvaluationScorer(msgspec.Struct, frozen=True, kw_only=True):
    """A scorer as it was used; results and summaries have its scores under its label."""

    label: str
    name: str
    version: int
    config: dict[str, Any]


class EvaluationJudge(msgspec.Struct, frozen=True, kw_only=True):
    """A model that scores, as it was used. `requirements` null: the task's. `against`: whom a pair is with."""

    label: str
    kind: JudgeKind
    served: Served
    config: dict[str, Any]
    instruction: str | None
    requirements: list[Requirement] | None
    against: str | None


class TargetLeak(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that a target was `trained` on, that have an `equal` text, that its prompt has `shown`, and the first few.

    `validated`: rows that its tuning was validated with, which is told, but not refused.
    """

    target: str
    trained: int
    equal: int
    shown: int
    validated: int
    examples: list[UUID]


class EvaluationLeakage(msgspec.Struct, frozen=True, kw_only=True):
    """What the targets had seen of the rows. `forced`: they were measured all the same."""

    forced: bool
    targets: list[TargetLeak]


class TargetTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Of `n` answers, in milliseconds: the median and the 95th percentile."""

    n: int
    p50: float | None
    p95: float | None


class TargetCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the scored answers cost, and what 1,000 would; null where a price is missing, of so many answers."""

    total: Money | None
    per_thousand: Money | None
    without_price: int


class TargetFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one target came to. `scores` by label: `mean`, `scored`, `pass_rate`, `interval` and what a scorer has else.

    `format_validity` is the share of answers that keep their format, `consistency` the mean agreement of repeats.
    """

    target: str
    rows: int
    failed: int
    failures: dict[str, int]
    scores: dict[str, dict[str, Any]]
    latency_ms: TargetTimes
    input_tokens: int
    output_tokens: int
    cost: TargetCost
    format_validity: float | None
    consistency: float | None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Targets measured side by side over a split of a frozen version. `summaries` are there once it has succeeded."""

    id: UUID
    name: str
    state: OperationState
    dataset_id: UUID
    dataset_version: str
    split: str
    rows: int
    limit: int | None
    sample: int | None
    seed: int
    task_id: UUID | None
    task_version: int | None
    targets: list[EvaluationTarget]
    scorers: list[EvaluationScorer]
    judges: list[EvaluationJudge]
    format_scorer: str | None
    repeats: int
    temperature: float | None
    max_tokens: int | None
    options: dict[str, Any]
    fresh: bool
    leakage: EvaluationLeakage
    summaries: list[TargetFigures] | None
    operation_id: UUID
    created_at: datetime
    created_by: str
    finished_at: datetime | None


class EvaluationDetail(Evaluation, frozen=True, kw_only=True):
    """An evaluation with what people think of the answers by now, and how its judges compare with that."""

    ratings: list[TargetRating]
    standings: list[JudgeStanding]


class EvaluationPage(Page[Evaluation], frozen=True, kw_only=True):
    """One page of evaluations, the newest first."""


def from_row(row: Any) -> Evaluation:
    return Evaluation(**_fields(row))


def detail_from_row(row: Any, ratings: list[TargetRating], standings: list[JudgeStanding]) -> EvaluationDetail:
    return EvaluationDetail(**_fields(row), ratings=ratings, standings=standings)


def operation_of(evaluation_id: UUID, event: EvaluationRequested, *, by: str) -> Operation:
    """The operation of an evaluation that is being asked for."""
    return Operation(
        id=event.run_id,
        kind="evaluation",
        state="queued",
        progress=Progress(done=0, total=event.plan.rows, unit="rows"),
        result=None,
        error=None,
        resource=f"/v1/evaluations/{evaluation_id}",
        cancel_requested=False,
        created_at=PENDING,
        created_by=by,
        updated_at=PENDING,
        finished_at=None,
    )


def target_of(measured: Measured) -> EvaluationTarget:
    return EvaluationTarget(
        name=measured.name, served=measured.served, is_base=measured.is_base, prompt=_prompt(measured.prompt)
    )


def figures_of(summary: TargetSummary) -> TargetFigures:
    own = {name: getattr(summary, name) for name in TargetFigures.__struct_fields__}
    cost = TargetCost(
        total=_money(summary.cost.amount, summary.cost.currency),
        per_thousand=_money(summary.cost.per_thousand, summary.cost.currency),
        without_price=summary.cost.without_price,
    )
    times = TargetTimes(**msgspec.structs.asdict(summary.latency_ms))
    return TargetFigures(**own | {"cost": cost, "latency_ms": times})


def _fields(row: Any) -> dict[str, Any]:
    plan, summaries = queries.plan_of(row), queries.summaries_of(row)
    columns = ("id", "name", "dataset_id", "dataset_version", "split", "created_at", "created_by", "finished_at")
    same = ("rows", "limit", "sample", "seed", "task_id", "task_version", "repeats", "temperature", "max_tokens")
    return {
        **{name: getattr(row, name) for name in columns},
        **{name: getattr(plan, name) for name in (*same, "options", "fresh")},
        # What it came to is recorded a moment before its operation ends.
        "state": "succeeded" if row.finished_at else row.state,
        "operation_id": row.run_id,
        "targets": [target_of(target) for target in plan.targets],
        "scorers": [_scorer(used) for used in plan.scorers],
        "judges": [_judge(used) for used in plan.judges],
        "format_scorer": plan.format,
        "leakage": _leakage(plan),
        "summaries": None if summaries is None else [figures_of(each) for each in summaries],
    }


def _prompt(used: PromptUsed | None) -> EvaluationPrompt | None:
    if used is None:
        return None
    return EvaluationPrompt(
        prompt_id=used.prompt_id, version=used.number, inputs=used.inputs, examples=list(used.examples)
    )


def _scorer(used: ScorerUsed) -> EvaluationScorer:
    return EvaluationScorer(label=used.label, name=used.name, version=used.version, config=used.config)


def _judge(used: JudgeUsed) -> EvaluationJudge:
    return EvaluationJudge(
        label=used.label,
        kind=used.kind,
        served=used.served,
        config=used.scorer.config,
        instruction=used.instruction,
        requirements=None if used.requirements is None else list(used.requirements),
        against=used.against,
    )


def _leakage(plan: Plan) -> EvaluationLeakage:
    found = [
        TargetLeak(
            target=leak.target,
            trained=leak.trained,
            equal=leak.equal,
            shown=leak.shown,
            validated=leak.validated,
            examples=list(leak.examples),
        )
        for leak in plan.leakage
    ]
    return EvaluationLeakage(forced=plan.leakage_forced, targets=found)


def _money(amount: str | None, currency: str) -> Money | None:
    return None if amount is None else {"amount": amount, "currency": currency}


TargetName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL, description="Unique in the evaluation.")]
Sentence = Annotated[str, Meta(min_length=1, max_length=5_000, pattern=NO_NUL)]


class PromptAsked(Body):
    """A version by number or label, the latest without either. `inputs` go before those that the version names."""

    prompt_id: UUID
    version: VersionNumber | None = None
    label: LabelText | None = None
    inputs: Inputs = {}


class NewTarget(ModelChoice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What answers, and with a prompt what it is asked; without one it is asked what the examples ask."""

    name: TargetName | None = None
    prompt: PromptAsked | None = None


class NewScorer(Body):
    """A scorer of `GET /scorers` by its name, with settings as its `config_schema` has them."""

    name: Annotated[str, Meta(max_length=100)]
    config: dict[str, Any] = {}


class NewCriterion(Body):
    """One thing that a good answer does, as a judge is told of it."""

    name: Name
    instruction: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
    priority: Annotated[int, Meta(ge=0, le=3)] = 1


class JudgeAsked(Body):
    """A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.

    Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
    `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
    """

    target: ModelChoice
    kind: JudgeKind = "rubric"
    label: Label | None = None
    scale: Scale = "one_to_five"
    criterion: Sentence | None = None
    steps: Annotated[tuple[Sentence, ...], Meta(max_length=20)] = ()
    instruction: Text | None = None
    requirements: Annotated[list[NewCriterion], Meta(min_length=1, max_length=100)] | None = None
    least: Annotated[float, Meta(ge=0, le=5)] | None = None
    against: TargetName | None = None


class NewEvaluation(Body):
    """Over a split of a frozen version: all of it, the first `limit` rows, or a `sample` that follows from `seed`.

    `repeats` asks each question so often: the first answer is scored, all of them tell the consistency. What was
    answered before under the same settings is taken from there, unless it is to be `fresh`.
    """

    name: Name
    dataset_id: UUID
    version: Annotated[str, Meta(pattern=VERSION_NAME, description="A frozen version's name.")]
    targets: Annotated[list[NewTarget], Meta(min_length=1, max_length=20)]
    split: Split = "test"
    scorers: Annotated[list[NewScorer], Meta(max_length=50)] = []
    judges: Annotated[list[JudgeAsked], Meta(max_length=5)] = []
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] | None = None
    sample: Annotated[int, Meta(ge=1, le=MOST_ROWS)] | None = None
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    repeats: Annotated[int, Meta(ge=1, le=20)] = 1
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    options: Annotated[dict[str, Any], Meta(description="Further fields of the provider's request.")] = {}
    format_scorer: (
        Annotated[Label, Meta(description="The label of the scorer that says whether an answer keeps its format.")]
        | None
    ) = None
    force_leakage: bool = False
    fresh: bool = False


class RateResult(Body):
    """Stars from 1 to 5; each rater has one rating of a result."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    reason: Reason | None = None
