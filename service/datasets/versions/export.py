"""Export the stored bytes of a selection, one line each. Nothing is parsed, and no transaction stays open."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_one
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import (
    content_texts,
    metadata_texts,
    select_present,
    with_content,
    with_metadata,
)
from service.datasets.filters.selection import Selection

PAGE_ROWS = 2_000
PIECE_BYTES = 16 * 1024 * 1024  # a page ends early after this many bytes: one row may have as many
NEWLINE = sa.literal_column("'\\x0a'::bytea", BYTEA)


def stream_jsonl(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, fields: bool = False
) -> AsyncIterator[bytes]:
    """OpenAI-chat JSONL by example id, in pieces of at most PAGE_ROWS lines. Erased examples are left out.

    `fields` adds to each line what an import takes beside the content.
    """
    line = _build_line_with_fields() if fields else content_texts.c.body
    return stream_lines(engine, workspace_id, selection, line)


async def stream_lines(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, line: sa.ColumnElement[bytes]
) -> AsyncIterator[bytes]:
    """One `line` an example, by example id, in pieces of at most PAGE_ROWS lines. Those that are null are left out.

    The selection's seq fixes the state, so each page can be a short statement of its own.
    """

    async def fetch(after: UUID | None) -> sa.Row[bytes | None, str, int]:
        row: sa.Row[bytes | None, str, int] = await fetch_one(
            engine, _select_piece(workspace_id, selection, after, line)
        )
        return row

    next_piece = asyncio.create_task(fetch(None))
    try:
        while True:
            body, last_id, rows = await next_piece
            if rows == 0:
                return
            next_piece = asyncio.create_task(fetch(UUID(last_id)))  # Postgres reads it while this piece is being sent
            if body is not None:
                yield body + b"\n"
    finally:
        next_piece.cancel()
        await asyncio.gather(next_piece, return_exceptions=True)


def _build_line_with_fields() -> sa.ColumnElement[bytes]:
    """The content as JSON, with more fields before its last brace. Without an external id, the id stands for one."""
    external_id = sa.func.coalesce(examples.c.external_id, sa.cast(revisions.c.example_id, sa.Text))
    metadata = sa.func.convert_from(metadata_texts.c.body, "UTF8")
    stars = sa.case((revisions.c.score == sa.func.floor(revisions.c.score), sa.cast(revisions.c.score, sa.Integer)))
    added = sa.func.concat(
        ',"external_id":',
        sa.func.to_json(external_id),
        ',"tags":',
        sa.func.to_json(revisions.c.tags),
        ',"split":',
        sa.func.to_json(current_split),
        sa.literal(',"rating":', sa.Text).op("||")(sa.cast(stars, sa.Text)),
        sa.literal(',"metadata":', sa.Text).op("||")(metadata),  # null, which adds nothing, without any; as above
        "}",
    )
    body = content_texts.c.body
    return sa.func.substring(body, 1, sa.func.octet_length(body) - 1).op("||")(sa.func.convert_to(added, "UTF8"))


def _select_piece(
    workspace_id: UUID, selection: Selection, after: UUID | None, line: sa.ColumnElement[bytes]
) -> sa.Select[bytes | None, str, int]:
    """The next lines as one text, null if all were erased; the last example's id, and the number of examples."""
    page = with_metadata(with_content(select_present(workspace_id, selection))).with_only_columns(
        revisions.c.example_id, line.label("body"), maintain_column_froms=True
    )
    page = page.order_by(revisions.c.example_id).limit(PAGE_ROWS)
    if after is not None:
        page = page.where(revisions.c.example_id > after)
    rows = page.subquery()
    size = sa.func.octet_length(rows.c.body)
    so_far = sa.func.sum(size).over(order_by=rows.c.example_id) - size
    sized = sa.select(rows, so_far.label("so_far")).subquery()
    lines = sa.select(sized).where(sa.func.coalesce(sized.c.so_far, 0) < PIECE_BYTES).subquery()
    joined = sa.func.string_agg(lines.c.body, aggregate_order_by(NEWLINE, lines.c.example_id), type_=BYTEA)
    last = sa.func.max(sa.cast(lines.c.example_id, sa.Text))
    return sa.select(joined, last, sa.func.count())
