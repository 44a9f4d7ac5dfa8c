"""Select the rows of an evaluation and read them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import content_texts, metadata_texts, select_revisions, with_content
from service.datasets.filters.selection import Selection

PAGE_SIZE = 100
MAX_ROWS = 100_000


class ExampleRow(msgspec.Struct, frozen=True, kw_only=True):
    """An example in its frozen version. `content` is the digest of its text, in hex; `body` is None once erased."""

    example_id: UUID
    content: str
    body: bytes | None
    metadata: bytes | None
    metadata_digest: str | None
    tags: tuple[str, ...]
    external_id: str | None


async def select_row_ids(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, limit: int | None, sample: int | None, seed: int
) -> list[UUID]:
    """Select all rows, the first `limit`, or a random `sample` by the seed. In the order in which they were added."""
    query = select_revisions(workspace_id, selection).with_only_columns(
        revisions.c.example_id, maintain_column_froms=True
    )
    if sample is not None:
        salt = sa.literal(seed.to_bytes(8, "big", signed=True), BYTEA)
        random_key = sa.func.sha256(salt.op("||")(sa.func.uuid_send(revisions.c.example_id)))
        query = query.order_by(random_key, revisions.c.example_id).limit(sample)
    else:
        query = query.order_by(revisions.c.example_id).limit(MAX_ROWS + 1 if limit is None else limit)
    return sorted(await fetch_column(engine, query))


async def read_rows(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, ids: Sequence[UUID]
) -> AsyncIterator[ExampleRow]:
    """Read these examples in the version of the selection, in the same order, a page at a time."""
    for start in range(0, len(ids), PAGE_SIZE):
        page_ids = ids[start : start + PAGE_SIZE]
        rows = {row.example_id: row for row in await _load_page(engine, workspace_id, selection, page_ids)}
        for example_id in page_ids:
            yield _example_from_row(rows[example_id])


async def _load_page(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, ids: Sequence[UUID]
) -> Sequence[Any]:
    own_metadata = sa.and_(
        metadata_texts.c.workspace_id == revisions.c.workspace_id,
        metadata_texts.c.subject == revisions.c.example_id,
        metadata_texts.c.digest == revisions.c.metadata,
    )
    query = (
        with_content(select_revisions(workspace_id, selection))
        .outerjoin(metadata_texts, own_metadata)
        .with_only_columns(
            revisions.c.example_id,
            sa.func.encode(revisions.c.content, "hex").label("content"),
            content_texts.c.body,
            metadata_texts.c.body.label("metadata"),
            sa.func.encode(revisions.c.metadata, "hex").label("metadata_digest"),
            revisions.c.tags,
            examples.c.external_id,
            maintain_column_froms=True,
        )
        .where(revisions.c.example_id == sa.any_(sa.cast(list(ids), ARRAY(sa.Uuid))))
    )
    return await fetch_all(engine, query)


def _example_from_row(row: Any) -> ExampleRow:
    fields = {name: getattr(row, name) for name in ExampleRow.__struct_fields__}
    return ExampleRow(**fields | {"tags": tuple(row.tags)})
