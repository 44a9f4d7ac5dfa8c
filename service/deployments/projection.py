"""The read table `deployments`."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.deployments.domain import (
    DeploymentFailed,
    DeploymentObserved,
    DeploymentRequested,
    DeploymentStopped,
    DeploymentStopRequested,
    DeploymentSubmitting,
)
from service.ledger.projections import EventBatch

TIME = sa.DateTime(timezone=True)
CHANGES = (DeploymentSubmitting, DeploymentObserved, DeploymentStopRequested, DeploymentStopped, DeploymentFailed)

deployments = sa.Table(
    "deployments",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("asked", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("raw_status", sa.Text),
    sa.Column("deployment_id", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("price_per_hour", sa.Text),
    sa.Column("stop_requested", sa.Boolean, nullable=False),
    sa.Column("started_at", TIME),
    sa.Column("ended_at", TIME),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", TIME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_deployments_address", "workspace_id", "connection_id", "model"),
    sa.Index("ix_deployments_open", "workspace_id", "id", postgresql_where=sa.text("ended_at is null")),
)


def project_deployments(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(DeploymentRequested):
        yield _insert(log)
    if log.has(*CHANGES):
        yield _update(log)


def _insert(log: EventBatch) -> UpdateBase:
    fields = ("name", "stop_after", "hardware", "min_replicas", "max_replicas", "idle_minutes", "currency")
    columns: dict[str, Any] = dict.fromkeys(fields, sa.JSON)
    new = log.rows(
        DeploymentRequested,
        connection_id=sa.Uuid,
        model=sa.Text,
        connection_kind=sa.Text,
        price_per_hour=sa.Text,
        **columns,
    )
    parts = [part for name in (*fields, "connection_kind") for part in (sa.literal(name, sa.Text), new.c[name])]
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "connection_id": new.c.connection_id,
        "model": new.c.model,
        "asked": sa.func.jsonb_strip_nulls(sa.func.jsonb_build_object(*parts)),
        "state": sa.literal_column("'pending'", sa.Text),
        "price_per_hour": new.c.price_per_hour,
        "stop_requested": sa.literal_column("false"),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(deployments).from_select(list(values), sa.select(*values.values()))


def _update(log: EventBatch) -> UpdateBase:
    """One statement for all later events. A field that an event lacks stays unchanged."""
    new = log.rows(
        *CHANGES,
        deployment_id=sa.Text,
        state=sa.Text,
        raw_status=sa.Text,
        address=sa.Text,
        error=sa.Text,
        message=sa.Text,
        price_per_hour=sa.Text,
        at=TIME,
    )
    kind, table = new.c.type, deployments.c
    phases = {
        DeploymentSubmitting.__name__: sa.literal("creating"),
        DeploymentObserved.__name__: new.c.state,
        DeploymentStopped.__name__: sa.case((table.state == "failed", "failed"), else_="stopped"),
        DeploymentFailed.__name__: sa.literal("failed"),
    }
    is_seen = kind == DeploymentObserved.__name__
    is_end = sa.or_(*[kind == event.__name__ for event in (DeploymentStopped, DeploymentFailed)])
    kept = ("deployment_id", "raw_status", "address", "price_per_hour")
    return (
        sa.update(deployments)
        .where(table.workspace_id == new.c.workspace_id, table.id == new.c.stream_id)
        .values(
            **{name: sa.func.coalesce(new.c[name], table[name]) for name in kept},
            state=sa.case(phases, value=kind, else_=table.state),
            error=sa.case((is_seen, new.c.error), else_=sa.func.coalesce(new.c.message, table.error)),
            stop_requested=sa.or_(table.stop_requested, kind == DeploymentStopRequested.__name__),
            started_at=sa.case((is_seen, sa.func.coalesce(table.started_at, new.c.at)), else_=table.started_at),
            ended_at=sa.case((is_end, new.c.at), else_=table.ended_at),
            updated_at=new.c.recorded_at,
            version=new.c.version,
        )
    )
