"""The read tables of datasets and their frozen versions, and their queries."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.database.rows import fetch_all, find_one
from service.datasets.domain import (
    VERSION_NAME,
    DatasetArchived,
    DatasetCreated,
    DatasetEdited,
    DatasetUnarchived,
    DatasetVersionFrozen,
    SplitPolicyChanged,
)
from service.datasets.filters.selection import Filter, Selection
from service.datasets.splits import Split
from service.errors import NotFound
from service.ledger.projections import EventBatch, update_archived

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("task_id", sa.Uuid),
    sa.Column("split_policy", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("archived_at", sa.DateTime(timezone=True)),
    sa.Column("forked_from", JSONB(none_as_null=True)),
    # The name of an archived dataset may be taken by another.
    sa.Index("uq_datasets_name", "workspace_id", "name", unique=True, postgresql_where=sa.text("archived_at is null")),
)
dataset_versions = sa.Table(
    "dataset_versions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("filter", JSONB, nullable=False),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("examples", sa.Integer, nullable=False),
    sa.Column("splits", JSONB, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.UniqueConstraint("workspace_id", "dataset_id", "number", name="uq_dataset_versions_number"),
)
UNIQUE_FIELDS = {"uq_datasets_name": "name"}
OBJECT = sa.cast(sa.literal_column("'{}'"), JSONB)
EMPTY = sa.literal_column("''", sa.Text)


class DatasetVersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen version. `number` is the dataset's own version when it was frozen; it orders the versions."""

    dataset_id: UUID
    name: str
    seq: int
    filter: Filter
    digest: str
    examples: int
    splits: dict[str, int]
    notes: str
    number: int
    created_at: datetime
    created_by: str

    def selection(self, split: Split | None = None) -> Selection:
        return Selection(dataset_id=self.dataset_id, seq=self.seq, filter=self.filter, split=split, answered=True)


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(DatasetCreated):
        yield _created(log)
    if log.has(DatasetEdited, SplitPolicyChanged, DatasetVersionFrozen):
        yield _edited(log)
    if log.has(DatasetVersionFrozen):
        yield _frozen(log)
    if log.has(DatasetArchived, DatasetUnarchived):
        yield update_archived(datasets, log, DatasetArchived, DatasetUnarchived)


def _created(log: EventBatch) -> UpdateBase:
    new = log.rows(
        DatasetCreated, name=sa.Text, description=sa.Text, task_id=sa.Uuid, split_policy=JSONB, forked_from=JSONB
    )
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "name": new.c.name,
        "description": sa.func.coalesce(new.c.description, EMPTY),
        "task_id": new.c.task_id,
        "split_policy": sa.func.coalesce(new.c.split_policy, OBJECT),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
        "forked_from": new.c.forked_from,
    }
    return sa.insert(datasets).from_select(list(values), sa.select(*values.values()))


def _edited(log: EventBatch) -> UpdateBase:
    change = log.rows(
        DatasetEdited,
        SplitPolicyChanged,
        DatasetVersionFrozen,
        name=sa.Text,
        description=sa.Text,
        task_id=sa.Uuid,
        detached=sa.Boolean,
        split_policy=JSONB,
    )
    renamed = sa.case((change.c.type == DatasetEdited.__name__, change.c.name))
    return (
        sa.update(datasets)
        .where(datasets.c.workspace_id == change.c.workspace_id, datasets.c.id == change.c.stream_id)
        .values(
            name=sa.func.coalesce(renamed, datasets.c.name),
            description=sa.func.coalesce(change.c.description, datasets.c.description),
            task_id=sa.case((change.c.detached, None), else_=sa.func.coalesce(change.c.task_id, datasets.c.task_id)),
            split_policy=sa.func.coalesce(change.c.split_policy, datasets.c.split_policy),
            updated_at=change.c.recorded_at,
            version=change.c.version,
        )
    )


def _frozen(log: EventBatch) -> UpdateBase:
    new = log.rows(
        DatasetVersionFrozen,
        name=sa.Text,
        filter=JSONB,
        digest=sa.Text,
        examples=sa.Integer,
        splits=JSONB,
        notes=sa.Text,
        moment=sa.BigInteger,
    )
    values = {
        "workspace_id": new.c.workspace_id,
        "dataset_id": new.c.stream_id,
        "name": new.c.name,
        "seq": new.c.moment,
        "filter": sa.func.coalesce(new.c.filter, OBJECT),
        "digest": sa.func.decode(new.c.digest, sa.literal_column("'hex'")),
        "examples": new.c.examples,
        "splits": new.c.splits,
        "notes": sa.func.coalesce(new.c.notes, EMPTY),
        "number": new.c.version,
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
    }
    return sa.insert(dataset_versions).from_select(list(values), sa.select(*values.values()))


async def load_version(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, name: str) -> DatasetVersionRow:
    """Raises NotFound."""
    query = _versions(workspace_id, dataset_id).where(dataset_versions.c.name == name)
    row = await find_one(engine, query) if re.match(VERSION_NAME, name) else None
    if row is None:
        raise NotFound(f"The dataset has no version {name[:100]!r}.")
    return _row(row)


async def list_versions(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, before: int | None, limit: int
) -> list[DatasetVersionRow]:
    """The newest first."""
    query = _versions(workspace_id, dataset_id).order_by(dataset_versions.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(dataset_versions.c.number < before)
    return [_row(row) for row in await fetch_all(engine, query)]


async def list_datasets(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    name: str | None,
    task_id: UUID | None,
    archived: bool | None,
) -> Sequence[Any]:
    """The oldest first; `archived` says which, None means all."""
    query = sa.select(datasets).where(datasets.c.workspace_id == workspace_id).order_by(datasets.c.id).limit(limit)
    if after is not None:
        query = query.where(datasets.c.id > after)
    if name is not None:
        query = query.where(datasets.c.name == name)
    if task_id is not None:
        query = query.where(datasets.c.task_id == task_id)
    if archived is not None:
        query = query.where(datasets.c.archived_at.is_not(None) == archived)
    return await fetch_all(engine, query)


def _versions(workspace_id: UUID, dataset_id: UUID) -> sa.Select[Any]:
    return sa.select(dataset_versions).where(
        dataset_versions.c.workspace_id == workspace_id, dataset_versions.c.dataset_id == dataset_id
    )


def _row(row: Any) -> DatasetVersionRow:
    fields = {name: getattr(row, name) for name in DatasetVersionRow.__struct_fields__}
    return DatasetVersionRow(**fields | {"filter": msgspec.convert(row.filter, Filter), "digest": row.digest.hex()})
