"""Comparisons over HTTP: compare targets with a base."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from service.access.auth import require_scope
from service.charts.plot import Bar, draw_bars
from service.evaluations.comparisons.comparison import BaseComparison, MeasuredTarget, build_comparison
from service.evaluations.comparisons.schemas import ComparedTarget, TargetChange, TargetComparison
from service.evaluations.schemas import build_figures
from service.evaluations.scorers.scorer_registry import SCORERS
from service.evaluations.targets.schemas import build_target
from service.http.bodies import NO_NUL
from service.http.images import SVG, Dark, ImageKind, build_image
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
    responses=refusals(404, 409, 422),  # from its query parameters
    tags=["evaluations"],
)
async def compare_targets(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    evaluation: EvaluationIds,
    base: Base = None,
    metric: Metric = None,
) -> TargetComparison:
    """Only rows with a score for both are compared. Intervals are 95% bootstrap intervals, seeded by the evaluation."""
    table = await build_comparison(ledger.engine, caller.workspace_id, evaluation, base=base, metric=metric)
    scorer = SCORERS[table.metric.name]
    return TargetComparison(
        metric=table.metric.label,
        metrics=table.metrics,
        unit=scorer.unit,
        higher_is_better=scorer.higher_is_better,
        base=table.base.target.name,
        data=[_build_line(compared, table.metric.label) for compared in table.comparisons],
    )


@get(
    "/comparisons/chart",
    operation_id="draw_comparison_chart",
    summary="Draw a comparison with its intervals",
    guards=[require_scope("evaluations:read")],
    media_type=SVG,
    responses=refusals(404, 409, 422),
    tags=["evaluations"],
)
async def draw_comparison_chart(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    evaluation: EvaluationIds,
    base: Base = None,
    metric: Metric = None,
    image: ImageKind = "svg",
    theme: Dark = "light",
) -> Response[bytes]:
    """One bar per target: its mean score, with the 95% interval of its change from the base."""
    table = await build_comparison(ledger.engine, caller.workspace_id, evaluation, base=base, metric=metric)
    lines = [_build_line(compared, table.metric.label) for compared in table.comparisons]
    bars = [_build_bar(line) for line in lines if line.mean is not None]
    title = f"{table.metric.label}, against {table.base.target.name}"
    content = await draw_bars(bars, title=title, x_label=table.metric.label, image=image, theme=theme)
    return build_image(content, image)


def _build_bar(line: ComparedTarget) -> Bar:
    """A target's mean; the ends of its change's interval, moved to the base's mean on the same rows."""
    mean, change = line.mean or 0.0, line.change
    if change is None or change.base is None:
        return Bar(name=line.target.name, value=mean)
    low, high = change.absolute.low, change.absolute.high
    if low is None or high is None:
        return Bar(name=line.target.name, value=mean)
    return Bar(name=line.target.name, value=mean, low=change.base + low, high=change.base + high)


def _build_line(compared: BaseComparison, label: str) -> ComparedTarget:
    measured = compared.measured
    figures = build_figures(measured.summary)
    scores = figures.scores.get(label, {})
    return ComparedTarget(
        evaluation_id=measured.evaluation_id,
        target=build_target(measured.target),
        is_compared_with=compared.change is None,
        rows=figures.rows,
        scored=scores.get("scored", 0),
        mean=scores.get("mean"),
        change=_build_change(compared),
        verdict=_describe_verdict(compared),
        latency_ms=figures.latency_ms,
        consistency=figures.consistency,
        format_validity=figures.format_validity,
        cost=figures.cost,
        leaked=_count_leaked(measured),
    )


def _build_change(compared: BaseComparison) -> TargetChange | None:
    change = compared.change
    if change is None:
        return None
    return TargetChange(
        pairs=change.n,
        base=change.before,
        value=change.after,
        absolute=change.difference,
        relative=change.relative,
        mcnemar=change.mcnemar,
        better=change.better,
    )


def _describe_verdict(compared: BaseComparison) -> str:
    if compared.change is None:
        return "the base of the comparison"
    leaked = _count_leaked(compared.measured)
    warning = f"; it had already seen {leaked} of the rows" if leaked else ""
    return f"{compared.change.verdict}{warning}"


def _count_leaked(measured: MeasuredTarget) -> int:
    return measured.leak.trained + measured.leak.equal + measured.leak.shown


router = Router(path="/", route_handlers=[compare_targets, draw_comparison_chart])
