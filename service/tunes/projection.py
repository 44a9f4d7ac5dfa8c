"""Read tables of tunes, their job logs, metrics and checkpoints."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.tunes.events import (
    TuneCancelled,
    TuneCancelRequested,
    TuneCancelSent,
    TuneFailed,
    TuneProgressed,
    TuneRequested,
    TuneSubmitted,
    TuneSubmitting,
    TuneSucceeded,
)

TIME = sa.DateTime(timezone=True)
MEASURES = ("train_loss", "valid_loss", "train_accuracy", "valid_accuracy", "full_valid_loss", "full_valid_accuracy")
OBSERVED = (TuneProgressed, TuneSucceeded, TuneFailed, TuneCancelled)
FOLLOWING = (TuneSubmitting, TuneSubmitted, TuneCancelRequested, TuneCancelSent, *OBSERVED)
ENDS = {TuneSucceeded: "succeeded", TuneFailed: "failed", TuneCancelled: "cancelled"}

REQUEST_COLUMNS: dict[str, Any] = {
    "sweep_id": sa.Uuid,
    "connection_id": sa.Uuid,
    "connection_kind": sa.Text,
    "base_model": sa.Text,
    "dataset_id": sa.Uuid,
    "dataset_version": sa.Text,
    "dataset_seq": sa.BigInteger,
    "dataset_digest": sa.Text,
    "train_split": sa.Text,
    "train_examples": sa.BigInteger,
    "validation_split": sa.Text,
    "validation_examples": sa.BigInteger,
    "model": sa.Text,
    "bump": sa.Text,
    "method": sa.Text,
    "hyperparameters": JSONB,
    "suffix": sa.Text,
    "seed": sa.BigInteger,
    "notes": sa.Text,
    "retries": sa.Uuid,
}
OPTIONAL = frozenset({"validation_split", "model", "suffix", "seed", "notes", "retries"})
# Values that an event omits because they are the default.
DEFAULTS: dict[str, Any] = {
    "validation_examples": sa.literal_column("0"),
    "bump": sa.literal_column("'minor'", sa.Text),
    "method": sa.literal_column("'supervised'", sa.Text),
    "hyperparameters": sa.cast(sa.literal_column("'{}'"), JSONB),
}

tunes = sa.Table(
    "tunes",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    *[sa.Column(name, kind, nullable=name in OPTIONAL) for name, kind in REQUEST_COLUMNS.items()],
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("raw_status", sa.Text),
    sa.Column("training_file", JSONB(none_as_null=True)),
    sa.Column("validation_file", JSONB(none_as_null=True)),
    sa.Column("job_id", sa.Text),
    sa.Column("provider_model", sa.Text),
    sa.Column("trained_tokens", sa.BigInteger),
    sa.Column("error", JSONB(none_as_null=True)),
    sa.Column("cancel", sa.Text),
    sa.Column("submitted_at", TIME),
    sa.Column("estimated_finish", TIME),
    sa.Column("finished_at", TIME),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", TIME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_tunes_sweep_id", "workspace_id", "sweep_id", "id"),
    sa.Index("ix_tunes_dataset_id", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_tunes_model", "workspace_id", "model", "id"),
    sa.Index("ix_tunes_unfinished", "workspace_id", "id", postgresql_where=sa.text("finished_at IS NULL")),
)
tune_events = sa.Table(
    "tune_events",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("tune_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("at", TIME),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)
tune_metrics = sa.Table(
    "tune_metrics",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("tune_id", sa.Uuid, primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
    *[sa.Column(name, sa.Double) for name in MEASURES],
    sa.Column("not_finite", JSONB, nullable=False),
)
tune_checkpoints = sa.Table(
    "tune_checkpoints",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("tune_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("at", TIME),
    sa.Column("metrics", JSONB, nullable=False),
)


def project_tunes(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(TuneRequested):
        yield _insert_tunes(log)
    if log.has(*FOLLOWING):
        yield _update_tunes(log)
    if log.has(*OBSERVED):
        yield _insert_events(log)
        yield _upsert_metrics(log)
        yield _insert_checkpoints(log)


def _insert_tunes(log: EventBatch) -> UpdateBase:
    new = log.rows(TuneRequested, **REQUEST_COLUMNS)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{
            name: sa.func.coalesce(new.c[name], DEFAULTS[name]) if name in DEFAULTS else new.c[name]
            for name in REQUEST_COLUMNS
        },
        "state": sa.literal_column("'pending'", sa.Text),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(tunes).from_select(list(values), sa.select(*values.values()))


def _update_tunes(log: EventBatch) -> UpdateBase:
    """One statement for all later events. A field that an event lacks stays unchanged."""
    unchanged_if_null = ("raw_status", "job_id", "provider_model", "trained_tokens", "training_file", "validation_file")
    fields: dict[str, Any] = {name: tunes.c[name].type for name in unchanged_if_null}
    failure = dict.fromkeys(("code", "message", "param", "hint"), sa.Text)
    new = log.rows(*FOLLOWING, **fields, **failure, state=sa.Text, at=TIME, estimated_finish=TIME)
    kind = new.c.type
    is_end = sa.or_(*[kind == event.__name__ for event in ENDS])
    state = sa.case({event.__name__: sa.literal(text) for event, text in ENDS.items()}, value=kind, else_=new.c.state)
    error = sa.func.jsonb_build_object(*[part for name in failure for part in (sa.literal(name, sa.Text), new.c[name])])
    is_observation = sa.or_(*[kind == event.__name__ for event in OBSERVED])
    return (
        sa.update(tunes)
        .where(tunes.c.workspace_id == new.c.workspace_id, tunes.c.id == new.c.stream_id)
        .values(
            **{name: sa.func.coalesce(new.c[name], tunes.c[name]) for name in unchanged_if_null},
            state=sa.func.coalesce(state, tunes.c.state),
            error=sa.case((kind == TuneFailed.__name__, error), else_=tunes.c.error),
            cancel=sa.case(
                {TuneCancelRequested.__name__: "requested", TuneCancelSent.__name__: "sent"},
                value=kind,
                else_=tunes.c.cancel,
            ),
            submitted_at=sa.case((kind == TuneSubmitted.__name__, new.c.at), else_=tunes.c.submitted_at),
            finished_at=sa.case((is_end, new.c.at), else_=tunes.c.finished_at),
            estimated_finish=sa.case((is_observation, new.c.estimated_finish), else_=tunes.c.estimated_finish),
            updated_at=new.c.recorded_at,
            version=new.c.version,
        )
    )


def _select_items(log: EventBatch, field: str) -> tuple[sa.Subquery, Any, Any]:
    """Select events with such items, each item as JSON with its position, and the tune's id."""
    new = log.rows(*OBSERVED, **{field: sa.JSON})
    items = sa.func.json_array_elements(new.c[field])
    item = items.table_valued(sa.column("value", sa.JSON), with_ordinality="position", name="item").render_derived()
    return new, item.lateral(), new.c.stream_id


