"""Budgets over HTTP."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from service.access.auth import require_scope
from service.connections.base_models.schemas import Money
from service.errors import NotFound
from service.http.bodies import JSON, Body, Name, Reason
from service.http.responses import build_response
from service.ledger.store import Caller, Ledger
from service.tunes.budgets import domain, queries
from service.tunes.budgets.domain import BUDGET, BudgetSet

Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", description="A decimal number, as a string.")]


class NewBudget(Body):
    """The most that tunes may cost in a calendar month (UTC)."""

    amount: Amount
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "USD"
    """ISO 4217 code."""
    model: Name | None = None
    """Only tunes for this model. Null: all tunes of the workspace."""
    reason: Reason | None = None
    """Why; kept in the history."""


class TuneBudget(msgspec.Struct, frozen=True, kw_only=True):
    """A monthly budget, and what is spent of it."""

    id: UUID
    """The budget's id."""
    model: str | None
    """The model whose tunes it is for. Null: all tunes."""
    limit: Money
    """The most that tunes may cost in a month."""
    spent: Money
    """What this month's tunes cost; those that still run count with their estimate."""
    updated_at: datetime
    """When it was set."""
    updated_by: str
    """Name of the member who set it."""


class TuneBudgets(msgspec.Struct, frozen=True, kw_only=True):
    """All budgets of the workspace."""

    data: list[TuneBudget]
    """That of the workspace first, then those of models by name."""


@get(
    "/budgets",
    operation_id="list_budgets",
    summary="List budgets and what is spent of them",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_budgets(caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]) -> TuneBudgets:
    """A request for tunes that would go beyond one of them is refused with 422."""
    return TuneBudgets(data=await _load(ledger, caller.workspace_id))


@put(
    "/budgets",
    operation_id="set_budget",
    summary="Set a monthly budget",
    guards=[require_scope("connections:write")],
    tags=["tunes"],
)
async def set_budget(
    data: JSON[NewBudget], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[TuneBudget]:
    """Of the whole workspace, or of one model. It replaces the one there is."""
    budget_id = domain.derive_budget_id(caller.workspace_id, data.model)
    new = BudgetSet(amount=data.amount, currency=data.currency, model=data.model, reason=data.reason)
    stored = await ledger.change(BUDGET, budget_id, lambda budget: domain.set_budget(budget, new), caller=caller)
    loaded = [budget for budget in await _load(ledger, caller.workspace_id) if budget.id == budget_id]
    if not loaded:
        raise NotFound("No such budget.")  # removed by somebody else in the meantime
    return build_response(loaded[0], version=stored.version)


@delete(
    "/budgets/{budget_id:uuid}",
    operation_id="remove_budget",
    summary="Remove a budget",
    guards=[require_scope("connections:write")],
    status_code=204,
    tags=["tunes"],
)
async def remove_budget(
    budget_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> None:
    await ledger.change(BUDGET, budget_id, lambda budget: domain.remove(budget, reason=None), caller=caller)


async def _load(ledger: Ledger, workspace_id: UUID) -> list[TuneBudget]:
    month = queries.begin_of_month(datetime.now(UTC))
    return [
        TuneBudget(
            id=row.id,
            model=row.model,
            limit=Money(amount=row.amount, currency=row.currency),
            spent=Money(
                amount=await queries.sum_spent(
                    ledger.engine, workspace_id, model=row.model, currency=row.currency, month=month
                ),
                currency=row.currency,
            ),
            updated_at=row.updated_at,
            updated_by=row.updated_by,
        )
        for row in await queries.list_budgets(ledger.engine, workspace_id)
    ]


router = Router(path="/", route_handlers=[list_budgets, set_budget, remove_budget])
