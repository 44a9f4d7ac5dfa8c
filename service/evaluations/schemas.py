"""Evaluations: request and response structs."""

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
    ScorerUsed,
    TargetSummary,
)
from service.evaluations.judges.agreement_stats import JudgeStanding, TargetRating
from service.evaluations.judges.schemas import EvaluationJudge, JudgeAsked, build_judge
from service.evaluations.row_selection import MAX_ROWS
from service.evaluations.scorers.scorer import Label
from service.evaluations.targets.schemas import (
    EvaluationLeakage,
    EvaluationTarget,
    NewTarget,
    build_leakage,
    build_target,
)
from service.http.bodies import Body, Name
from service.http.pagination import Page
from service.ledger.decider import PENDING
from service.operations.domain import Operation, OperationState, Progress

Money = dict[str, str]


class EvaluationScorer(msgspec.Struct, frozen=True, kw_only=True):
    """A scorer with the settings used."""

    label: str
    """The key of its scores in results and summaries."""
    name: str
    """The scorer's name in `GET /v1/scorers`."""
    version: int
    """The scorer's version."""
    config: dict[str, Any]
    """The settings used."""


class TargetTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long the answers took, in milliseconds."""

    n: int
    """Number of answers timed."""
    p50: float | None
    """Median, in milliseconds. Null if `n` is 0."""
    p95: float | None
    """95th percentile, in milliseconds. Null if `n` is 0."""


class TargetCost(msgspec.Struct, frozen=True, kw_only=True):
    """Cost of the scored answers."""

    total: Money | None
    """Cost of all scored answers with a known price. Null if no price is known."""
    per_thousand: Money | None
    """Average cost of 1,000 answers. Null if the price of any answer is unknown."""
    without_price: int
    """Number of answers with no known price."""


class TargetFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one target."""

    target: str
    """The target's name."""
    rows: int
    """Number of rows."""
    failed: int
    """Number of rows without a usable answer."""
    failures: dict[str, int]
    """Number of failed rows, by failure code."""
    scores: dict[str, dict[str, Any]]
    """Figures by scorer label: `mean`, `scored`, `pass_rate`, `interval`, and others that depend on the scorer."""
    latency_ms: TargetTimes
    """How long the answers took."""
    input_tokens: int
    """Input tokens of the scored answers."""
    output_tokens: int
    """Output tokens of the scored answers."""
    cost: TargetCost
    """Cost of the scored answers."""
    format_validity: float | None
    """Share of answers in the right format, 0 to 1. Null without a `format_scorer`."""
    consistency: float | None
    """Mean agreement of repeated answers, 0 to 1. Null without repeats."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Targets measured side by side on a split of a frozen dataset version."""

    id: UUID
    """The evaluation's id."""
    name: str
    """The evaluation's name. Not unique: evaluations that share a name form a suite."""
    state: OperationState
    """State of its operation."""
    dataset_id: UUID
    """The dataset."""
    dataset_version: str
    """Name of the frozen dataset version."""
    split: str
    """The split whose rows are measured."""
    rows: int
    """Number of rows to measure."""
    limit: int | None
    """Only the first so many rows are measured. Null: no limit."""
    sample: int | None
    """So many rows are drawn at random, by `seed`. Null: no sample."""
    seed: int
    """Seed of the sample, the intervals, and the order of answers shown to pairwise judges."""
    task_id: UUID | None
    """The dataset's task. Null if it has none."""
    task_version: int | None
    """Version of the task when the evaluation was requested."""
    targets: list[EvaluationTarget]
    """What is measured."""
    scorers: list[EvaluationScorer]
    """The scorers, with those added automatically."""
    judges: list[EvaluationJudge]
    """The judge models."""
    format_scorer: str | None
    """Label of the scorer that decides `format_validity`. Null: format validity is not measured."""
    repeats: int
    """How many times each question is asked."""
    temperature: float | None
    """Overrides the temperature of prompts. Null: the prompt's, or the provider's default."""
    max_tokens: int | None
    """Overrides the output token limit of prompts. Null: the prompt's, or the provider's default."""
    options: dict[str, Any]
    """Further fields of the provider's request."""
    fresh: bool
    """True: earlier answers to the same questions are not reused."""
    leakage: EvaluationLeakage
    """Which rows the targets had already seen."""
    summaries: list[TargetFigures] | None
    """Figures by target. Null until the evaluation has succeeded."""
    operation_id: UUID
    """The operation that runs the evaluation."""
    created_at: datetime
    """When the evaluation was requested."""
    created_by: str
    """Who requested it."""
    finished_at: datetime | None
    """When it succeeded. Null until then."""


class EvaluationDetail(Evaluation, frozen=True, kw_only=True):
    """An evaluation with people's ratings so far, and how well its judges agree with them."""

    ratings: list[TargetRating]
    """People's ratings by target, so far."""
    standings: list[JudgeStanding]
    """For each judge, whether people's ratings confirm its scores."""


