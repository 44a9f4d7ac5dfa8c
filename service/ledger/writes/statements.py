"""Compose the parts of a write into one SQL statement, once for each shape of batch; then the text is reused."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, insert
from sqlalchemy.engine import Dialect

from service.database.statement_text import Composed, compile_statement, value
from service.ledger.projections import EventBatch, Projection, as_ctes
from service.ledger.tables import contents, events, readers, secrets

ENVELOPE = ("workspace_id", "seq", "stream", "stream_id", "version", "type", "data", "actor", "recorded_at")


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Which optional parts a batch has."""

    contents: bool
    secrets: bool
    checkpoint: bool
    response: bool


def compose(projections: Sequence[Projection], *, types: Iterable[str], parts: Parts, dialect: Dialect) -> Composed:
    """Build the statement that writes a batch, which arrives as arrays."""
    call = sa.func.ledger.append_each(
        value("workspace_id", sa.Uuid),
        value("actors", ARRAY(sa.Text)),
        value("request_ids", ARRAY(sa.Text)),
        value("key_ids", ARRAY(sa.Uuid)),
        value("streams", ARRAY(sa.Text)),
        value("stream_ids", ARRAY(sa.Uuid)),
        value("versions", ARRAY(sa.Integer)),
        value("types", ARRAY(sa.Text)),
        value("datas", ARRAY(sa.Text)),
    )
    appended = appended_events(call)
    texts = _texts() if parts.contents else _no_texts()
    ctes: list[sa.CTE] = []
    if parts.contents:
        ctes.append(_insert_texts(texts))
    if parts.secrets:
        ctes.append(_upsert_secrets())
    if parts.checkpoint:
        ctes.append(_upsert_checkpoint())
    ctes += as_ctes(EventBatch(appended, contents=texts, types=types), projections)
    return compile_statement(final_select(appended, ctes, settle=parts.response), dialect)


def appended_events(call: Any) -> sa.CTE:
    """The rows that a call of ledger.append returns: the envelopes of the new events."""
    columns = call.table_valued(*[sa.column(name, events.c[name].type) for name in ENVELOPE])
    return sa.select(*[columns.c[name] for name in ENVELOPE]).cte("appended")


def final_select(appended: sa.CTE, ctes: Sequence[sa.CTE], *, settle: bool) -> sa.Select[Any]:
    """Select the first seq, the time of recording and the count; with `settle`, also store the responses."""
    columns: list[Any] = [sa.func.min(appended.c.seq), sa.func.max(appended.c.recorded_at), sa.func.count()]
    if settle:
        columns.append(_settle(appended))
    return sa.select(*columns).select_from(appended).add_cte(*ctes)


def _no_texts() -> sa.FromClause:
    columns = [contents.c.subject, contents.c.digest, contents.c.salt, contents.c.body]
    return sa.select(*columns).where(sa.false()).subquery("brought")


def _texts() -> sa.FromClause:
    """The batch's texts as rows."""
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


def _insert_texts(texts: sa.FromClause) -> sa.CTE:
    """Insert the texts; one that its subject already has is skipped."""
    names = ["workspace_id", "subject", "digest", "salt", "body"]
    rows = sa.select(value("workspace_id", sa.Uuid), texts.c.subject, texts.c.digest, texts.c.salt, texts.c.body)
    return insert(contents).from_select(names, rows).on_conflict_do_nothing().cte("kept_contents")


def _upsert_secrets() -> sa.CTE:
    rows = (
        sa.func.unnest(value("secret_ids", ARRAY(sa.Uuid)), value("secret_values", ARRAY(BYTEA)))
        .table_valued(sa.column("id", sa.Uuid), sa.column("value", BYTEA))
        .render_derived()
    )
    upsert = insert(secrets).from_select(
        ["workspace_id", "id", "value"], sa.select(value("workspace_id", sa.Uuid), rows.c.id, rows.c.value)
    )
    return upsert.on_conflict_do_update(
        index_elements=["workspace_id", "id"], set_={"value": upsert.excluded.value}
    ).cte("kept_secrets")


def _upsert_checkpoint() -> sa.CTE:
    upsert = insert(readers).values(
        name=value("reader", sa.Text),
        workspace_id=value("workspace_id", sa.Uuid),
        seq=value("reader_seq", sa.BigInteger),
    )
    return upsert.on_conflict_do_update(
        index_elements=["name", "workspace_id"],
        set_={"seq": sa.func.greatest(readers.c.seq, upsert.excluded.seq), "updated_at": sa.func.clock_timestamp()},
    ).cte("kept_place")


def _settle(appended: sa.CTE) -> Any:
    """Store each response, with the time of recording in it. Counts them, since what nobody reads is not run."""
    columns: dict[str, Any] = {
        "workspace_id": sa.Uuid,
        "key_id": sa.Uuid,
        "route": sa.Text,
        "key": sa.Text,
        "token": sa.Uuid,
        "fingerprint": BYTEA,
        "status": sa.Integer,
        "headers": sa.Text,
        "body": BYTEA,
    }
    rows = (
        sa.func.unnest(*[value(f"response_{name}", ARRAY(kind)) for name, kind in columns.items()])
        .table_valued(*[sa.column(name, kind) for name, kind in columns.items()])
        .render_derived(name="responses")
    )
    names = [rows.c[name] if name != "headers" else sa.cast(rows.c.headers, sa.JSON) for name in columns]
    recorded_at = sa.select(sa.func.max(appended.c.recorded_at)).scalar_subquery()
    settled = sa.func.count(sa.func.ledger.settle(*names, value("marker", BYTEA), recorded_at))
    return sa.select(settled).select_from(rows).scalar_subquery()
