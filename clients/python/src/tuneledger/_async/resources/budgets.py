# Generated from openapi/openapi.json by `make clients`.
"""`client.budgets`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall, body, path
from tuneledger.types import (
    TuneBudget,
    TuneBudgets,
)


class AsyncBudgets(AsyncResource):
    """`client.budgets`."""

    async def remove(self, budget_id: str) -> None:
        """Remove a budget.

        Scope: `connections:write`.

        `budget_id`: Id of the budget.
        """
        return await self._api.done(HttpCall(method="DELETE", path=path("/v1/budgets/{}", budget_id)))

    async def set(
        self,
        *,
        amount: str,
        currency: str | UnsetType = UNSET,
        model: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
    ) -> TuneBudget:
        """Set a monthly budget.

        Of the whole workspace, or of one model. It replaces the one there is.

        Scope: `connections:write`.

        `amount`: A decimal number, as a string.

        `currency`: ISO 4217 code.

        `model`: Only tunes for this model. Null: all tunes of the workspace.

        `reason`: Why; kept in the history.
        """
        return await self._api.answer(
            HttpCall(
                method="PUT",
                path="/v1/budgets",
                body=body({"amount": amount, "currency": currency, "model": model, "reason": reason}),
            ),
            TuneBudget,
        )

    async def list(self) -> TuneBudgets:
        """List budgets and what is spent of them.

        A request for tunes that would go beyond one of them is refused with 422.

        Scope: `tunes:read`.
        """
        return await self._api.answer(HttpCall(method="GET", path="/v1/budgets"), TuneBudgets)