class EvaluationPage(Page[Evaluation], frozen=True, kw_only=True):
    """One page of evaluations, newest first."""


def evaluation_from_row(row: Any) -> Evaluation:
    return Evaluation(**_fields(row))


def detail_from_row(row: Any, ratings: list[TargetRating], standings: list[JudgeStanding]) -> EvaluationDetail:
    return EvaluationDetail(**_fields(row), ratings=ratings, standings=standings)


def build_operation(evaluation_id: UUID, event: EvaluationRequested, *, by: str) -> Operation:
    """Build the operation of a requested evaluation."""
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


def build_figures(summary: TargetSummary) -> TargetFigures:
    own = {name: getattr(summary, name) for name in TargetFigures.__struct_fields__}
    cost = TargetCost(
        total=_build_money(summary.cost.amount, summary.cost.currency),
        per_thousand=_build_money(summary.cost.per_thousand, summary.cost.currency),
        without_price=summary.cost.without_price,
    )
    times = TargetTimes(**msgspec.structs.asdict(summary.latency_ms))
    return TargetFigures(**own | {"cost": cost, "latency_ms": times})


def _fields(row: Any) -> dict[str, Any]:
    plan, summaries = queries.parse_plan(row), queries.parse_summaries(row)
    columns = ("id", "name", "dataset_id", "dataset_version", "split", "created_at", "created_by", "finished_at")
    same = ("rows", "limit", "sample", "seed", "task_id", "task_version", "repeats", "temperature", "max_tokens")
    return {
        **{name: getattr(row, name) for name in columns},
        **{name: getattr(plan, name) for name in (*same, "options", "fresh")},
        # The figures are recorded just before the operation ends.
        "state": "succeeded" if row.finished_at else row.state,
        "operation_id": row.run_id,
        "targets": [build_target(target) for target in plan.targets],
        "scorers": [_build_scorer(used) for used in plan.scorers],
        "judges": [build_judge(used) for used in plan.judges],
        "format_scorer": plan.format,
        "leakage": build_leakage(plan),
        "summaries": None if summaries is None else [build_figures(each) for each in summaries],
    }


def _build_scorer(used: ScorerUsed) -> EvaluationScorer:
    return EvaluationScorer(label=used.label, name=used.name, version=used.version, config=used.config)


def _build_money(amount: str | None, currency: str) -> Money | None:
    return None if amount is None else {"amount": amount, "currency": currency}


class NewScorer(Body):
    """A scorer to use, with its settings."""

    name: Annotated[str, Meta(max_length=100)]
    """A scorer's name from `GET /v1/scorers`."""
    config: dict[str, Any] = {}
    """Settings; see the scorer's `config_schema`."""


class NewEvaluation(Body):
    """Measure targets on a split of a frozen dataset version: all rows, the first `limit`, or a random `sample`.

    Earlier answers to the same questions under the same settings are reused for free, unless `fresh` is set.
    """

    name: Name
    """The evaluation's name. Evaluations may share a name and then form a suite, which gates can use."""
    dataset_id: UUID
    """The dataset."""
    version: Annotated[str, Meta(pattern=VERSION_NAME, description="A frozen version's name.")]
    """Name of a frozen dataset version."""
    targets: Annotated[list[NewTarget], Meta(min_length=1, max_length=20)]
    """What to measure."""
    split: Split = "test"
    """The split whose rows are measured."""
    scorers: Annotated[list[NewScorer], Meta(max_length=50)] = []
    """How to score the answers. At least one scorer or judge is required."""
    judges: Annotated[list[JudgeAsked], Meta(max_length=5)] = []
    """Models that score the answers."""
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None = None
    """Measure only the first so many rows. Not together with `sample`."""
    sample: Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None = None
    """Measure so many rows, drawn at random by `seed`. Not together with `limit`."""
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    """Seed of the sample, the intervals, and the order of answers shown to pairwise judges."""
    repeats: Annotated[int, Meta(ge=1, le=20)] = 1
    """How many times to ask each question. The first answer is scored; all are compared for consistency."""
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    """Overrides the temperature of prompts."""
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """Overrides the output token limit of prompts."""
    options: Annotated[dict[str, Any], Meta(description="Further fields of the provider's request.")] = {}
    """Further fields of the provider's request."""
    format_scorer: (
        Annotated[Label, Meta(description="The label of the scorer that says whether an answer keeps its format.")]
        | None
    ) = None
    """Label of the scorer that decides `format_validity`. Default: a `json_schema` or `json_valid` scorer."""
    force_leakage: bool = False
    """Measure even if targets have already seen some of the rows."""
    fresh: bool = False
    """Ask again instead of reusing earlier answers to the same questions."""
