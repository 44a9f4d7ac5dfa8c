"""Read tables of models, their versions, and the moves of aliases."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch, update_archived
from service.models.domain import (
    EDITABLE,
    AliasMoved,
    GateSet,
    ModelArchived,
    ModelCreated,
    ModelEdited,
    ModelUnarchived,
    ModelVersionNoted,
    ModelVersionRegistered,
    ProviderModelDeleted,
    ProviderModelDeletionRequested,
)

TIME = sa.DateTime(timezone=True)
NO_ALIASES = sa.cast(sa.literal_column("'{}'"), JSONB)
ORIGIN_COLUMNS: dict[str, Any] = {
    "connection_id": sa.Uuid,
    "base_model": sa.Text,
    "provider_model": sa.Text,
    "tune_id": sa.Uuid,
    "dataset_id": sa.Uuid,
    "dataset_version": sa.Text,
    "dataset_seq": sa.BigInteger,
    "dataset_digest": sa.Text,
    "train_split": sa.Text,
    "validation_split": sa.Text,
    "notes": sa.Text,
    "previous": sa.Text,
    "changes": JSONB(none_as_null=True),
}
# What became of the order to delete the version's model at its provider.
DELETION_COLUMNS: dict[str, Any] = {"deletion": sa.Text, "deletion_refusal": sa.Text, "deleted_at": TIME}
REQUIRED_COLUMNS = frozenset({"connection_id", "base_model", "provider_model"})

# `aliases` has each alias's current version.
models = sa.Table(
    "models",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("task_id", sa.Uuid),
    sa.Column("latest_version", sa.Text),
    sa.Column("aliases", JSONB, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", TIME, nullable=False),
    sa.Column("updated_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("archived_at", TIME),
    # The name of an archived model may be taken by another.
    sa.Index("uq_models_name", "workspace_id", "name", unique=True, postgresql_where=sa.text("archived_at is null")),
)
# `number` is the model's stream version at registration; it orders the versions.
model_versions = sa.Table(
    "model_versions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("model_id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    *[sa.Column(name, kind, nullable=name not in REQUIRED_COLUMNS) for name, kind in ORIGIN_COLUMNS.items()],
    *[sa.Column(name, kind) for name, kind in DELETION_COLUMNS.items()],
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.UniqueConstraint("workspace_id", "tune_id", name="uq_model_versions_tune_id"),
    sa.Index("ix_model_versions_number", "workspace_id", "model_id", "number"),
    sa.Index("ix_model_versions_dataset", "workspace_id", "dataset_id", "dataset_version"),
    sa.Index("ix_model_versions_provider_model", "workspace_id", "connection_id", "provider_model"),
    sa.Index(
        "ix_model_versions_to_delete",
        "workspace_id",
        "model_id",
        postgresql_where=sa.text("deletion = 'requested'"),
    ),
)
alias_moves = sa.Table(
    "model_alias_moves",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("model_id", sa.Uuid, primary_key=True),
    sa.Column("alias", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("previous", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("rollback", sa.Boolean, nullable=False),
    sa.Column("moved_at", TIME, nullable=False),
    sa.Column("moved_by", sa.Text, nullable=False),
    sa.Column("ruling", JSONB(none_as_null=True)),
    sa.Column("overridden", sa.Boolean, nullable=False),
)
UNIQUE_FIELDS = {"uq_models_name": "name", "uq_model_versions_tune_id": "tune_id"}
DELETIONS = (ProviderModelDeletionRequested, ProviderModelDeleted)
CHANGE_EVENTS = (ModelEdited, ModelVersionRegistered, ModelVersionNoted, AliasMoved, GateSet, *DELETIONS)


def project_models(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ModelCreated):
        yield _insert_models(log)
    if log.has(*CHANGE_EVENTS):
        yield _update_models(log)
    if log.has(ModelVersionRegistered):
        yield _insert_versions(log)
    if log.has(ModelVersionNoted):
        yield _update_notes(log)
    if log.has(*DELETIONS):
        yield _update_deletions(log)
    if log.has(AliasMoved):
        yield _insert_alias_moves(log)
    if log.has(ModelArchived, ModelUnarchived):
        yield update_archived(models, log, ModelArchived, ModelUnarchived)


def _insert_models(log: EventBatch) -> UpdateBase:
    new = log.rows(ModelCreated, name=sa.Text, description=sa.Text, task_id=sa.Uuid)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{name: new.c[name] for name in EDITABLE},
        "aliases": NO_ALIASES,
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "updated_by": new.c.actor,
        "version": new.c.version,
    }
    return sa.insert(models).from_select(list(values), sa.select(*values.values()))


def _update_models(log: EventBatch) -> UpdateBase:
    """Update in one statement for all kinds of events; fields that an event does not have stay unchanged."""
    fields: dict[str, Any] = {name: models.c[name].type for name in EDITABLE}
    new = log.rows(*CHANGE_EVENTS, **fields, changed=ARRAY(sa.Text), model_version=sa.Text, alias=sa.Text)
    edited: dict[str, Any] = {
        name: sa.case(
            (sa.literal_column(f"'{name}'") == sa.any_(new.c.changed), new.c[name]),
            else_=models.c[name],
        )
        for name in EDITABLE
    }
    registered = new.c.type == ModelVersionRegistered.__name__
    moved = models.c.aliases.op("||")(sa.func.jsonb_build_object(new.c.alias, new.c.model_version))
    return (
        sa.update(models)
        .where(models.c.workspace_id == new.c.workspace_id, models.c.id == new.c.stream_id)
        .values(
            **edited,
            latest_version=sa.case((registered, new.c.model_version), else_=models.c.latest_version),
            aliases=sa.case((new.c.alias.is_not(None), moved), else_=models.c.aliases),
            updated_at=new.c.recorded_at,
            updated_by=new.c.actor,
            version=new.c.version,
        )
    )


def _insert_versions(log: EventBatch) -> UpdateBase:
    new = log.rows(ModelVersionRegistered, model_version=sa.Text, **ORIGIN_COLUMNS)
    values = {
        "workspace_id": new.c.workspace_id,
        "model_id": new.c.stream_id,
        "name": new.c.model_version,
        "number": new.c.version,
        **{name: new.c[name] for name in ORIGIN_COLUMNS},
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
    }
    return sa.insert(model_versions).from_select(list(values), sa.select(*values.values()))


def _update_notes(log: EventBatch) -> UpdateBase:
    new = log.rows(ModelVersionNoted, model_version=sa.Text, notes=sa.Text)
    own = (model_versions.c.workspace_id == new.c.workspace_id, model_versions.c.model_id == new.c.stream_id)
    return sa.update(model_versions).where(*own, model_versions.c.name == new.c.model_version).values(notes=new.c.notes)


def _update_deletions(log: EventBatch) -> UpdateBase:
    new = log.rows(*DELETIONS, model_version=sa.Text, at=TIME, refusal=sa.Text)
    own = (model_versions.c.workspace_id == new.c.workspace_id, model_versions.c.model_id == new.c.stream_id)
    requested = new.c.type == ProviderModelDeletionRequested.__name__
    texts = {name: sa.literal_column(f"'{name}'", sa.Text) for name in ("requested", "refused", "deleted")}
    deletion = sa.case(
        (requested, texts["requested"]), (new.c.refusal.is_not(None), texts["refused"]), else_=texts["deleted"]
    )
    deleted_at = sa.case((new.c.refusal.is_(None), new.c.at), else_=sa.null())
    return (
        sa.update(model_versions)
        .where(*own, model_versions.c.name == new.c.model_version)
        .values(deletion=deletion, deletion_refusal=new.c.refusal, deleted_at=deleted_at)
    )


def _insert_alias_moves(log: EventBatch) -> UpdateBase:
    texts = dict.fromkeys(("alias", "model_version", "previous", "reason"), sa.Text)
    new = log.rows(AliasMoved, **texts, rollback=sa.Boolean, ruling=JSONB(none_as_null=True), overridden=sa.Boolean)
    values = {
        "workspace_id": new.c.workspace_id,
        "model_id": new.c.stream_id,
        "alias": new.c.alias,
        "seq": new.c.seq,
        "version": new.c.model_version,
        "previous": new.c.previous,
        "reason": new.c.reason,
        "rollback": sa.func.coalesce(new.c.rollback, sa.false()),
        "moved_at": new.c.recorded_at,
        "moved_by": new.c.actor,
        "ruling": new.c.ruling,
        "overridden": sa.func.coalesce(new.c.overridden, sa.false()),
    }
    return sa.insert(alias_moves).from_select(list(values), sa.select(*values.values()))
