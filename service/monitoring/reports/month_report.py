"""Build a model's monthly report: figures by version against the month before, failing inputs, and drift."""

import asyncio
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.projection import load_version
from service.ledger.store import Ledger
from service.models import queries
from service.models.domain import MODEL
from service.monitoring.reports import samples
from service.monitoring.reports.clusters import FailureCluster, cluster_failures
from service.monitoring.reports.drift import Drift, measure_drift
from service.monitoring.reports.monthly_stats import MonthFigures, Tally, compute_figures, count_by_version, sum_tallies
from service.monitoring.requests.request_tables import month_before

MAX_CLUSTERS = 20
MAX_DRIFTS = 10


class AgainstMonthBefore(msgspec.Struct, frozen=True, kw_only=True):
    """Change since the month before: relative (0.1 is 10% more), or a difference for error rate and rating.

    Null when either month lacks the figure.
    """

    requests: float | None
    """Change in requests, as a share: 0.1 is 10% more."""
    latency_p50: float | None
    """Change in median latency, as a share."""
    latency_p95: float | None
    """Change in the 95th percentile of latency, as a share."""
    cost_per_request: float | None
    """Change in cost per request, as a share; null unless all costs have one currency."""
    error_rate: float | None
    """Error rate minus that of the month before."""
    average_rating: float | None
    """Average rating minus that of the month before, in stars."""


class VersionMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one model version for the month."""

    version: str
    """The model version's name."""
    figures: MonthFigures
    """The version's figures for the month."""
    before: MonthFigures | None
    """Its figures for the month before; null without requests."""
    change: AgainstMonthBefore | None
    """The change since the month before; null without requests then."""
    drift: Drift | None
    """How far inputs moved from the training data; null when that data is unknown or there are too few texts."""


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    """The latest failed requests, grouped by similar inputs (MinHash of 3-word runs, Jaccard of about 0.6 or more)."""

    read: int
    """How many failed requests were read, at most 1,000."""
    clusters: list[FailureCluster]
    """The largest groups of similar inputs, at most 20."""


class ModelReport(msgspec.Struct, frozen=True, kw_only=True):
    """A model's month in UTC: all versions together, and each version."""

    model_id: UUID
    """The model."""
    month: str
    """The month in UTC, such as 2026-11."""
    figures: MonthFigures
    """The figures of all versions together."""
    before: MonthFigures | None
    """The figures of the month before; null without requests."""
    change: AgainstMonthBefore | None
    """The change since the month before; null without requests then."""
    versions: list[VersionMonth]
    """Each version by itself, the latest version first."""
    failing: Failing
    """What failed, grouped by similar inputs."""


async def build_report(ledger: Ledger, workspace_id: UUID, model_id: UUID, month: datetime) -> ModelReport:
    """Build the report of a month, given by its first moment in UTC. Raises NotFound without the model."""
    await ledger.get(MODEL, workspace_id, model_id)
    engine = ledger.engine
    now, before, failed = await asyncio.gather(
        count_by_version(engine, workspace_id, model_id, month),
        count_by_version(engine, workspace_id, model_id, month_before(month)),
        samples.list_failed(engine, workspace_id, model_id, month),
    )
    drifts = await _measure_drifts(engine, workspace_id, model_id, month, now)
    # In a thread: hashing the texts takes long enough to block other requests.
    clusters = await asyncio.to_thread(cluster_failures, failed, limit=MAX_CLUSTERS)
    figures, earlier = compute_figures(sum_tallies(now.values())), _find_figures(sum_tallies(before.values()))
    return ModelReport(
        model_id=model_id,
        month=f"{month:%Y-%m}",
        figures=figures,
        before=earlier,
        change=compare_months(figures, earlier),
        versions=[
            _build_version(name, now[name], before.get(name), drifts.get(name))
            for name in sorted(now, key=_descending_number)
        ],
        failing=Failing(read=len(failed), clusters=clusters),
    )


def compare_months(now: MonthFigures, before: MonthFigures | None) -> AgainstMonthBefore | None:
    if before is None:
        return None
    return AgainstMonthBefore(
        requests=_relative_change(now.requests, before.requests),
        latency_p50=_relative_change(_get_latency(now, "p50"), _get_latency(before, "p50")),
        latency_p95=_relative_change(_get_latency(now, "p95"), _get_latency(before, "p95")),
        cost_per_request=_relative_change(_cost_per_request(now), _cost_per_request(before)),
        error_rate=_difference(now.error_rate, before.error_rate),
        average_rating=_difference(now.ratings.average, before.ratings.average),
    )


def _build_version(name: str, now: Tally, before: Tally | None, drift: Drift | None) -> VersionMonth:
    figures, earlier = compute_figures(now), _find_figures(before)
    change = compare_months(figures, earlier)
    return VersionMonth(version=name, figures=figures, before=earlier, change=change, drift=drift)


def _find_figures(tally: Tally | None) -> MonthFigures | None:
    return None if tally is None or not tally.counts["requests"] else compute_figures(tally)


async def _measure_drifts(
    engine: AsyncEngine, workspace_id: UUID, model_id: UUID, month: datetime, now: dict[str, Tally]
) -> dict[str, Drift | None]:
    """Measure the drift of the versions that were called the most."""
    busiest = sorted(now, key=lambda name: -now[name].counts["requests"])[:MAX_DRIFTS]
    drifts: dict[str, Drift | None] = {}
    for name in busiest:
        registered = await queries.get_version(engine, workspace_id, model_id, name)
        if registered.dataset_id is None:
            continue
        total = now[name].counts["requests"]
        inputs = await samples.sample_inputs(engine, workspace_id, model_id, month, version=name, total=total)
        drifts[name] = await _measure_version_drift(engine, workspace_id, registered, inputs)
    return drifts


async def _measure_version_drift(
    engine: AsyncEngine, workspace_id: UUID, registered: Any, inputs: list[str]
) -> Drift | None:
    frozen = await load_version(engine, workspace_id, registered.dataset_id, registered.dataset_version)
    trained = await samples.sample_training_inputs(engine, workspace_id, frozen, split=registered.train_split)
    return await asyncio.to_thread(measure_drift, inputs, trained, dataset_version=frozen.name)


def _get_latency(month: MonthFigures, percentile: Literal["p50", "p95"]) -> float | None:
    return None if month.latency_ms is None else getattr(month.latency_ms, percentile)


def _cost_per_request(month: MonthFigures) -> float | None:
    """The mean cost of a request; None unless all costs have one currency."""
    if len(month.costs) != 1:
        return None
    return float(month.costs[0].total) / month.costs[0].requests


def _relative_change(now: float | None, before: float | None) -> float | None:
    return None if now is None or not before else round(now / before - 1, 4)


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else round(now - before, 6)


def _descending_number(version: str) -> tuple[int, ...]:
    """A key that sorts versions by number, the latest first."""
    return tuple(-int(part) for part in version.removeprefix("v").split("."))
