"""Exports: the stored bytes of a selection, as they are, a line each. Nothing is parsed and nothing held open."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import fetch_one
from service.datasets.examples.filters import Selection
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import chosen, said, with_content
from service.errors import Conflict

PAGE = 2_000
PIECE = 16 * 1024 * 1024  # bytes after which a page ends early: rows may have this size each
NEWLINE = sa.literal_column("'\\x0a'::bytea", BYTEA)


class Erased(Conflict):
    """Some of these examples were erased"""

    code = "erased"


async def jsonl(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> AsyncIterator[bytes]:
    """OpenAI-chat JSONL by example id, in pieces of at most some thousand lines. Raises Erased when a text is gone.

    The selection's seq holds the moment still, so that each page is a short statement of its own.
    """

    async def fetch(after: UUID | None) -> sa.Row[bytes, str, int, int]:
        row: sa.Row[bytes, str, int, int] = await fetch_one(engine, _piece(workspace_id, selection, after))
        return row

    coming = asyncio.create_task(fetch(None))
    try:
        while True:
            body, last_id, rows, present = await coming
            if rows == 0:
                return
            if present < rows:
                raise Erased(f"{rows - present} of these examples were erased, so these bytes cannot be given again.")
            coming = asyncio.create_task(fetch(UUID(last_id)))  # Postgres gathers it while this piece is on its way
            yield body + b"\n"
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def _piece(workspace_id: UUID, selection: Selection, after: UUID | None) -> sa.Select[bytes, str, int, int]:
    """The next lines as one text, the last one's id, how many they are, and how many of them have a text."""
    page = with_content(chosen(workspace_id, selection)).with_only_columns(
        revisions.c.example_id, said.c.body, maintain_column_froms=True
    )
    page = page.order_by(revisions.c.example_id).limit(PAGE)
    if after is not None:
        page = page.where(revisions.c.example_id > after)
    found = page.subquery()
    size = sa.func.octet_length(found.c.body)
    so_far = sa.func.sum(size).over(order_by=found.c.example_id) - size
    sized = sa.select(found, so_far.label("so_far")).subquery()
    lines = sa.select(sized).where(sa.func.coalesce(sized.c.so_far, 0) < PIECE).subquery()
    joined = sa.func.string_agg(lines.c.body, aggregate_order_by(NEWLINE, lines.c.example_id), type_=BYTEA)
    last = sa.func.max(sa.cast(lines.c.example_id, sa.Text))
    return sa.select(joined, last, sa.func.count(), sa.func.count(lines.c.body))


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """What proves a version: sha256 over its sorted content digests, in hex, and how many there are in each split."""

    digest: str
    examples: int
    splits: dict[str, int]


async def sum_up(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> Sum:
    """Digest and counts of a selection."""
    query = (
        chosen(workspace_id, selection)
        .with_only_columns(examples.c.split, revisions.c.content, maintain_column_froms=True)
        .subquery()
    )
    every = sa.func.string_agg(
        query.c.content, aggregate_order_by(sa.literal_column("''::bytea", BYTEA), query.c.content)
    )
    digest = sa.func.sha256(sa.func.coalesce(every, sa.literal_column("''::bytea", BYTEA)), type_=BYTEA)
    async with autocommit(engine).connect() as connection:
        proof: Any = (await connection.execute(sa.select(digest))).scalar_one()
        counts = await connection.execute(sa.select(query.c.split, sa.func.count()).group_by(query.c.split))
        splits = {split: int(count) for split, count in counts}
    return Sum(digest=bytes(proof).hex(), examples=sum(splits.values()), splits=splits)


def digest_of(digests: list[str]) -> str:
    """The same in Python, for whoever wants to check a version against its examples' digests."""
    return hashlib.sha256(b"".join(sorted(bytes.fromhex(digest) for digest in digests))).hexdigest()
