"""Read table of members."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.access.members.domain import (
    MemberChanged,
    MemberIdentityLinked,
    MemberIdentityUnlinked,
    MemberInvited,
    MemberReinstated,
    MemberSuspended,
)
from service.database.engine import metadata
from service.ledger.projections import EventBatch

members = sa.Table(
    "members",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("compared_as", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("suspended_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.UniqueConstraint("workspace_id", "compared_as", name="uq_members_name"),
    sa.UniqueConstraint("workspace_id", "issuer", "subject", name="uq_members_identity"),
)
UNIQUE_FIELDS = {"uq_members_name": "name", "uq_members_identity": "subject"}


def project_members(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(MemberInvited):
        yield _insert_members(log)
    if log.has(MemberChanged):
        changed = log.rows(MemberChanged, kind=sa.Text, role=sa.Text, email=sa.Text)
        yield _update(changed, kind=changed.c.kind, role=changed.c.role, email=changed.c.email)
    if log.has(MemberSuspended):
        suspended = log.rows(MemberSuspended)
        yield _update(suspended, suspended_at=suspended.c.recorded_at)
    if log.has(MemberReinstated):
        yield _update(log.rows(MemberReinstated), suspended_at=None)
    if log.has(MemberIdentityLinked):
        linked = log.rows(MemberIdentityLinked, issuer=sa.Text, subject=sa.Text)
        yield _update(linked, issuer=linked.c.issuer, subject=linked.c.subject)
    if log.has(MemberIdentityUnlinked):
        yield _update(log.rows(MemberIdentityUnlinked), issuer=None, subject=None)


def _insert_members(log: EventBatch) -> UpdateBase:
    facts = ["name", "compared_as", "kind", "role", "email", "issuer", "subject"]
    invited = log.rows(MemberInvited, **dict.fromkeys(facts, sa.Text))
    names = ["workspace_id", "stream_id", *facts, "version"]
    columns = [*(invited.c[name] for name in names), invited.c.recorded_at, invited.c.actor, invited.c.recorded_at]
    targets = ["workspace_id", "id", *names[2:], "created_at", "created_by", "updated_at"]
    return sa.insert(members).from_select(targets, sa.select(*columns))


def _update(rows: sa.Subquery, **values: object) -> UpdateBase:
    same = (members.c.workspace_id == rows.c.workspace_id, members.c.id == rows.c.stream_id)
    return sa.update(members).where(*same).values(updated_at=rows.c.recorded_at, version=rows.c.version, **values)
