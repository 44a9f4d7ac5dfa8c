"""Summarize all results of a target. Pure."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Any

import msgspec

from service.evaluations.domain import CostSummary, LatencySummary, Plan, TargetSummary
from service.evaluations.results.domain import Failure, RecordedScore
from service.evaluations.scorers import scorer_registry
from service.evaluations.scorers.measures import p95
from service.evaluations.scorers.scorer import Score
from service.evaluations.scores.row_scores import ConfiguredScorer
from service.evaluations.scores.statistics import mean_interval

OUTCOME_COLUMNS = ("scores", "failure", "latency_ms", "input_tokens", "output_tokens", "cost")
THOUSAND = 1_000


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a result that the figures need."""

    scores: dict[str, RecordedScore]
    failure: Failure | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None


def parse_outcome(row: Any) -> Outcome:
    fields = {name: getattr(row, name) for name in OUTCOME_COLUMNS}
    fields["scores"] = msgspec.convert(row.scores, dict[str, RecordedScore])
    fields["failure"] = None if row.failure is None else msgspec.convert(row.failure, Failure)
    return Outcome(**fields)


def summarize_target(
    plan: Plan, target: str, scorers: Sequence[ConfiguredScorer], outcomes: Sequence[Outcome]
) -> TargetSummary:
    """Summarize one target. Takes seconds for many rows: bootstrap intervals resample them thousands of times."""
    figures = {scorer.used.label: _summarize_scorer(plan, scorer, outcomes) for scorer in scorers}
    failures = Counter(outcome.failure.code for outcome in outcomes if outcome.failure is not None)
    consistency = next((scorer.used.label for scorer in scorers if scorer.used.name == "consistency"), None)
    return TargetSummary(
        target=target,
        rows=len(outcomes),
        failed=failures.total(),
        failures=dict(sorted(failures.items())),
        scores=figures,
        latency_ms=_summarize_latency([each.latency_ms for each in outcomes if each.latency_ms is not None]),
        input_tokens=sum(outcome.input_tokens or 0 for outcome in outcomes),
        output_tokens=sum(outcome.output_tokens or 0 for outcome in outcomes),
        cost=_summarize_cost(outcomes),
        format_validity=None if plan.format is None else figures[plan.format]["pass_rate"],
        consistency=None if consistency is None else figures[consistency]["mean"],
    )


def _summarize_scorer(plan: Plan, scorer: ConfiguredScorer, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    label = scorer.used.label
    recorded = [outcome.scores[label] for outcome in outcomes if label in outcome.scores]
    scores = [Score(value=each.value, passed=each.passed, details=each.details) for each in recorded]
    values = [score.value for score in scores if score.value is not None]
    interval = mean_interval(values, seed=plan.seed)
    summary: dict[str, Any] = msgspec.to_builtins(scorer_registry.aggregate(scores, scorer.config))
    return summary | {"interval": {"low": interval.low, "high": interval.high, "confidence": interval.confidence}}


def _summarize_latency(times: Sequence[int]) -> LatencySummary:
    if not times:
        return LatencySummary(n=0)
    return LatencySummary(n=len(times), p50=float(median(times)), p95=float(p95(times)))


def _summarize_cost(outcomes: Sequence[Outcome]) -> CostSummary:
    known = [outcome.cost for outcome in outcomes if outcome.cost is not None]
    unknown = sum(outcome.cost is None and outcome.failure is None for outcome in outcomes)
    if not known:
        return CostSummary(without_price=unknown)
    total = sum(known, Decimal(0))
    per_thousand = None if unknown else format(round(total / len(known) * THOUSAND, 6).normalize(), "f")
    return CostSummary(amount=format(total.normalize(), "f"), per_thousand=per_thousand, without_price=unknown)