def _insert_events(log: EventBatch) -> UpdateBase:
    new, item, tune_id = _select_items(log, "events")
    text = {name: item.c.value[name].as_string() for name in ("id", "level", "message")}
    at = sa.cast(item.c.value["at"].as_string(), TIME)
    rows = sa.select(
        new.c.workspace_id, tune_id, new.c.seq, item.c.position, text["id"], at, text["level"], text["message"]
    )
    return sa.insert(tune_events).from_select(list(tune_events.c.keys()), rows.select_from(new.join(item, sa.true())))


def _upsert_metrics(log: EventBatch) -> UpdateBase:
    new, item, tune_id = _select_items(log, "metrics")
    measures = [sa.cast(item.c.value[name].as_string(), sa.Double) for name in MEASURES]
    step = sa.cast(item.c.value["step"].as_string(), sa.BigInteger)
    not_finite = sa.cast(item.c.value["not_finite"], JSONB)
    rows = sa.select(new.c.workspace_id, tune_id, step, *measures, not_finite).select_from(new.join(item, sa.true()))
    put = insert(tune_metrics).from_select(list(tune_metrics.c.keys()), rows)
    keys = ["workspace_id", "tune_id", "step"]
    return put.on_conflict_do_update(
        index_elements=keys, set_={name: put.excluded[name] for name in (*MEASURES, "not_finite")}
    )


def _insert_checkpoints(log: EventBatch) -> UpdateBase:
    new, item, tune_id = _select_items(log, "checkpoints")
    value = item.c.value
    rows = sa.select(
        new.c.workspace_id,
        tune_id,
        value["id"].as_string(),
        sa.cast(value["step"].as_string(), sa.BigInteger),
        value["model"].as_string(),
        sa.cast(value["at"].as_string(), TIME),
        sa.cast(value["metrics"], JSONB),
    )
    return sa.insert(tune_checkpoints).from_select(
        list(tune_checkpoints.c.keys()), rows.select_from(new.join(item, sa.true()))
    )
