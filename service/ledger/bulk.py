"""Bulk insert of new streams: COPY to a staging table, then one statement per chunk, with the same projections."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, aggregate_order_by, array, distinct_on
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import execute, fetch_one, fetch_value
from service.database.statement_text import Composed, compile_statement, value
from service.ledger.projections import EventBatch, Projection, as_ctes
from service.ledger.store import Caller, Ledger
from service.ledger.tables import contents, staged
from service.ledger.writes.pending_write import build_envelope
from service.ledger.writes.statements import appended_events, final_select

COLUMNS = ("workspace_id", "batch", "n", "stream_id", "data", "key", "salt", "digests", "bodies")

DELETE_ROWS = 20_000
_EMPTY_STAGED = "select ledger.empty_staged($1, $2)"
_DELETE_STAGED = """
delete from ledger.staged where workspace_id = $1 and batch = $2 and ctid = any(array(
  select ctid from ledger.staged where workspace_id = $1 and batch = $2 limit $3))
"""
_NEXT_CHUNK = """
select count(*), coalesce(max(n), $3) from (
  select n, sum(size) over (order by n) - size as before from (
    select n, pg_column_size(bodies) as size from ledger.staged
    where workspace_id = $1 and batch = $2 and n > $3 order by n limit $4
  ) as waiting
) as summed where before < $5
"""


class StagedRow(msgspec.Struct, frozen=True):
    """The first event of a new stream, with its texts, which all differ. `data` is JSON.

    Rows with the same `key` are duplicates.
    """

    stream_id: UUID
    data: str
    key: str | None
    salt: bytes
    digests: list[bytes]
    bodies: list[bytes]


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Staged rows `after` < n ≤ `through` of `batch`, which become events `type` in new streams of kind `stream`.

    The batch's own stream, such as the import, gets the event `own_type` at `own_version`; its data is
    {"through": …, "added": `before` + the number of new rows}.
    """

    batch: UUID
    after: int
    through: int
    stream: str
    type: str
    own_stream: str
    own_type: str
    own_version: int
    before: int


async def stage(engine: AsyncEngine, workspace_id: UUID, batch: UUID, first: int, rows: Sequence[StagedRow]) -> None:
    """COPY rows into the staging table, numbered from `first`."""
    records = [
        (workspace_id, batch, n, row.stream_id, row.data, row.key, row.salt, row.digests, row.bodies)
        for n, row in enumerate(rows, first)
    ]
    async with autocommit(engine).connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.copy_records_to_table("staged", schema_name="ledger", records=records, columns=COLUMNS)


async def delete_staged(engine: AsyncEngine, workspace_id: UUID, batch: UUID) -> None:
    """Delete the staged rows of a batch: all at once when no other has any, else in steps far below the timeout."""
    if await fetch_value(engine, _EMPTY_STAGED, (workspace_id, batch)):
        return
    while await execute(engine, _DELETE_STAGED, (workspace_id, batch, DELETE_ROWS)) == DELETE_ROWS:
        pass


async def next_chunk(engine: AsyncEngine, workspace_id: UUID, batch: UUID, *, after: int, rows: int, size: int) -> int:
    """Find the last row of the next chunk: at most `rows` rows and about `size` bytes.

    Returns `after` when the row with the next number is missing.
    """
    count, last = await fetch_one(engine, _NEXT_CHUNK, (workspace_id, batch, after, rows, size))
    return after + count if last == after + count else after


async def append_chunk(
    ledger: Ledger, caller: Caller, chunk: Chunk, *, duplicate: sa.ColumnElement[bool], values: Mapping[str, Any]
) -> None:
    """Append a chunk and its batch's own event in one statement; rows that are `duplicate` are skipped.

    `duplicate` is a condition on the columns of `staged`, with `values` for its parameters. Raises what Ledger.write
    raises.
    """
    registry = ledger.registry
    projections = [*registry.get(chunk.stream, ()), *registry.get(chunk.own_stream, ())]
    shape = ("chunk", chunk.stream, chunk.type, chunk.own_stream, chunk.own_type)
    arguments = {**values, **{name: getattr(chunk, name) for name in chunk.__struct_fields__}}
    arguments |= build_envelope(caller)

    def build() -> Composed:
        types = [chunk.type, chunk.own_type]
        return compose_chunk(projections, types=types, duplicate=duplicate, dialect=ledger.engine.dialect)

    await ledger.run(ledger.composed(shape, build), arguments)


