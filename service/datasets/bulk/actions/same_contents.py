"""Find the examples of a selection that repeat another one; the best rated of each group stays, else the oldest."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, select_revisions, with_content
from service.datasets.filters.selection import Selection
from service.extras import require_extra
from service.providers.training_rows.token_counter import collect_text

PAGE_ROWS = 1_000


async def find_exact_repeats(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, ids: Sequence[UUID] | None = None
) -> Sequence[UUID]:
    """Find those, of all or of these ids, whose content equals that of one that stays, in ascending order."""
    place = sa.func.row_number().over(
        partition_by=sa.func.sha256(content_texts.c.body),
        order_by=(revisions.c.score.desc().nulls_last(), revisions.c.example_id),
    )
    ranked = (
        with_content(select_revisions(workspace_id, selection))
        .with_only_columns(revisions.c.example_id, place.label("place"), maintain_column_froms=True)
        .where(content_texts.c.body.is_not(None))
    )
    if ids is not None:
        ranked = ranked.where(revisions.c.example_id == sa.func.any(sa.cast(list(ids), ARRAY(sa.Uuid))))
    repeats = ranked.subquery()
    query = sa.select(repeats.c.example_id).where(repeats.c.place > 1).order_by(repeats.c.example_id)
    return await fetch_column(engine, query)


async def find_near_repeats(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, ids: Sequence[UUID] | None = None
) -> Sequence[UUID]:
    """Find those, of all or of these ids, whose texts are nearly those of one that stays, in ascending order."""
    require_extra("checks")
    from service.datasets.checks.scan.near_duplicates import NearDuplicates  # noqa: PLC0415 - of the extra

    index, rows = NearDuplicates(), list[tuple[UUID, float]]()
    only = None if ids is None else set(ids)
    after: UUID | None = None
    while page := await _load_page(engine, workspace_id, selection, after=after):
        after = page[-1].example_id
        meant = [row for row in page if row.body is not None and (only is None or row.example_id in only)]
        rows += [(row.example_id, row.score or 0) for row in meant]
        await asyncio.to_thread(index.add, [join_texts(bytes(row.body)) for row in meant])
    clusters = (await asyncio.to_thread(index.find_clusters)).tolist() if rows else []
    best: dict[int, tuple[float, int]] = {}
    for place, first in enumerate(clusters):
        rank = (rows[place][1], -place)
        best[first] = max(best.get(first, rank), rank)
    return [rows[place][0] for place, first in enumerate(clusters) if best[first][1] != -place]


async def _load_page(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, after: UUID | None
) -> Sequence[Any]:
    query = with_content(select_revisions(workspace_id, selection)).with_only_columns(
        revisions.c.example_id, revisions.c.score, content_texts.c.body, maintain_column_froms=True
    )
    query = query.order_by(revisions.c.example_id).limit(PAGE_ROWS)
    return await fetch_all(engine, query if after is None else query.where(revisions.c.example_id > after))


def join_texts(body: bytes) -> str:
    """All but system messages, which many examples share."""
    content = msgspec.json.decode(body)
    content["messages"] = [message for message in content["messages"] if message["role"] != "system"]
    return collect_text(content)
