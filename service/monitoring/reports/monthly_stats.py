"""Count a model's month by version: volume, failures, ratings, and the percentiles of latency and cost.

Postgres returns histograms instead of rows: latencies to the millisecond (above a minute, to the second), costs in
steps of one percent.
"""

import asyncio
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.monitoring.money import DECIMAL_PLACES, format_units
from service.monitoring.requests.domain import LOW_RATING
from service.monitoring.requests.projection import feedback
from service.monitoring.requests.request_tables import month_after, requests

MINUTE_MS = 60_000
COST_STEP = math.log(1.01)
PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}


class Latencies(msgspec.Struct, frozen=True, kw_only=True):
    """Latency in milliseconds; percentiles by nearest rank over the requests that reported one."""

    requests: int
    """How many requests reported a latency."""
    mean: float
    """Milliseconds."""
    p50: float
    """Median, in milliseconds."""
    p90: float
    """90th percentile, in milliseconds."""
    p95: float
    """95th percentile, in milliseconds."""
    p99: float
    """99th percentile, in milliseconds."""


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Costs in one currency; `total` is exact, percentiles are accurate to half a percent."""

    currency: str
    """Such as USD."""
    requests: int
    """How many requests reported a cost in this currency."""
    total: str
    """The exact sum, as a decimal number in a string."""
    p50: float
    """Median cost of a request."""
    p90: float
    """90th percentile of a request's cost."""
    p95: float
    """95th percentile of a request's cost."""
    p99: float
    """99th percentile of a request's cost."""


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """Ratings from feedback, in stars; a thumb up counts as 5, down as 1."""

    rated: int
    """How many requests have a rating."""
    average: float | None
    """Average rating in stars, 1 to 5; null without ratings."""
    low: int
    """How many are rated 2 stars or less."""
    stars: dict[str, int]
    """How many requests got each number of stars."""
    thumbs: dict[str, int]
    """How many requests got a thumb up or down."""


class MonthFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a month."""

    requests: int
    """How many requests were logged."""
    errors: int
    """How many ended in an error."""
    error_rate: float
    """Errors as a share of requests, 0 to 1."""
    checked: int
    """How many outputs were checked against the task's schema."""
    invalid: int
    """How many checked outputs failed."""
    input_tokens: int
    """Input tokens of all requests."""
    output_tokens: int
    """Output tokens of all requests."""
    latency_ms: Latencies | None
    """Latency in milliseconds; null when no request reported one."""
    costs: list[Costs]
    """Costs, by currency."""
    ratings: Ratings
    """Ratings given as feedback."""


class Tally(msgspec.Struct, kw_only=True):
    """Counts of one version; tallies can be added up."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    latencies: Counter[int] = msgspec.field(default_factory=Counter)
    costs: dict[str, Counter[float]] = msgspec.field(default_factory=dict)
    totals: Counter[str] = msgspec.field(default_factory=Counter)
    stars: Counter[str] = msgspec.field(default_factory=Counter)
    thumbs: Counter[str] = msgspec.field(default_factory=Counter)
    ratings: Counter[float] = msgspec.field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        for name in ("counts", "latencies", "totals", "stars", "thumbs", "ratings"):
            getattr(self, name).update(getattr(other, name))
        for currency, histogram in other.costs.items():
            self.costs.setdefault(currency, Counter()).update(histogram)


COUNT_NAMES = ("requests", "errors", "checked", "invalid", "input_tokens", "output_tokens")


async def count_by_version(
    engine: AsyncEngine, workspace_id: UUID, model_id: UUID, month: datetime
) -> dict[str, Tally]:
    """Count the month's requests, costs and feedback by version; versions without any are absent."""
    tallies: dict[str, Tally] = {}
    queries = (select(workspace_id, model_id, month) for select in (_select_calls, _select_costs, _select_feedback))
    calls, costs, feedbacks = await asyncio.gather(*[fetch_all(engine, query) for query in queries])
    for row in calls:
        tally = tallies.setdefault(row.model_version, Tally())
        tally.counts.update({name: int(getattr(row, name) or 0) for name in COUNT_NAMES})
        if row.latency is not None:
            tally.latencies[row.latency] += row.requests
    for row in costs:
        tally = tallies.setdefault(row.model_version, Tally())
        cost = 0.0 if row.step is None else math.exp((row.step + 0.5) * COST_STEP) / 10**DECIMAL_PLACES
        tally.costs.setdefault(row.currency, Counter())[cost] += row.requests
        tally.totals[row.currency] += int(row.total)
    for row in feedbacks:
        tally = tallies.setdefault(row.model_version, Tally())
        tally.stars.update({str(row.stars): row.requests} if row.stars else {})
        tally.thumbs.update({row.thumbs: row.requests} if row.thumbs else {})
        tally.ratings.update({row.rating: row.requests} if row.rating is not None else {})
    return tallies


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def compute_figures(tally: Tally) -> MonthFigures:
    counts = {name: tally.counts[name] for name in COUNT_NAMES}
    return MonthFigures(
        **counts,
        error_rate=_share(tally.counts["errors"], tally.counts["requests"]),
        latency_ms=_compute_latencies(tally.latencies),
        costs=[_compute_costs(currency, tally) for currency in sorted(tally.costs)],
        ratings=_compute_ratings(tally),
    )


