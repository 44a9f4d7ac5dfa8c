"""Append events that a statement has planned: chunk by chunk, each chunk with its projections in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import execute, fetch_value
from service.database.statement_text import Composed, compile_statement, value
from service.ledger.projections import EventBatch, Projection, as_ctes
from service.ledger.store import Caller, Ledger
from service.ledger.tables import contents, planned
from service.ledger.writes.pending_write import build_envelope
from service.ledger.writes.statements import appended_events, final_select

_COUNT = "select count(*) from ledger.planned where workspace_id = $1 and batch = $2 and n > $3 and n <= $4"


class PlannedChunk(msgspec.Struct, frozen=True, kw_only=True):
    """Planned rows `after` < n ≤ `through` of `batch`: events of these `types`, of streams of kind `stream`.

    The batch's own stream, such as the merge, gets the event `own_type` at `own_version`, with {"through": …}.
    """

    batch: UUID
    after: int
    through: int
    stream: str
    types: tuple[str, ...]
    own_stream: str
    own_type: str
    own_version: int


async def count_planned(engine: AsyncEngine, workspace_id: UUID, batch: UUID, *, after: int, through: int) -> int:
    """Count the planned rows; they are lost when Postgres crashes."""
    return int(await fetch_value(engine, _COUNT, (workspace_id, batch, after, through)))


async def delete_planned(engine: AsyncEngine, workspace_id: UUID, batch: UUID) -> None:
    await execute(engine, "delete from ledger.planned where workspace_id = $1 and batch = $2", (workspace_id, batch))


async def append_planned(ledger: Ledger, caller: Caller, chunk: PlannedChunk) -> None:
    """Append a chunk and its batch's own event, with texts copied from where the plan says.

    Raises what Ledger.write raises: LostRace when a stream has gone on since it was planned.
    """
    projections = [*ledger.registry.get(chunk.stream, ()), *ledger.registry.get(chunk.own_stream, ())]
    types = [*chunk.types, chunk.own_type]
    arguments = {name: getattr(chunk, name) for name in chunk.__struct_fields__} | build_envelope(caller)

    def build() -> Composed:
        return _compose(projections, types=types, dialect=ledger.engine.dialect)

    await ledger.run(ledger.composed(("planned", chunk.stream, chunk.own_stream, *types), build), arguments)


def _compose(projections: Sequence[Projection], *, types: Sequence[str], dialect: Dialect) -> Composed:
    rows = _select_rows()
    arrays = _build_arrays(rows)
    columns = [sa.select(arrays.c[name]).scalar_subquery() for name in ("streams", "ids", "versions", "types", "datas")]
    envelope = [value("workspace_id", sa.Uuid), value("actor", sa.Text), value("request_id", sa.Text)]
    appended = appended_events(sa.func.ledger.append(*envelope, *columns, value("key_id", sa.Uuid)))
    texts = _select_texts(rows)
    parts = as_ctes(EventBatch(appended, contents=texts, types=types), projections)
    return compile_statement(final_select(appended, [_insert_texts(texts), *parts], settle=False), dialect)


def _select_rows() -> sa.CTE:
    return (
        sa.select(planned)
        .where(
            planned.c.workspace_id == value("workspace_id", sa.Uuid),
            planned.c.batch == value("batch", sa.Uuid),
            planned.c.n > value("after", sa.BigInteger),
            planned.c.n <= value("through", sa.BigInteger),
        )
        .cte("planned_rows")
    )


def _build_arrays(rows: sa.CTE) -> sa.CTE:
    """Build the arguments of ledger.append: the planned events in order, then the batch's own."""
    own = sa.func.json_build_object(sa.literal_column("'through'"), value("through", sa.BigInteger))

    def in_order(column: Any, own_value: Any) -> Any:
        return sa.func.array_append(sa.func.array_agg(aggregate_order_by(column, rows.c.n)), own_value)

    return (
        sa.select(
            in_order(value("stream", sa.Text), value("own_stream", sa.Text)).label("streams"),
            in_order(rows.c.stream_id, value("batch", sa.Uuid)).label("ids"),
            in_order(rows.c.version, value("own_version", sa.Integer)).label("versions"),
            in_order(rows.c.type, value("own_type", sa.Text)).label("types"),
            in_order(rows.c.data, sa.cast(own, sa.Text)).label("datas"),
        )
        .select_from(rows)
        .cte("arrays")
    )


def _select_texts(rows: sa.CTE) -> sa.CTE:
    """The texts that the events bring along: the same bytes, with the same salt, so that digests stay what they are."""
    same_text = sa.and_(
        contents.c.workspace_id == rows.c.workspace_id,
        contents.c.subject == rows.c.texts_of,
        contents.c.digest == sa.any_(rows.c.digests),
    )
    return (
        sa.select(rows.c.stream_id.label("subject"), contents.c.digest, contents.c.salt, contents.c.body)
        .select_from(rows.join(contents, same_text))
        .cte("brought")
    )


def _insert_texts(texts: sa.CTE) -> sa.CTE:
    names = ["workspace_id", "subject", "digest", "salt", "body"]
    columns = [value("workspace_id", sa.Uuid), *[texts.c[name] for name in names[1:]]]
    return insert(contents).from_select(names, sa.select(*columns)).on_conflict_do_nothing().cte("kept_contents")
