"""Read tables of workspaces and API keys."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.dml import UpdateBase

from service.access.domain import ApiKeyAssigned, ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated, WorkspaceCreated
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
# `open_name` is the name while it is taken: a key that was rotated or revoked gives it back. The constraint is checked
# at the end of the statement, since a rotation takes the name from one key and gives it to another.
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("open_name", sa.Text),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("successor_id", sa.Uuid),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("workspace_id", "member_id", "open_name", name="uq_api_keys_name", deferrable=True),
)
UNIQUE_FIELDS = {"uq_api_keys_name": "name"}


def project_workspaces(log: EventBatch) -> Iterable[UpdateBase]:
    created = log.rows(WorkspaceCreated, name=sa.Text)
    columns = [created.c.stream_id, created.c.name, created.c.recorded_at, created.c.actor]
    yield sa.insert(workspaces).from_select(["workspace_id", "name", "created_at", "created_by"], sa.select(*columns))


def project_keys(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ApiKeyCreated):
        yield _insert_keys(log)
    if log.has(ApiKeyAssigned):
        assigned = log.rows(ApiKeyAssigned, member_id=sa.Uuid)
        yield _update(assigned, member_id=assigned.c.member_id)
    if log.has(ApiKeyRotated):
        rotated = log.rows(ApiKeyRotated, successor_id=sa.Uuid, ends_at=sa.DateTime(timezone=True))
        columns = {"successor_id": rotated.c.successor_id, "expires_at": rotated.c.ends_at, "open_name": None}
        yield _update(rotated, **columns)
    if log.has(ApiKeyRevoked):
        revoked = log.rows(ApiKeyRevoked)
        yield _update(revoked, revoked_at=revoked.c.recorded_at, open_name=None)


def _insert_keys(log: EventBatch) -> UpdateBase:
    created = log.rows(
        ApiKeyCreated,
        member_id=sa.Uuid,
        name=sa.Text,
        scopes=ARRAY(sa.Text),
        hint=sa.Text,
        expires_at=sa.DateTime(timezone=True),
    )
    same = ["workspace_id", "member_id", "name", "scopes", "hint", "expires_at", "version"]
    renamed = {"id": "stream_id", "open_name": "name", "created_at": "recorded_at", "created_by": "actor"}
    columns = [created.c[name] for name in [*same, *renamed.values()]]
    return sa.insert(api_keys).from_select([*same, *renamed], sa.select(*columns))


def _update(rows: sa.Subquery, **values: object) -> UpdateBase:
    same = (api_keys.c.workspace_id == rows.c.workspace_id, api_keys.c.id == rows.c.stream_id)
    return sa.update(api_keys).where(*same).values(version=rows.c.version, **values)
