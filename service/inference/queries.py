"""Queries of runs and their model calls."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all, fetch_column, fetch_dicts, fetch_value, find_one
from service.inference.domain import OPEN_STATUSES
from service.inference.projection import calls, runs
from service.ledger.tables import contents


def select_open_runs() -> sa.Select[tuple[UUID, UUID]]:
    """Select the runs of all workspaces that have not ended."""
    return sa.select(runs.c.workspace_id, runs.c.id).where(sa.text(f"state in {OPEN_STATUSES}"))


async def is_cancel_requested(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> bool:
    query = sa.select(runs.c.cancel_requested).where(runs.c.workspace_id == workspace_id, runs.c.id == run_id)
    return bool(await fetch_value(engine, query))


async def find_call(engine: AsyncEngine, workspace_id: UUID, call_id: UUID) -> Any:
    """Find a call with its text. `body` is null if the call has no text or the text was erased."""
    return await find_one(engine, _with_text(workspace_id).where(calls.c.id == call_id))


async def list_ended_call_ids(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> set[UUID]:
    query = sa.select(calls.c.id).where(calls.c.workspace_id == workspace_id, calls.c.run_id == run_id)
    return set(await fetch_column(engine, query))


async def find_reusable_answer(engine: AsyncEngine, workspace_id: UUID, reuse: str) -> Any:
    """Find the newest answer with this reuse key whose text was not erased."""
    query = (
        _with_text(workspace_id)
        .where(calls.c.reuse == reuse, calls.c.state == "answered", contents.c.body.is_not(None))
        .order_by(calls.c.seq.desc())
        .limit(1)
    )
    return await find_one(engine, query)


async def list_calls(
    engine: AsyncEngine, workspace_id: UUID, run_id: UUID, *, state: str | None, after: int | None, limit: int
) -> Sequence[Any]:
    """List a run's calls with their texts, in the order in which they ended."""
    query = _with_text(workspace_id).where(calls.c.run_id == run_id).order_by(calls.c.seq).limit(limit)
    if state is not None:
        query = query.where(calls.c.state == state)
    if after is not None:
        query = query.where(calls.c.seq > after)
    return await fetch_all(engine, limit_page_bytes(query, "body"))


async def sum_usage(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> dict[str, Any]:
    """Count a run's answered, reused and failed calls, and sum the tokens and known costs of those it paid for."""
    paid = calls.c.repeats.is_(None)
    query = sa.select(
        sa.func.count().filter(paid, calls.c.state == "answered").label("answered"),
        sa.func.count().filter(~paid).label("reused"),
        sa.func.count().filter(calls.c.state == "failed").label("failed"),
        sa.cast(sa.func.coalesce(sa.func.sum(calls.c.input_tokens).filter(paid), 0), sa.BigInteger).label(
            "input_tokens"
        ),
        sa.cast(sa.func.coalesce(sa.func.sum(calls.c.output_tokens).filter(paid), 0), sa.BigInteger).label(
            "output_tokens"
        ),
        sa.func.sum(calls.c.cost).filter(paid).label("cost"),
        sa.func.count().filter(paid, calls.c.cost.is_(None)).label("calls_without_price"),
    ).where(calls.c.workspace_id == workspace_id, calls.c.run_id == run_id)
    [usage] = await fetch_dicts(engine, query)
    return {**usage, "cost": format_cost(usage["cost"])}


def format_cost(amount: Decimal | None, currency: str = "USD") -> dict[str, str] | None:
    return None if amount is None else {"amount": format(amount.normalize(), "f"), "currency": currency}


def _with_text(workspace_id: UUID) -> sa.Select[Any]:
    own_text = sa.and_(
        contents.c.workspace_id == calls.c.workspace_id,
        contents.c.subject == calls.c.subject,
        contents.c.digest == sa.func.decode(calls.c.content, "hex"),
    )
    query = sa.select(calls, contents.c.body).outerjoin_from(calls, contents, own_text)
    return query.where(calls.c.workspace_id == workspace_id)
