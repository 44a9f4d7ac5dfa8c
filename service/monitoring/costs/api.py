"""The cost table over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from service.access.auth import require_scope
from service.connections.base_models.schemas import Money
from service.errors import Fault, Invalid
from service.http.query_parameters import to_utc
from service.ledger.store import Caller, Ledger
from service.monitoring.costs.queries import CostGroup, sum_costs

DEFAULT_DAYS = 366
By = Annotated[CostGroup, QueryParameter(description="What to add up by.")]
Since = Annotated[datetime | None, QueryParameter(description="From this time on. Default: a year ago.")]
Until = Annotated[datetime | None, QueryParameter(description="Before this time. Default: now.")]


class CostLine(msgspec.Struct, frozen=True, kw_only=True):
    """What something cost, in one currency."""

    key: str | None
    """The category, connection, base model, model or month. Null: it belongs to none."""
    total: Money | None
    """The sum. Null when no cost of this line is known."""
    priced: int
    """How many tunes, deployments, calls or requests the sum is of."""
    unpriced: int
    """How many have no known cost."""
    by_provider: bool
    """Whether every amount is the provider's own figure. False: some are computed from prices and tokens."""


class CostTable(msgspec.Struct, frozen=True, kw_only=True):
    """What a workspace has paid in a time: tunes, deployments, generation, evaluations, prompts and production."""

    by: CostGroup
    """What it was added up by."""
    since: datetime
    """From this time on."""
    until: datetime
    """Before this time."""
    lines: list[CostLine]
    """One line for each key and currency."""
    totals: list[Money]
    """Everything together, by currency."""


@get(
    "/costs",
    operation_id="get_costs",
    summary="Add up costs",
    guards=[require_scope("tunes:read"), require_scope("requests:read")],
    tags=["production"],
)
async def get_costs(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    by: By = "category",
    since: Since = None,
    until: Until = None,
) -> CostTable:
    """Tunes count when they end, at the provider's figure or else trained tokens times price.

    A deployment counts its hours times the price of one machine, a call or request what it cost by its prices.
    """
    end = to_utc(until, pointer="?until") or datetime.now(UTC)
    begin = to_utc(since, pointer="?since") or _a_year_before(end)
    if begin >= end:
        detail = "`since` has to be before `until`."
        raise Invalid(detail, errors=[Fault(pointer="?since", detail=detail)])
    rows = await sum_costs(ledger.engine, caller.workspace_id, by, begin=begin, end=end)
    totals: dict[str, Money] = {}
    for row in rows:
        if row.currency is not None:
            known = totals.get(row.currency)
            amount = round(row.amount, 6) + (known.amount if known else 0)
            totals[row.currency] = Money(amount=amount, currency=row.currency)
    lines = [
        CostLine(
            key=row.key,
            total=None if row.currency is None else Money(amount=round(row.amount, 6), currency=row.currency),
            priced=row.priced or 0,
            unpriced=row.unpriced or 0,
            by_provider=bool(row.by_provider and row.priced),
        )
        for row in rows
    ]
    return CostTable(by=by, since=begin, until=end, lines=lines, totals=[totals[name] for name in sorted(totals)])


def _a_year_before(end: datetime) -> datetime:
    earliest = datetime.min.replace(tzinfo=UTC)
    return end - timedelta(days=DEFAULT_DAYS) if end - earliest > timedelta(days=DEFAULT_DAYS) else earliest


router = Router(path="/", route_handlers=[get_costs])