def compose_chunk(
    projections: Sequence[Projection], *, types: Sequence[str], duplicate: sa.ColumnElement[bool], dialect: Dialect
) -> Composed:
    """Build the statement that appends a chunk."""
    new_rows = _new_rows(duplicate)
    arrays = _arrays(new_rows)
    columns = [sa.select(arrays.c[name]).scalar_subquery() for name in ("streams", "ids", "versions", "types", "datas")]
    envelope = [value("workspace_id", sa.Uuid), value("actor", sa.Text), value("request_id", sa.Text)]
    appended = appended_events(sa.func.ledger.append(*envelope, *columns, value("key_id", sa.Uuid)))
    texts = _texts(new_rows)
    parts = as_ctes(EventBatch(appended, contents=texts, types=types), projections)
    return compile_statement(final_select(appended, [_insert_texts(texts), *parts], settle=False), dialect)


def _new_rows(duplicate: sa.ColumnElement[bool]) -> sa.CTE:
    """Select the chunk's rows that are not duplicates. Of rows in one chunk that share a key, the first counts."""
    key = sa.func.coalesce(staged.c.key, sa.cast(staged.c.n, sa.Text))
    columns = [staged.c[name] for name in ("n", "stream_id", "data", "salt", "digests", "bodies")]
    return (
        sa.select(*columns)
        .ext(distinct_on(key))
        .where(
            staged.c.workspace_id == value("workspace_id", sa.Uuid),
            staged.c.batch == value("batch", sa.Uuid),
            staged.c.n > value("after", sa.BigInteger),
            staged.c.n <= value("through", sa.BigInteger),
            sa.not_(duplicate),
        )
        .order_by(key, staged.c.n)
        .cte("fresh")
    )


def _arrays(new_rows: sa.CTE) -> sa.CTE:
    """Build the arguments of ledger.append: the new rows in order, then the batch's own event."""
    number = sa.cast(sa.func.count(), sa.Integer)
    own = sa.func.json_build_object(
        sa.literal_column("'through'"),
        value("through", sa.BigInteger),
        sa.literal_column("'added'"),
        value("before", sa.BigInteger) + sa.func.count(),
    )
    one = sa.literal_column("1", sa.Integer)
    return (
        sa.select(
            _fill_array(value("stream", sa.Text), value("own_stream", sa.Text), number).label("streams"),
            sa.func.array_append(_in_order(new_rows, "stream_id"), value("batch", sa.Uuid)).label("ids"),
            _fill_array(one, value("own_version", sa.Integer), number).label("versions"),
            _fill_array(value("type", sa.Text), value("own_type", sa.Text), number).label("types"),
            sa.func.array_append(_in_order(new_rows, "data"), sa.cast(own, sa.Text)).label("datas"),
        )
        .select_from(new_rows)
        .cte("arrays")
    )


def _fill_array(each: Any, last: Any, number: Any) -> Any:
    return sa.func.array_append(sa.func.array_fill(each, array([number])), last)


def _in_order(new_rows: sa.CTE, name: str) -> Any:
    return sa.func.array_agg(aggregate_order_by(new_rows.c[name], new_rows.c.n))


def _texts(new_rows: sa.CTE) -> sa.CTE:
    text = (
        sa.func.unnest(new_rows.c.digests, new_rows.c.bodies)
        .table_valued(sa.column("digest", BYTEA), sa.column("body", BYTEA), name="text")
        .render_derived()
        .lateral()
    )
    return (
        sa.select(new_rows.c.stream_id.label("subject"), text.c.digest, new_rows.c.salt, text.c.body)
        .select_from(new_rows.join(text, sa.true()))
        .cte("brought")
    )


def _insert_texts(texts: sa.CTE) -> sa.CTE:
    """Insert the texts. The streams are new, so no text can exist yet; a plain insert costs a third less."""
    names = ["workspace_id", "subject", "digest", "salt", "body"]
    rows = sa.select(value("workspace_id", sa.Uuid), texts.c.subject, texts.c.digest, texts.c.salt, texts.c.body)
    return sa.insert(contents).from_select(names, rows).cte("kept_contents")
