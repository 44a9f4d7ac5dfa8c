"""The read table `artifacts`."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import UpdateBase

from service.artifacts.domain import ArtifactDeleted, ArtifactStored
from service.database.engine import metadata
from service.ledger.projections import EventBatch

TIME = sa.DateTime(timezone=True)

artifacts = sa.Table(
    "artifacts",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("of_kind", sa.Text, nullable=False),
    sa.Column("of_id", sa.Uuid, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("deleted_at", TIME),
    sa.Index("ix_artifacts_of", "workspace_id", "of_id", "id"),
    sa.Index("ix_artifacts_digest", "workspace_id", "digest"),
)


def project_artifacts(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ArtifactStored):
        yield _upsert(log)
    if log.has(ArtifactDeleted):
        yield _mark_deleted(log)


def _upsert(log: EventBatch) -> UpdateBase:
    """One that is stored again, as after its deletion, keeps its row."""
    new = log.rows(
        ArtifactStored,
        kind=sa.Text,
        name=sa.Text,
        digest=sa.Text,
        bytes=sa.BigInteger,
        media_type=sa.Text,
        of=sa.JSON,
    )
    fields = {name: new.c[name] for name in ("kind", "name", "digest", "bytes", "media_type")}
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **fields,
        "of_kind": new.c.of["kind"].as_string(),
        "of_id": sa.cast(new.c.of["id"].as_string(), sa.Uuid),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
    }
    insert = postgresql.insert(artifacts).from_select(list(values), sa.select(*values.values()))
    changed = {name: insert.excluded[name] for name in (*fields, "created_at", "created_by", "deleted_at")}
    return insert.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=changed)


def _mark_deleted(log: EventBatch) -> UpdateBase:
    new = log.rows(ArtifactDeleted)
    same = (artifacts.c.workspace_id == new.c.workspace_id, artifacts.c.id == new.c.stream_id)
    return sa.update(artifacts).where(*same).values(deleted_at=new.c.recorded_at)
