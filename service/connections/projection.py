"""The read table `connections`, with one row per connection that is not deleted."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.connections.domain import ConnectionChanged, ConnectionCreated, ConnectionDeleted, ConnectionHookSet
from service.database.engine import metadata
from service.ledger.projections import EventBatch

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("hook_secret_id", sa.Uuid),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # Deferred: during a rebuild two connections may briefly have one name, when the second took over the first one's.
    sa.UniqueConstraint("workspace_id", "name", name="uq_connections_name", deferrable=True, initially="DEFERRED"),
)
UNIQUE_FIELDS = {"uq_connections_name": "name"}


def project_connections(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ConnectionCreated):
        created = log.rows(ConnectionCreated, kind=sa.Text, settings=JSONB)
        recorded_at = created.c.recorded_at
        name = created.c.settings["name"].astext
        values = {
            "workspace_id": created.c.workspace_id,
            "id": created.c.stream_id,
            "kind": created.c.kind,
            "name": name,
            "settings": created.c.settings,
            "created_at": recorded_at,
            "created_by": created.c.actor,
            "updated_at": recorded_at,
            "version": created.c.version,
        }
        yield sa.insert(connections).from_select(list(values), sa.select(*values.values()))
    if log.has(ConnectionChanged):
        changed = log.rows(ConnectionChanged, settings=JSONB)
        yield (
            sa.update(connections)
            .where(connections.c.workspace_id == changed.c.workspace_id, connections.c.id == changed.c.stream_id)
            .values(
                name=changed.c.settings["name"].astext,
                settings=changed.c.settings,
                updated_at=changed.c.recorded_at,
                version=changed.c.version,
            )
        )
    if log.has(ConnectionHookSet):
        hook = log.rows(ConnectionHookSet, secret_id=sa.Uuid)
        yield (
            sa.update(connections)
            .where(connections.c.workspace_id == hook.c.workspace_id, connections.c.id == hook.c.stream_id)
            .values(hook_secret_id=hook.c.secret_id, updated_at=hook.c.recorded_at, version=hook.c.version)
        )
    if log.has(ConnectionDeleted):
        deleted = log.rows(ConnectionDeleted)
        yield sa.delete(connections).where(
            connections.c.workspace_id == deleted.c.workspace_id, connections.c.id == deleted.c.stream_id
        )