def compute_percentiles(histogram: Mapping[Any, int]) -> dict[str, float]:
    """Percentiles by nearest rank: the least value that is not below a share of all. Raises ValueError if empty."""
    values = sorted(histogram)
    if not values:
        raise ValueError("an empty histogram has no percentiles")
    ranks = list(accumulate(histogram[value] for value in values))
    return {name: float(values[bisect_left(ranks, share * ranks[-1])]) for name, share in PERCENTILES.items()}


def _compute_latencies(histogram: Counter[int]) -> Latencies | None:
    if not histogram:
        return None
    count = sum(histogram.values())
    mean = sum(value * times for value, times in histogram.items()) / count
    return Latencies(requests=count, mean=round(mean, 1), **compute_percentiles(histogram))


def _compute_costs(currency: str, tally: Tally) -> Costs:
    histogram = tally.costs[currency]
    percentiles = {name: float(f"{value:.3g}") for name, value in compute_percentiles(histogram).items()}
    total = tally.totals[currency]
    return Costs(currency=currency, requests=sum(histogram.values()), total=format_units(total), **percentiles)


def _compute_ratings(tally: Tally) -> Ratings:
    rated = sum(tally.ratings.values())
    total = sum(value * times for value, times in tally.ratings.items())
    return Ratings(
        rated=rated,
        average=round(total / rated, 4) if rated else None,
        low=sum(times for value, times in tally.ratings.items() if value <= LOW_RATING),
        stars={str(stars): tally.stars[str(stars)] for stars in range(1, 6)},
        thumbs={thumb: tally.thumbs[thumb] for thumb in ("up", "down")},
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


def is_in_month(table: sa.Table, workspace_id: UUID, model_id: UUID, month: datetime) -> list[sa.ColumnElement[bool]]:
    """Conditions for a model's month, in the requests or the feedback table."""
    return [
        table.c.workspace_id == workspace_id,
        table.c.model_id == model_id,
        table.c.at >= month,
        table.c.at < month_after(month),
    ]


def _select_calls(workspace_id: UUID, model_id: UUID, month: datetime) -> sa.Select[Any]:
    exact = requests.c.latency_ms
    second = sa.literal_column("1000", sa.Integer)
    latency = sa.case((exact > sa.literal_column(str(MINUTE_MS)), exact.op("/")(second).op("*")(second)), else_=exact)
    return (
        sa.select(
            requests.c.model_version,
            sa.type_coerce(latency, sa.Integer).label("latency"),
            sa.func.count().label("requests"),
            sa.func.count(requests.c.error_code).label("errors"),
            sa.func.count(requests.c.valid).label("checked"),
            sa.func.count().filter(requests.c.valid.is_(False)).label("invalid"),
            sa.func.sum(requests.c.input_tokens).label("input_tokens"),
            sa.func.sum(requests.c.output_tokens).label("output_tokens"),
        )
        .where(*is_in_month(requests, workspace_id, model_id, month))
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
    )


def _select_costs(workspace_id: UUID, model_id: UUID, month: datetime) -> sa.Select[Any]:
    amount = sa.cast(requests.c.cost, sa.Double)
    step = sa.case((amount > 0, sa.cast(sa.func.floor(sa.func.ln(amount) / COST_STEP), sa.Integer)))
    return (
        sa.select(
            requests.c.model_version,
            requests.c.currency,
            step.label("step"),
            sa.func.count().label("requests"),
            sa.func.sum(requests.c.cost).label("total"),
        )
        .where(*is_in_month(requests, workspace_id, model_id, month), requests.c.cost.is_not(None))
        .group_by(sa.literal_column("1"), sa.literal_column("2"), sa.literal_column("3"))
    )


def _select_feedback(workspace_id: UUID, model_id: UUID, month: datetime) -> sa.Select[Any]:
    columns = [feedback.c[name] for name in ("model_version", "stars", "thumbs", "rating")]
    query = sa.select(*columns, sa.func.count().label("requests"))
    return query.where(*is_in_month(feedback, workspace_id, model_id, month)).group_by(*columns)
