"""Read tables of workspaces and API keys."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.dml import UpdateBase

from service.access.domain import ApiKeyCreated, ApiKeyRevoked, WorkspaceCreated
from service.database.engine import metadata
from service.ledger.projections import EventBatch

workspaces = sa.Table(
    "workspaces",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("workspace_id", "name", name="uq_api_keys_name"),
)
UNIQUE_FIELDS = {"uq_api_keys_name": "name"}


def project_workspaces(log: EventBatch) -> Iterable[UpdateBase]:
    created = log.rows(WorkspaceCreated, name=sa.Text)
    columns = [created.c.stream_id, created.c.name, created.c.recorded_at, created.c.actor]
    yield sa.insert(workspaces).from_select(["workspace_id", "name", "created_at", "created_by"], sa.select(*columns))


def project_keys(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ApiKeyCreated):
        created = log.rows(
            ApiKeyCreated, name=sa.Text, scopes=ARRAY(sa.Text), hint=sa.Text, expires_at=sa.DateTime(timezone=True)
        )
        names = ["workspace_id", "stream_id", "name", "scopes", "hint", "expires_at", "recorded_at", "actor", "version"]
        yield sa.insert(api_keys).from_select(
            ["workspace_id", "id", "name", "scopes", "hint", "expires_at", "created_at", "created_by", "version"],
            sa.select(*[created.c[name] for name in names]),
        )
    if log.has(ApiKeyRevoked):
        revoked = log.rows(ApiKeyRevoked)
        yield (
            sa.update(api_keys)
            .where(api_keys.c.workspace_id == revoked.c.workspace_id, api_keys.c.id == revoked.c.stream_id)
            .values(revoked_at=revoked.c.recorded_at, version=revoked.c.version)
        )
