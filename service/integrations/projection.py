"""The read table `integrations`, with one row per integration that is not deleted."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.integrations.domain import IntegrationCreated, IntegrationDeleted, IntegrationSecretReplaced
from service.ledger.projections import EventBatch

integrations = sa.Table(
    "integrations",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("workspace_id", "name", name="uq_integrations_name", deferrable=True, initially="DEFERRED"),
)
UNIQUE_FIELDS = {"uq_integrations_name": "name"}


def project_integrations(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(IntegrationCreated):
        created = log.rows(IntegrationCreated, kind=sa.Text, settings=JSONB)
        values = {
            "workspace_id": created.c.workspace_id,
            "id": created.c.stream_id,
            "kind": created.c.kind,
            "name": created.c.settings["name"].astext,
            "settings": created.c.settings,
            "created_at": created.c.recorded_at,
            "created_by": created.c.actor,
            "updated_at": created.c.recorded_at,
            "version": created.c.version,
        }
        yield sa.insert(integrations).from_select(list(values), sa.select(*values.values()))
    if log.has(IntegrationSecretReplaced):
        changed = log.rows(IntegrationSecretReplaced)
        same = (integrations.c.workspace_id == changed.c.workspace_id, integrations.c.id == changed.c.stream_id)
        yield (sa.update(integrations).where(*same).values(updated_at=changed.c.recorded_at, version=changed.c.version))
    if log.has(IntegrationDeleted):
        deleted = log.rows(IntegrationDeleted)
        yield sa.delete(integrations).where(
            integrations.c.workspace_id == deleted.c.workspace_id, integrations.c.id == deleted.c.stream_id
        )
