"""Queries on batch runs and their predictions."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection
from service.errors import NotFound
from service.inference.projection import calls
from service.ledger.tables import contents
from service.operations.projection import operations
from service.prompts.render.few_shot import select_example_texts
from service.prompts.runs.projection import predictions, prompt_runs

PredictionStatus = Literal["succeeded", "failed"]


async def list_runs(
    engine: AsyncEngine, workspace_id: UUID, prompt_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[Any]:
    """Newest first, each with its progress."""
    query = _select_runs(workspace_id).where(prompt_runs.c.prompt_id == prompt_id)
    query = query.order_by(prompt_runs.c.run_id.desc()).limit(limit)
    return await fetch_all(engine, query if before is None else query.where(prompt_runs.c.run_id < before))


async def get_run(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> Any:
    """Raises NotFound."""
    rows = await fetch_all(engine, _select_runs(workspace_id).where(prompt_runs.c.run_id == run_id))
    if not rows:
        raise NotFound(f"No such run of a prompt: {run_id}.")
    return rows[0]


async def list_predictions(
    engine: AsyncEngine,
    workspace_id: UUID,
    run_id: UUID,
    *,
    state: PredictionStatus | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """By example id, each with its call and the answer's text (`body`; null if there is none or it was erased)."""
    called = sa.and_(calls.c.workspace_id == predictions.c.workspace_id, calls.c.id == predictions.c.call_id)
    is_answer_text = sa.and_(
        contents.c.workspace_id == calls.c.workspace_id,
        contents.c.subject == calls.c.subject,
        contents.c.digest == sa.func.decode(calls.c.content, sa.literal_column("'hex'"), type_=BYTEA),
    )
    names = ("provider_model", "finish_reason", "input_tokens", "output_tokens", "cost", "currency", "latency_ms")
    query = (
        sa.select(predictions, *[calls.c[name] for name in (*names, "repeats", "in_doubt")], contents.c.body)
        .outerjoin(calls, called)
        .outerjoin(contents, is_answer_text)
        .where(predictions.c.workspace_id == workspace_id, predictions.c.run_id == run_id)
        .order_by(predictions.c.example_id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(predictions.c.failure.is_(None) == sa.literal(state == "succeeded"))
    if after is not None:
        query = query.where(predictions.c.example_id > after)
    return await fetch_all(engine, limit_page_bytes(query, "body"))


async def count_predictions(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> tuple[int, int]:
    """How many predictions succeeded, and how many failed."""
    failed = sa.func.count(predictions.c.failure)
    query: Any = sa.select(sa.func.count() - failed, failed).where(
        predictions.c.workspace_id == workspace_id, predictions.c.run_id == run_id
    )
    [(good, bad)] = await fetch_all(engine, query)
    return int(good), int(bad)


async def list_examples_to_predict(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, run_id: UUID, *, after: UUID | None, limit: int
) -> list[tuple[Any, bool]]:
    """The next examples of a selection, each with whether the run has a prediction for it."""
    is_predicted = sa.exists().where(
        predictions.c.workspace_id == revisions.c.workspace_id,
        predictions.c.run_id == run_id,
        predictions.c.example_id == revisions.c.example_id,
    )
    query = select_example_texts(select_revisions(workspace_id, selection)).add_columns(is_predicted.label("made"))
    query = query.order_by(revisions.c.example_id).limit(limit)
    rows = await fetch_all(engine, query if after is None else query.where(revisions.c.example_id > after))
    return [(row, bool(row.made)) for row in rows]


def _select_runs(workspace_id: UUID) -> sa.Select[Any]:
    own = sa.and_(operations.c.workspace_id == prompt_runs.c.workspace_id, operations.c.id == prompt_runs.c.run_id)
    shown = (operations.c.state, operations.c.done, operations.c.total, operations.c.finished_at)
    return sa.select(prompt_runs, *shown).join(operations, own).where(prompt_runs.c.workspace_id == workspace_id)
