"""Read the examples of a selection with all that a writer may need, page by page; no transaction stays open."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import (
    content_texts,
    instruction_texts,
    metadata_texts,
    select_present,
    with_content,
    with_metadata,
)
from service.datasets.filters.selection import Selection
from service.ledger.tables import contents

PAGE_ROWS = 1_000
original_texts = contents.alias("came")
replaced_texts = contents.alias("wrong")
COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    examples.c.id,
    examples.c.external_id,
    current_split.label("split"),
    examples.c.source,
    examples.c.created_at,
    examples.c.created_by,
    revisions.c.tags,
    revisions.c.ratings,
    revisions.c.score,
    revisions.c.label,
    revisions.c.votes,
    revisions.c.replaced.label("replaced_digest"),
    content_texts.c.body.label("content"),
    metadata_texts.c.body.label("metadata"),
    instruction_texts.c.body.label("instruction"),
    replaced_texts.c.body.label("replaced"),
    original_texts.c.body.label("original"),
)
TEXTS = ("content", "metadata", "instruction", "replaced", "original")


async def read_pages(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> AsyncIterator[Sequence[Any]]:
    """Pages by example id. The next one is read while the last one is written. Erased examples are left out."""

    async def fetch(after: UUID | None) -> Sequence[Any]:
        return await fetch_all(engine, _select_page(workspace_id, selection, after))

    next_page = asyncio.create_task(fetch(None))
    try:
        while rows := await next_page:
            next_page = asyncio.create_task(fetch(rows[-1].id))
            yield rows
    finally:
        next_page.cancel()
        await asyncio.gather(next_page, return_exceptions=True)


def _select_page(workspace_id: UUID, selection: Selection, after: UUID | None) -> sa.Select[Any]:
    columns = [sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, JSONB) else c for c in COLUMNS]
    query = with_metadata(with_content(select_present(workspace_id, selection)))
    for table, digest in (
        (instruction_texts, revisions.c.instruction),
        (replaced_texts, revisions.c.replaced),
        (original_texts, examples.c.original),
    ):
        same = (table.c.workspace_id == workspace_id, table.c.subject == revisions.c.example_id)
        query = query.outerjoin(table, sa.and_(*same, table.c.digest == digest))
    query = query.with_only_columns(*columns, maintain_column_froms=True)
    query = query.where(content_texts.c.body.is_not(None)).order_by(revisions.c.example_id).limit(PAGE_ROWS)
    if after is not None:
        query = query.where(revisions.c.example_id > after)
    return limit_page_bytes(query, *TEXTS)
