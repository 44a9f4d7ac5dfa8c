"""Read tables of tunes, their job logs, metrics and checkpoints."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.tunes.events import (
    TuneAdopted,
    TuneCancelled,
    TuneCancelRequested,
    TuneCancelSent,
    TuneConfirmed,
    TuneDecided,
    TuneDetailed,
    TuneDiagnosed,
    TuneDuplicatesFound,
    TuneFailed,
    TuneFilesDeleted,
    TuneInDoubt,
    TuneNeedsAttention,
    TuneNotSubmitted,
    TuneProgressed,
    TuneRecovered,
    TuneReopened,
    TuneRequested,
    TuneSubmitted,
    TuneSubmitting,
    TuneSucceeded,
    TuneTroubled,
)
from service.tunes.pauses.domain import TunePauseRequested, TunePauseSent, TuneResumeRequested, TuneResumeSent

TIME = sa.DateTime(timezone=True)
MEASURES = ("train_loss", "valid_loss", "train_accuracy", "valid_accuracy", "full_valid_loss", "full_valid_accuracy")
STARTS = (TuneRequested, TuneAdopted)
PAUSES = (TunePauseRequested, TuneResumeRequested, TunePauseSent, TuneResumeSent)
OBSERVED = (TuneProgressed, TuneSucceeded, TuneFailed, TuneCancelled, TuneDetailed)
FOLLOWING = (
    TuneSubmitting,
    TuneNotSubmitted,
    TuneInDoubt,
    TuneNeedsAttention,
    TuneDecided,
    TuneSubmitted,
    TuneDuplicatesFound,
    TuneConfirmed,
    TuneTroubled,
    TuneRecovered,
    TuneReopened,
    TuneFilesDeleted,
    TuneDiagnosed,
    TuneCancelRequested,
    TuneCancelSent,
    *PAUSES,
    *OBSERVED,
)
ENDS: dict[type, str] = {TuneSucceeded: "succeeded", TuneFailed: "failed", TuneCancelled: "cancelled"}
STATES: dict[type, str] = ENDS | {TuneNeedsAttention: "needs_attention", TuneReopened: "running"}
TROUBLES = (TuneTroubled, TuneNotSubmitted, TuneInDoubt, TuneNeedsAttention)
RECOVERIES = (TuneRecovered, TuneReopened, TuneDecided, TuneSubmitted, *ENDS)

# Columns to which events add.
LISTS = ("duplicates", "symptoms")
NO_NAMES = sa.cast(sa.literal_column("'[]'"), JSONB)

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
    "request_id": sa.Text,
    "estimate": JSONB,
    "check_id": sa.Uuid,
}
OPTIONAL = frozenset({"validation_split", "model", "suffix", "seed", "notes", "retries", "estimate", "check_id"})
# Values that an event omits because they are the default.
DEFAULTS: dict[str, Any] = {
    "validation_examples": sa.literal_column("0"),
    "bump": sa.literal_column("'minor'", sa.Text),
    "method": sa.literal_column("'supervised'", sa.Text),
    "hyperparameters": sa.cast(sa.literal_column("'{}'"), JSONB),
    "request_id": sa.literal_column("''", sa.Text),
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
    sa.Column("duplicates", JSONB, nullable=False),
    sa.Column("provider_model", sa.Text),
    sa.Column("trained_tokens", sa.BigInteger),
    sa.Column("cost", sa.Numeric),
    sa.Column("currency", sa.Text),
    sa.Column("error", JSONB(none_as_null=True)),
    sa.Column("symptoms", JSONB, nullable=False),
    sa.Column("cancel", sa.Text),
    sa.Column("pause_request", sa.Text),
    sa.Column("pause_refusal", sa.Text),
    sa.Column("submitted_at", TIME),
    sa.Column("estimated_finish", TIME),
    sa.Column("finished_at", TIME),
    sa.Column("recorded_trouble", sa.Text),
    sa.Column("trouble_since", TIME),
    sa.Column("news_cursor", sa.Text),
    sa.Column("missing", sa.Boolean, nullable=False),
    sa.Column("unconfirmed", sa.Boolean, nullable=False),
    sa.Column("files_deleted", sa.Boolean, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", TIME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_tunes_sweep_id", "workspace_id", "sweep_id", "id"),
    sa.Index("ix_tunes_dataset_id", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_tunes_model", "workspace_id", "model", "id"),
    sa.Index(
        "ix_tunes_files",
        "workspace_id",
        "id",
        postgresql_where=sa.text("finished_at IS NOT NULL AND training_file IS NOT NULL AND NOT files_deleted"),
    ),
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
    sa.Index("uq_tune_events_id", "workspace_id", "tune_id", "id", unique=True),
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
    if log.has(*STARTS):
        yield _insert_tunes(log)
    if log.has(*FOLLOWING):
        yield _update_tunes(log)
    if log.has(*OBSERVED):
        yield _insert_events(log)
        yield _upsert_metrics(log)
        yield _insert_checkpoints(log)


def _insert_tunes(log: EventBatch) -> UpdateBase:
    new = log.rows(*STARTS, **REQUEST_COLUMNS, job_id=sa.Text, at=TIME)
    is_adopted = new.c.type == TuneAdopted.__name__
    no = sa.false()
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{
            name: sa.func.coalesce(new.c[name], DEFAULTS[name]) if name in DEFAULTS else new.c[name]
            for name in REQUEST_COLUMNS
        },
        "state": sa.case((is_adopted, sa.literal_column("'running'")), else_=sa.literal_column("'pending'")),
        "job_id": new.c.job_id,
        "submitted_at": new.c.at,
        **dict.fromkeys(LISTS, NO_NAMES),
        **dict.fromkeys(("missing", "unconfirmed", "files_deleted"), no),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(tunes).from_select(list(values), sa.select(*values.values()))


def _update_tunes(log: EventBatch) -> UpdateBase:
    """One statement for all later events. A field that an event lacks stays unchanged."""
    unchanged_if_null = (
        *("raw_status", "job_id", "provider_model", "trained_tokens", "cost", "currency"),
        *("training_file", "validation_file"),
    )
    fields: dict[str, Any] = {name: tunes.c[name].type for name in unchanged_if_null}
    failure = dict.fromkeys(("code", "message", "param", "hint"), sa.Text)
    others: dict[str, Any] = {
        "state": sa.Text,
        "at": TIME,
        "estimated_finish": TIME,
        "cursor": sa.Text,
        "missing": sa.Boolean,
        **dict.fromkeys(LISTS, JSONB),
        "refusal": sa.Text,
    }
    new = log.rows(*FOLLOWING, **fields, **failure, **others)
    return (
        sa.update(tunes)
        .where(tunes.c.workspace_id == new.c.workspace_id, tunes.c.id == new.c.stream_id)
        .values(
            **{name: sa.func.coalesce(new.c[name], tunes.c[name]) for name in unchanged_if_null},
            **_build_end(new, failure),
            **_build_trouble(new),
            **_build_pause(new),
            cancel=_case(new, {TuneCancelRequested: "requested", TuneCancelSent: "sent"}, tunes.c.cancel),
            news_cursor=sa.func.coalesce(new.c.cursor, tunes.c.news_cursor),
            missing=sa.case((_is(new, *OBSERVED), sa.func.coalesce(new.c.missing, sa.false())), else_=tunes.c.missing),
            unconfirmed=_case(new, {TuneInDoubt: True, TuneConfirmed: False}, tunes.c.unconfirmed),
            files_deleted=sa.or_(tunes.c.files_deleted, _is(new, TuneFilesDeleted)),
            **{name: tunes.c[name].concat(sa.func.coalesce(new.c[name], NO_NAMES)) for name in LISTS},
            updated_at=new.c.recorded_at,
            version=new.c.version,
        )
    )


def _build_end(new: sa.Subquery, failure: Iterable[str]) -> dict[str, Any]:
    """The columns of the state and of how it ended."""
    is_adoption = sa.and_(_is(new, TuneDecided), new.c.job_id.is_not(None))
    decided = sa.case((is_adoption, "running"), (_is(new, TuneDecided), "pending"), else_=new.c.state)
    error = sa.func.jsonb_build_object(*[part for name in failure for part in (sa.literal(name, sa.Text), new.c[name])])
    reopened, observed = _is(new, TuneReopened), _is(new, *OBSERVED)
    return {
        "state": sa.func.coalesce(_case(new, STATES, decided), tunes.c.state),
        "error": sa.case((_is(new, TuneFailed), error), (reopened, sa.null()), else_=tunes.c.error),
        "submitted_at": sa.case((sa.or_(_is(new, TuneSubmitted), is_adoption), new.c.at), else_=tunes.c.submitted_at),
        "finished_at": sa.case((_is(new, *ENDS), new.c.at), (reopened, sa.null()), else_=tunes.c.finished_at),
        "estimated_finish": sa.case((observed, new.c.estimated_finish), else_=tunes.c.estimated_finish),
    }


def _build_trouble(new: sa.Subquery) -> dict[str, Any]:
    """The columns of a trouble with the provider, from its beginning to its end."""
    begins, ends = _is(new, *TROUBLES), _is(new, *RECOVERIES)
    return {
        "recorded_trouble": sa.case((begins, new.c.message), (ends, sa.null()), else_=tunes.c.recorded_trouble),
        "trouble_since": sa.case(
            (begins, sa.func.coalesce(new.c.at, new.c.recorded_at)), (ends, sa.null()), else_=tunes.c.trouble_since
        ),
    }


def _build_pause(new: sa.Subquery) -> dict[str, Any]:
    """The columns of what the provider is to be asked, and of its answer."""
    requests: dict[type, str] = {TunePauseRequested: "pause", TuneResumeRequested: "resume"}
    over = _is(new, TunePauseSent, TuneResumeSent, *ENDS)
    refusal = sa.case((_is(new, TunePauseSent, TuneResumeSent), new.c.refusal), else_=sa.null())
    return {
        "pause_request": sa.case((over, sa.null()), else_=_case(new, requests, tunes.c.pause_request)),
        "pause_refusal": sa.case((_is(new, *PAUSES), refusal), else_=tunes.c.pause_refusal),
    }


def _is(new: sa.Subquery, *kinds: type) -> sa.ColumnElement[bool]:
    return sa.or_(*[new.c.type == kind.__name__ for kind in kinds])


def _case(new: sa.Subquery, results: Mapping[type, Any], otherwise: Any) -> Any:
    """A result for each kind of event."""
    choices = {kind.__name__: sa.literal(result) for kind, result in results.items()}
    return sa.case(choices, value=new.c.type, else_=otherwise)


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
    ).select_from(new.join(item, sa.true()))
    return insert(tune_events).from_select(list(tune_events.c.keys()), rows).on_conflict_do_nothing()


def _upsert_metrics(log: EventBatch) -> UpdateBase:
    new, item, tune_id = _select_items(log, "metrics")
    measures = [sa.cast(item.c.value[name].as_string(), sa.Double) for name in MEASURES]
    step = sa.cast(item.c.value["step"].as_string(), sa.BigInteger)
    not_finite = sa.cast(item.c.value["not_finite"], JSONB)
    rows = sa.select(new.c.workspace_id, tune_id, step, *measures, not_finite).select_from(new.join(item, sa.true()))
    put = insert(tune_metrics).from_select(list(tune_metrics.c.keys()), rows)
    keys = ["workspace_id", "tune_id", "step"]
    known, more = tune_metrics.c, put.excluded
    # What was measured first counts; what was no finite number then stays none.
    filled = {
        name: sa.case((known.not_finite.has_key(name), sa.null()), else_=sa.func.coalesce(known[name], more[name]))
        for name in MEASURES
    }
    return put.on_conflict_do_update(index_elements=keys, set_=filled)


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
    put = insert(tune_checkpoints).from_select(
        list(tune_checkpoints.c.keys()), rows.select_from(new.join(item, sa.true()))
    )
    return put.on_conflict_do_nothing()
