"""Hold a request against the budgets: its own, its model's and the workspace's."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Fault
from service.ledger.store import Entry
from service.tunes.budgets.domain import BUDGET, BudgetHeld
from service.tunes.budgets.queries import begin_of_month, list_budgets, sum_spent


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """The estimated price of a tune for a model; None where it is not known."""

    value: Decimal | None
    currency: str | None
    model: str | None


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What a budget has left for a request. `name` says whose it is; `model` is None where all tunes count.

    `budget` is the id and version of a monthly budget, whose spending was added up after that version was read.
    """

    name: str
    pointer: str
    left: Decimal
    currency: str
    model: str | None = None
    budget: tuple[UUID, int] | None = None


async def list_limits(engine: AsyncEngine, workspace_id: UUID, models: Collection[str | None]) -> list[Limit]:
    """The monthly budgets that tunes for these models count against."""
    month = begin_of_month(datetime.now(UTC))
    limits = []
    for row in await list_budgets(engine, workspace_id):
        if row.model is not None and row.model not in models:
            continue
        spent = await sum_spent(engine, workspace_id, model=row.model, currency=row.currency, month=month)
        name = f"this month's budget of {row.model}" if row.model else "this month's budget of the workspace"
        left = row.amount - spent
        limits.append(
            Limit(
                name=name,
                pointer="/targets",
                left=left,
                currency=row.currency,
                model=row.model,
                budget=(row.id, row.version),
            )
        )
    return limits


def find_budget_faults(limits: Sequence[Limit], amounts: Sequence[Amount]) -> tuple[list[Fault], list[Fault]]:
    """Faults where the estimates are above a limit, and warnings where an estimate is missing."""
    faults, warnings = [], []
    for limit in limits:
        counted = _list_counted(limit, amounts)
        known = _list_in(limit.currency, counted)
        total = sum(known, Decimal(0))
        if total > limit.left:
            detail = f"The estimate is {total:.2f} {limit.currency}; {limit.name} has {max(limit.left, 0):.2f} left."
            faults.append(Fault(pointer=limit.pointer, detail=detail, code="over_budget"))
        if missing := len(counted) - len(known):
            detail = f"The price of {missing} tunes is not known, so {limit.name} cannot be held for them."
            warnings.append(Fault(pointer=limit.pointer, detail=detail, code="cost_unknown"))
    return faults, warnings


def hold(limits: Sequence[Limit], amounts: Sequence[Amount], *, sweep_id: UUID) -> list[Entry]:
    """The entries to write with the tunes, one for each monthly budget. They lose the race to another request's."""
    entries = []
    for limit in limits:
        if limit.budget is not None:
            budget_id, version = limit.budget
            counted = _list_counted(limit, amounts)
            total = sum(_list_in(limit.currency, counted), Decimal(0))
            event = BudgetHeld(sweep_id=sweep_id, tunes=len(counted), estimate=format(total, "f"))
            entries.append(Entry(stream=BUDGET.stream, stream_id=budget_id, after=version, event=event))
    return entries


def _list_counted(limit: Limit, amounts: Sequence[Amount]) -> list[Amount]:
    return [amount for amount in amounts if limit.model in (None, amount.model)]


def _list_in(currency: str, amounts: Sequence[Amount]) -> list[Decimal]:
    return [amount.value for amount in amounts if amount.value is not None and amount.currency == currency]
