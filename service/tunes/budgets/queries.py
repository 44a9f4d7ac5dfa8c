"""Read budgets, and what was spent of them in a month: with the estimates of tunes that still run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.tunes.budgets.projection import budgets
from service.tunes.projection import tunes

MILLION = 1_000_000


async def list_budgets(engine: AsyncEngine, workspace_id: UUID) -> Sequence[Any]:
    """List all budgets, that of the workspace first."""
    query = sa.select(budgets).where(budgets.c.workspace_id == workspace_id)
    return await fetch_all(engine, query.order_by(budgets.c.model.nulls_first()))


async def sum_spent(
    engine: AsyncEngine, workspace_id: UUID, *, model: str | None, currency: str, month: datetime
) -> Decimal:
    """What the tunes requested in the month cost, or are estimated to cost while they run."""
    estimate = tunes.c.estimate
    computed = sa.cast(estimate["per_million"].astext, sa.Numeric) * tunes.c.trained_tokens / MILLION
    estimated = sa.case((tunes.c.finished_at.is_(None), sa.cast(estimate["amount"].astext, sa.Numeric)), else_=0)
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(sa.func.coalesce(tunes.c.cost, computed, estimated)), 0))
        .where(tunes.c.workspace_id == workspace_id, tunes.c.created_at >= month)
        .where(sa.func.coalesce(tunes.c.currency, estimate["currency"].astext) == currency)
    )
    spent: Decimal = await fetch_value(engine, query if model is None else query.where(tunes.c.model == model))
    return spent


def begin_of_month(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
