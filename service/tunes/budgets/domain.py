"""A monthly budget for tunes: of the whole workspace, or of one model. Requests that would go beyond it are refused."""

from typing import assert_never
from uuid import UUID, uuid5

import msgspec

from service.errors import NotFound
from service.ledger.decider import Decider, Event, require_state

NAMESPACE = UUID("0d1d8f4e-3a57-4e0d-8a6b-5a3c2f0b7c11")


class BudgetSet(Event):
    """`model` is the name that tunes are registered under; absent for all tunes of the workspace."""

    amount: str
    currency: str
    model: str | None = None
    reason: str | None = None


class BudgetRemoved(Event):
    reason: str | None = None


class BudgetHeld(Event):
    """Tunes were requested that count against the budget. Recorded with them, so that of two requests one comes first.

    `estimate` is what their prices add up to, in the budget's currency.
    """

    sweep_id: UUID
    tunes: int
    estimate: str


BudgetEvent = BudgetSet | BudgetRemoved | BudgetHeld


class BudgetState(msgspec.Struct, frozen=True, kw_only=True):
    """`budget` is null once it was removed; it may be set again."""

    budget: BudgetSet | None


def evolve(budget: BudgetState | None, event: BudgetEvent) -> BudgetState:
    match event:
        case BudgetSet():
            return BudgetState(budget=event)
        case BudgetRemoved():
            return BudgetState(budget=None)
        case BudgetHeld():
            return require_state(budget)
        case _:
            assert_never(event)


BUDGET: Decider[BudgetState, BudgetEvent] = Decider(
    "budget", events=(BudgetSet, BudgetRemoved, BudgetHeld), evolve=evolve
)


def derive_budget_id(workspace_id: UUID, model: str | None) -> UUID:
    """The budget's id: the workspace has one, and each model has one."""
    return uuid5(NAMESPACE, f"{workspace_id}/{model or ''}")


def set_budget(budget: BudgetState | None, new: BudgetSet) -> list[BudgetEvent]:
    """Set the amount. The same again records nothing."""
    known = budget.budget if budget else None
    if known is not None and (known.amount, known.currency) == (new.amount, new.currency):
        return []
    return [new]


def remove(budget: BudgetState | None, *, reason: str | None) -> list[BudgetEvent]:
    if budget is None or budget.budget is None:
        raise NotFound("No such budget.")
    return [BudgetRemoved(reason=reason)]
