"""Comparisons over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from service.access.auth import require_scope
from service.evaluations.comparisons import comparison as comparisons
from service.evaluations.comparisons.comparison import BaseComparison, MeasuredTarget
from service.evaluations.comparisons.schemas import ComparedTarget, TargetChange, TargetComparison
from service.evaluations.schemas import build_figures
from service.evaluations.scorers.scorer_registry import SCORERS
from service.evaluations.targets.schemas import build_target
from service.http.bodies import NO_NUL
from service.http.problems import refusals
from service.ledger.store import Caller, Ledger

EvaluationIds = Annotated[
    list[UUID],
    QueryParameter(
        name="evaluation", min_items=1, max_items=20, description="Evaluations of the same dataset version and split."
    ),
]
Base = Annotated[
    str | None,
    QueryParameter(max_length=200, pattern=NO_NUL, description="A target's name. Default: the first base model."),
]
Metric = Annotated[
    str | None, QueryParameter(max_length=100, pattern=NO_NUL, description="A scorer's label. Default: the first.")
]


@get(
    "/comparisons",
    operation_id="compare_targets",
    summary="Compare targets with a base",
    guards=[require_scope("evaluations:read")],
    responses=refusals(404, 409, 422),  # what is compared is named in the query
    tags=["evaluations"],
)
async def compare_targets(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    evaluation: EvaluationIds,
    base: Base = None,
    metric: Metric = None,
) -> TargetComparison:
    """Only rows with a score for both are paired. Intervals are 95% bootstrap intervals, seeded by the evaluation."""
    found = await comparisons.build_comparison(ledger.engine, caller.workspace_id, evaluation, base=base, metric=metric)
    scorer = SCORERS[found.metric.name]
    return TargetComparison(
        metric=found.metric.label,
        metrics=found.metrics,
        unit=scorer.unit,
        higher_is_better=scorer.higher_is_better,
        base=found.base.target.name,
        data=[_build_line(faced, found.metric.label) for faced in found.faced],
    )


def _build_line(faced: BaseComparison, label: str) -> ComparedTarget:
    measured = faced.measured
    figures = build_figures(measured.summary)
    scores = figures.scores.get(label, {})
    return ComparedTarget(
        evaluation_id=measured.evaluation_id,
        target=build_target(measured.target),
        is_compared_with=faced.change is None,
        rows=figures.rows,
        scored=scores.get("scored", 0),
        mean=scores.get("mean"),
        change=_build_change(faced),
        verdict=_describe_verdict(faced),
        latency_ms=figures.latency_ms,
        consistency=figures.consistency,
        format_validity=figures.format_validity,
        cost=figures.cost,
        leaked=_count_leaked(measured),
    )


def _build_change(faced: BaseComparison) -> TargetChange | None:
    found = faced.change
    if found is None:
        return None
    return TargetChange(
        pairs=found.n,
        base=found.before,
        value=found.after,
        absolute=found.difference,
        relative=found.relative,
        mcnemar=found.mcnemar,
        better=found.better,
    )


def _describe_verdict(faced: BaseComparison) -> str:
    if faced.change is None:
        return "the base of the comparison"
    leaked = _count_leaked(faced.measured)
    seen = f"; it had already seen {leaked} of the rows" if leaked else ""
    return f"{faced.change.verdict}{seen}"


def _count_leaked(measured: MeasuredTarget) -> int:
    return measured.leak.trained + measured.leak.equal + measured.leak.shown


router = Router(path="/", route_handlers=[compare_targets])
