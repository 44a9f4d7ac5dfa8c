"""The bulk path for new streams: COPY into the staging table, then one statement a chunk, with the same projections."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, aggregate_order_by, array, distinct_on
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import execute, fetch_one
from service.ledger.projections import EventBatch, Projection, as_ctes
from service.ledger.statements import Composed, appended_events, compile_statement, final_select, value
from service.ledger.store import Caller, Ledger
from service.ledger.tables import contents, staged

COLUMNS = ("workspace_id", "batch", "n", "stream_id", "data", "key", "salt", "digests", "bodies")

FORGET_ROWS = 20_000
_FORGET = """
delete from ledger.staged where workspace_id = $1 and batch = $2 and ctid = any(array(
  select ctid from ledger.staged where workspace_id = $1 and batch = $2 limit $3))
"""
_NEXT = """
select count(*), coalesce(max(n), $3) from (
  select n, sum(size) over (order by n) - size as before from (
    select n, pg_column_size(bodies) as size from ledger.staged
    where workspace_id = $1 and batch = $2 and n > $3 order by n limit $4
  ) as waiting
) as summed where before < $5
"""


class Staged(msgspec.Struct, frozen=True):
    """A new stream's first event (`data`: JSON) on its way in, with its texts, all different.

    `key` is what makes it the same as another.
    """

    stream_id: UUID
    data: str
    key: str | None
    salt: bytes
    digests: list[bytes]
    bodies: list[bytes]


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Staged rows `after` < n ≤ `through` of `batch`, to become first events `type` in streams of kind `stream`.

    The event of the batch's own stream goes with them: `version` and `type` of it are given, and its data is
    {"through": …, "added": `before` + how many were new}.
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


async def stage(engine: AsyncEngine, workspace_id: UUID, batch: UUID, first: int, rows: Sequence[Staged]) -> None:
    """COPY rows in, numbered from `first`."""
    records = [
        (workspace_id, batch, n, row.stream_id, row.data, row.key, row.salt, row.digests, row.bodies)
        for n, row in enumerate(rows, first)
    ]
    async with autocommit(engine).connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.copy_records_to_table("staged", schema_name="ledger", records=records, columns=COLUMNS)


async def unstage(engine: AsyncEngine, workspace_id: UUID, batch: UUID) -> None:
    """Forget what is staged of a batch, in steps that stay far from the statement's time limit."""
    while await execute(engine, _FORGET, (workspace_id, batch, FORGET_ROWS)) == FORGET_ROWS:
        pass


async def next_chunk(engine: AsyncEngine, workspace_id: UUID, batch: UUID, *, after: int, rows: int, size: int) -> int:
    """The number up to which to append next: at most so many rows, and hardly more bytes as they are stored.

    It is `after` when the row with the next number is not there.
    """
    row = await fetch_one(engine, _NEXT, (workspace_id, batch, after, rows, size))
    number, last = row
    return after + number if last == after + number else after


async def append_chunk(
    ledger: Ledger, caller: Caller, chunk: Chunk, *, taken: sa.ColumnElement[bool], values: Mapping[str, Any]
) -> None:
    """Append a chunk and its batch's own event in one statement; rows whose key is `taken` are passed over.

    `taken` is a condition on the columns of `staged`, with `values` for what it leaves open. Raises what Ledger.write
    raises.
    """
    registry = ledger.registry
    projections = [*registry.get(chunk.stream, ()), *registry.get(chunk.own_stream, ())]
    shape = ("chunk", chunk.stream, chunk.type, chunk.own_stream, chunk.own_type)
    given = {**values, **{name: getattr(chunk, name) for name in chunk.__struct_fields__}}
    given |= {"workspace_id": caller.workspace_id, "actor": caller.actor, "request_id": caller.request_id}

    def build() -> Composed:
        types = [chunk.type, chunk.own_type]
        return _compose(projections, types=types, taken=taken, dialect=ledger.engine.dialect)

    await ledger.run(ledger.composed(shape, build), given)


def _compose(
    projections: Sequence[Projection], *, types: Sequence[str], taken: sa.ColumnElement[bool], dialect: Dialect
) -> Composed:
    fresh = _fresh(taken)
    arrays = _arrays(fresh)
    one = [sa.select(arrays.c[name]).scalar_subquery() for name in ("streams", "ids", "versions", "types", "datas")]
    envelope = [value("workspace_id", sa.Uuid), value("actor", sa.Text), value("request_id", sa.Text)]
    appended = appended_events(sa.func.ledger.append(*envelope, *one))
    brought = _texts(fresh)
    parts = as_ctes(EventBatch(appended, contents=brought, types=types), projections)
    return compile_statement(final_select(appended, [_keep(brought), *parts], settle=False), dialect)


def _fresh(taken: sa.ColumnElement[bool]) -> sa.CTE:
    """The chunk's rows that are new. Rows of one chunk may share a key; the first counts."""
    same = sa.func.coalesce(staged.c.key, sa.cast(staged.c.n, sa.Text))
    columns = [staged.c[name] for name in ("n", "stream_id", "data", "salt", "digests", "bodies")]
    return (
        sa.select(*columns)
        .ext(distinct_on(same))
        .where(
            staged.c.workspace_id == value("workspace_id", sa.Uuid),
            staged.c.batch == value("batch", sa.Uuid),
            staged.c.n > value("after", sa.BigInteger),
            staged.c.n <= value("through", sa.BigInteger),
            sa.not_(taken),
        )
        .order_by(same, staged.c.n)
        .cte("fresh")
    )


def _arrays(fresh: sa.CTE) -> sa.CTE:
    """What ledger.append takes: the new rows in their order, then the batch's own event."""
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
            _filled(value("stream", sa.Text), value("own_stream", sa.Text), number).label("streams"),
            sa.func.array_append(_in_order(fresh, "stream_id"), value("batch", sa.Uuid)).label("ids"),
            _filled(one, value("own_version", sa.Integer), number).label("versions"),
            _filled(value("type", sa.Text), value("own_type", sa.Text), number).label("types"),
            sa.func.array_append(_in_order(fresh, "data"), sa.cast(own, sa.Text)).label("datas"),
        )
        .select_from(fresh)
        .cte("arrays")
    )


def _filled(each: Any, last: Any, number: Any) -> Any:
    return sa.func.array_append(sa.func.array_fill(each, array([number])), last)


def _in_order(fresh: sa.CTE, name: str) -> Any:
    return sa.func.array_agg(aggregate_order_by(fresh.c[name], fresh.c.n))


def _texts(fresh: sa.CTE) -> sa.CTE:
    text = (
        sa.func.unnest(fresh.c.digests, fresh.c.bodies)
        .table_valued(sa.column("digest", BYTEA), sa.column("body", BYTEA), name="text")
        .render_derived()
        .lateral()
    )
    return (
        sa.select(fresh.c.stream_id.label("subject"), text.c.digest, fresh.c.salt, text.c.body)
        .select_from(fresh.join(text, sa.true()))
        .cte("brought")
    )


def _keep(brought: sa.CTE) -> sa.CTE:
    """The streams are new, so none of their texts can be there; a plain insert costs a third less."""
    names = ["workspace_id", "subject", "digest", "salt", "body"]
    rows = sa.select(
        value("workspace_id", sa.Uuid), brought.c.subject, brought.c.digest, brought.c.salt, brought.c.body
    )
    return sa.insert(contents).from_select(names, rows).cte("kept_contents")
