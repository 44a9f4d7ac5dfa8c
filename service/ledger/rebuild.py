"""Rebuild the read tables from the log into copies, with the same projections; then compare, or repair the live ones.

Events are read in windows of the log, and a window in waves that hold each stream at most once. A wave may run before
earlier events of other streams, so a projection may read the rows of its own stream but not rows that another stream
changes, and its ON CONFLICT must name a primary key.
"""

import time
from collections.abc import Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.database.statement_text import Composed, compile_statement, value
from service.ledger.projections import OF_READS, EventBatch, Registry, as_ctes
from service.ledger.tables import contents, events, heads
from service.ledger.writes.statements import ENVELOPE

SCHEMA = "rebuilt"
WINDOW = 20_000
MAX_SAMPLES = 3
SAMPLE_LENGTH = 500
MAX_TEXTS = 1_000

window = sa.Table(
    "rebuild_window",
    sa.MetaData(),
    *[sa.Column(name, events.c[name].type) for name in ENVELOPE],
    sa.Column("wave", sa.BigInteger, index=True),
    schema="pg_temp",
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


class TableComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One table compared: `missing` rows exist only in the rebuilt table, `unexpected` rows only in the live one.

    A changed row counts as one of each. `samples` shows a few as JSON, marked - and +.
    """

    table: str
    live: int
    rebuilt: int
    missing: int
    unexpected: int
    samples: tuple[str, ...]


class RebuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a rebuild. `seconds` is the time of the replay alone, without the comparison.

    `altered_texts` names stored texts that do not match the digest in the log.
    """

    events: int
    seconds: float
    tables: tuple[TableComparison, ...]
    altered_texts: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not self.altered_texts and not any(table.missing or table.unexpected for table in self.tables)

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0


async def rebuild(engine: AsyncEngine, registry: Registry, metadata: sa.MetaData, *, verify: bool) -> RebuildReport:
    """Rebuild every table of `metadata` that has no schema, and repair the live tables unless `verify` is set.

    With `verify` it reads one snapshot and changes nothing. Otherwise others may write during the replay, and appends
    wait only for the last events and the comparison. Either way it is one transaction.
    """
    tables = [table for table in metadata.sorted_tables if table.schema is None]
    isolated = engine.execution_options(isolation_level="REPEATABLE READ" if verify else "READ COMMITTED")
    async with isolated.connect() as connection, connection.begin() as transaction:
        await connection.execute(sa.text("set local statement_timeout = 0"))
        await connection.execute(sa.text("set local work_mem = '128MB'"))
        replay = _Replay(connection, registry, copies=await _create_copies(connection, tables))
        await replay.catch_up()
        altered = await _find_altered_texts(connection)
        if not verify:
            await connection.execute(sa.text("lock table ledger.heads in exclusive mode"))
            await replay.catch_up()
        compared = [await _compare(connection, live, copy) for live, copy in zip(tables, replay.copies, strict=True)]
        if verify:
            await transaction.rollback()
        else:
            await _repair_tables(connection, tables, replay.copies)
            await connection.execute(sa.text(f"drop schema {SCHEMA} cascade"))
    return RebuildReport(events=replay.events, seconds=replay.seconds, tables=tuple(compared), altered_texts=altered)


async def _create_copies(connection: AsyncConnection, tables: Sequence[sa.Table]) -> list[sa.Table]:
    """Create empty copies of the tables. A second rebuild waits here until the first one's schema is dropped."""
    copied = sa.MetaData()
    copies = [table.to_metadata(copied, schema=SCHEMA) for table in tables]
    for table, copy in zip(tables, copies, strict=True):
        _drop_indexes_of_reads(table, copy)
        _drop_unique_constraints(copy)
    await connection.execute(sa.schema.CreateSchema(SCHEMA))
    await connection.run_sync(copied.create_all)
    for copy in reversed(copies):
        # Only this transaction sees these rows, and a crash undoes them.
        await connection.execute(sa.text(f"alter table {_name(copy)} set unlogged"))
    await connection.run_sync(window.create)
    return copies


def _drop_indexes_of_reads(table: sa.Table, copy: sa.Table) -> None:
    """Leave out the indexes that no projection asks for: nobody else reads a copy."""
    names = {index.name for index in table.indexes if index.info.get(OF_READS)}
    for index in [each for each in copy.indexes if each.name in names]:
        copy.indexes.discard(index)


def _drop_unique_constraints(copy: sa.Table) -> None:
    """Keep only the primary key unique: a wave may reuse a unique name before its previous owner releases it."""
    for index in copy.indexes:
        index.unique = False
    unique = [each for each in copy.constraints if isinstance(each, sa.UniqueConstraint)]
    for number, constraint in enumerate(unique):
        copy.constraints.remove(constraint)
        sa.Index(f"ix_{copy.name}_once_unique_{number}", *constraint.columns)


class _Replay:
    def __init__(self, connection: AsyncConnection, registry: Registry, *, copies: Sequence[sa.Table]) -> None:
        self.connection = connection
        self.registry = registry
        self.copies = copies
        self.reached: dict[UUID, int] = {}
        self.windows = 0
        self.events = 0
        self.seconds = 0.0
        self._statements: dict[tuple[frozenset[str], frozenset[str]], Composed] = {}

    async def catch_up(self) -> None:
        """Project every event since the last call."""
        started = time.perf_counter()
        for workspace_id, head in (await self.connection.execute(sa.select(heads.c.workspace_id, heads.c.seq))).all():
            for low in range(self.reached.get(workspace_id, 0), head, WINDOW):
                await self._project(workspace_id, low, min(low + WINDOW, head))
            self.reached[workspace_id] = head
        self.seconds += time.perf_counter() - started

    async def _project(self, workspace_id: UUID, low: int, high: int) -> None:
        await self.connection.execute(sa.text(f"truncate {_name(window)}"))
        columns = [events.c[name] for name in ENVELOPE]
        wave = sa.func.row_number().over(partition_by=events.c.stream_id, order_by=events.c.version)
        rows = sa.select(*columns, wave).where(
            events.c.workspace_id == workspace_id, events.c.seq > low, events.c.seq <= high
        )
        await self.connection.execute(sa.insert(window).from_select([*ENVELOPE, "wave"], rows))
        await self._analyze()
        streams, types = (sa.func.array_agg(sa.distinct(column)) for column in (window.c.stream, window.c.type))
        waves = sa.select(window.c.wave, streams, types).group_by(window.c.wave).order_by(window.c.wave)
        for number, streams_in, types_in in (await self.connection.execute(waves)).all():
            statement = self._statement(frozenset(streams_in), frozenset(types_in))
            values = {"workspace_id": workspace_id, "wave": number}
            await self.connection.exec_driver_sql(statement.sql, statement.arguments(values))
        self.events += high - low

    async def _analyze(self) -> None:
        """Update statistics: autovacuum does not see our rows, and plans for empty tables are slow for full ones."""
        names = [_name(window)]
        self.windows += 1
        if self.windows.bit_count() == 1:
            names += [_name(copy) for copy in self.copies]
        await self.connection.execute(sa.text(f"analyze {', '.join(names)}"))

    def _statement(self, streams: frozenset[str], types: frozenset[str]) -> Composed:
        shape = (streams, types)
        if shape not in self._statements:
            self._statements[shape] = self._compose(streams, types)
        return self._statements[shape]

    def _compose(self, streams: frozenset[str], types: frozenset[str]) -> Composed:
        in_wave = sa.select(*[window.c[name] for name in ENVELOPE]).where(window.c.wave == value("wave", sa.BigInteger))
        appended = in_wave.cte("appended")
        texts = sa.select(contents.c.subject, contents.c.digest, contents.c.salt, contents.c.body)
        brought = texts.where(contents.c.workspace_id == value("workspace_id", sa.Uuid)).subquery("brought")
        projections = [project for stream in sorted(streams) for project in self.registry.get(stream, ())]
        parts = as_ctes(EventBatch(appended, contents=brought, types=types), projections)
        query = sa.select(sa.func.count()).select_from(appended).add_cte(*parts)
        dialect = self.connection.dialect
        return compile_statement(query, dialect, schema_translate_map={None: SCHEMA}, render_schema_translate=True)


async def _compare(connection: AsyncConnection, live: sa.Table, copy: sa.Table) -> TableComparison:
    live_rows = sa.select(_digest(live).label("digest")).cte("live")
    rebuilt_rows = sa.select(_digest(copy).label("digest")).cte("rebuilt")
    missing = sa.select(rebuilt_rows.c.digest).except_(sa.select(live_rows.c.digest)).subquery("missing")
    unexpected = sa.select(live_rows.c.digest).except_(sa.select(rebuilt_rows.c.digest)).subquery("unexpected")
    counts = [
        sa.select(sa.func.count()).select_from(rows).scalar_subquery()
        for rows in (live_rows, rebuilt_rows, missing, unexpected)
    ]
    row = (await connection.execute(sa.select(*counts))).one()
    samples: list[str] = []
    if row[2]:
        samples += await _load_samples(connection, "-", copy, live)
    if row[3]:
        samples += await _load_samples(connection, "+", live, copy)
    return TableComparison(
        table=live.name, live=row[0], rebuilt=row[1], missing=row[2], unexpected=row[3], samples=tuple(samples)
    )


async def _load_samples(connection: AsyncConnection, mark: str, table: sa.Table, other: sa.Table) -> list[str]:
    whole = sa.cast(sa.func.to_jsonb(table.table_valued()), sa.Text)
    result = await connection.execute(sa.select(whole).where(_only_in(table, other)).limit(MAX_SAMPLES))
    return [f"{mark} {text[:SAMPLE_LENGTH]}" for text in result.scalars()]


async def _find_altered_texts(connection: AsyncConnection) -> tuple[str, ...]:
    """Find texts that do not match their digest, at most MAX_TEXTS. A rebuild cannot repair them."""
    key = (contents.c.workspace_id, contents.c.subject, contents.c.digest)
    hashed = sa.func.sha256(contents.c.salt.op("||")(contents.c.body), type_=BYTEA)
    query = sa.select(*key).where(hashed != contents.c.digest).order_by(*key).limit(MAX_TEXTS)
    rows = (await connection.execute(query)).all()
    return tuple(f"{bytes(digest).hex()} of {subject} in workspace {owner}" for owner, subject, digest in rows)


async def _repair_tables(connection: AsyncConnection, tables: Sequence[sa.Table], copies: Sequence[sa.Table]) -> None:
    """Write only the rows that differ. Concurrent readers see the old rows, then the new ones."""
    pairs = list(zip(tables, copies, strict=True))
    for live, copy in reversed(pairs):
        await connection.execute(sa.delete(live).where(_only_in(live, copy)))
    for live, copy in pairs:
        names = [column.name for column in live.c if column.computed is None]
        rows = sa.select(*[copy.c[name] for name in names]).where(_only_in(copy, live))
        await connection.execute(sa.insert(live).from_select(names, rows))


def _digest(table: sa.FromClause) -> sa.ColumnElement[bytes]:
    """Hash a row, so that json compares by bytes and long texts need no sorting.

    record_send, the binary form of a row, is three times as fast here as its text.
    """
    return sa.func.sha256(sa.func.record_send(sa.func.row(*table.c)), type_=BYTEA)


def _only_in(table: sa.Table, other: sa.Table) -> sa.ColumnElement[bool]:
    """The condition that a row of `table` is not in `other`."""
    mine, theirs = table.alias(), other.alias()
    return _digest(table).in_(sa.select(_digest(mine)).except_(sa.select(_digest(theirs))))


def _name(table: sa.Table) -> str:
    return f'{table.schema}."{table.name}"'
