"""How the parts of a write become one SQL statement. Composed once for each shape of batch, then reused as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, insert
from sqlalchemy.engine import Dialect

from service.ledger.projections import EventBatch, Projection, as_ctes
from service.ledger.tables import contents, events, readers, secrets

ENVELOPE = ("workspace_id", "seq", "stream", "stream_id", "version", "type", "data", "actor", "recorded_at")


class Composed(msgspec.Struct, frozen=True):
    """SQL with $1, $2, …, the names of the values they stand for, in order, and those values that never change."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] if name in values else self.constants[name] for name in self.names)


def value(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind, required=True)


def compose(
    projections: Sequence[Projection], *, types: Iterable[str], parts: tuple[bool, ...], dialect: Dialect
) -> Composed:
    """The statement for a batch that comes as arrays; `parts`: has it contents, secrets, a place, an answer?"""
    call = sa.func.ledger.append(
        value("workspace_id", sa.Uuid),
        value("actor", sa.Text),
        value("request_id", sa.Text),
        value("streams", ARRAY(sa.Text)),
        value("stream_ids", ARRAY(sa.Uuid)),
        value("versions", ARRAY(sa.Integer)),
        value("types", ARRAY(sa.Text)),
        value("datas", ARRAY(sa.Text)),
    )
    appended = appended_by(call)
    with_contents, with_secrets, with_place, with_answer = parts
    brought = _brought(with_contents)
    ctes: list[sa.CTE] = []
    if with_contents:
        ctes.append(keep_contents(brought))
    if with_secrets:
        ctes.append(_keep_secrets())
    if with_place:
        ctes.append(_keep_place())
    ctes += as_ctes(EventBatch(appended, contents=brought, types=types), projections)
    return compiled(final_select(appended, ctes, answer=with_answer), dialect)


def appended_by(call: Any) -> sa.CTE:
    columns = call.table_valued(*[sa.column(name, events.c[name].type) for name in ENVELOPE])
    return sa.select(*[columns.c[name] for name in ENVELOPE]).cte("appended")


def final_select(appended: sa.CTE, ctes: Sequence[sa.CTE], *, answer: bool) -> sa.Select[Any]:
    recorded_at = sa.func.max(appended.c.recorded_at)
    columns: list[Any] = [sa.func.min(appended.c.seq), recorded_at, sa.func.count()]
    if answer:
        columns.append(_settle(recorded_at))
    return sa.select(*columns).select_from(appended).add_cte(*ctes)


def compiled(query: Any, dialect: Dialect) -> Composed:
    result = query.compile(dialect=dialect)
    names = tuple(result.positiontup or ())
    return Composed(str(result), names, {name: result.binds[name].value for name in names})


def _brought(present: bool) -> sa.FromClause:  # noqa: FBT001
    """The contents of the batch as rows; none when it has none."""
    if not present:
        nothing = sa.select(contents.c.subject, contents.c.digest, contents.c.salt, contents.c.body).where(sa.false())
        return nothing.subquery("brought")
    rows = (
        sa.func.unnest(
            value("subjects", ARRAY(sa.Uuid)),
            value("digests", ARRAY(BYTEA)),
            value("salts", ARRAY(BYTEA)),
            value("bodies", ARRAY(BYTEA)),
        )
        .table_valued(
            sa.column("subject", sa.Uuid),
            sa.column("digest", BYTEA),
            sa.column("salt", BYTEA),
            sa.column("body", BYTEA),
        )
        .render_derived()
    )
    return sa.select(rows.c.subject, rows.c.digest, rows.c.salt, rows.c.body).cte("brought")


def keep_contents(brought: sa.FromClause) -> sa.CTE:
    """The same text of the same subject again is the same row."""
    names = ["workspace_id", "subject", "digest", "salt", "body"]
    rows = sa.select(
        value("workspace_id", sa.Uuid), brought.c.subject, brought.c.digest, brought.c.salt, brought.c.body
    )
    return insert(contents).from_select(names, rows).on_conflict_do_nothing().cte("kept_contents")


def _keep_secrets() -> sa.CTE:
    rows = (
        sa.func.unnest(value("secret_ids", ARRAY(sa.Uuid)), value("secret_values", ARRAY(BYTEA)))
        .table_valued(sa.column("id", sa.Uuid), sa.column("value", BYTEA))
        .render_derived()
    )
    put = insert(secrets).from_select(
        ["workspace_id", "id", "value"], sa.select(value("workspace_id", sa.Uuid), rows.c.id, rows.c.value)
    )
    return put.on_conflict_do_update(index_elements=["workspace_id", "id"], set_={"value": put.excluded.value}).cte(
        "kept_secrets"
    )


def _keep_place() -> sa.CTE:
    put = insert(readers).values(
        name=value("reader", sa.Text),
        workspace_id=value("workspace_id", sa.Uuid),
        seq=value("reader_seq", sa.BigInteger),
    )
    return put.on_conflict_do_update(
        index_elements=["name", "workspace_id"],
        set_={"seq": sa.func.greatest(readers.c.seq, put.excluded.seq), "updated_at": sa.func.clock_timestamp()},
    ).cte("kept_place")


def _settle(recorded_at: Any) -> Any:
    return sa.func.ledger.settle(
        value("workspace_id", sa.Uuid),
        value("route", sa.Text),
        value("key", sa.Text),
        value("token", sa.Uuid),
        value("status", sa.Integer),
        sa.cast(value("headers", sa.Text), sa.JSON),
        value("body", BYTEA),
        value("marker", BYTEA),
        recorded_at,
    )
