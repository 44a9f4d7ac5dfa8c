"""The read table of erasures."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.erasure.domain import (
    ErasureCompleted,
    ErasureRequested,
    HoldersFound,
    ProviderCopiesDeleted,
    TextsErased,
)
from service.ledger.projections import EventBatch

TIME = sa.DateTime(timezone=True)
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("requested_at", TIME, nullable=False),
    sa.Column("completed_at", TIME),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_erasures_open", "workspace_id", "id", postgresql_where=sa.text("completed_at is null")),
)


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ErasureRequested):
        new = log.rows(ErasureRequested).c
        names = ["workspace_id", "id", "requested_at", "version"]
        rows = sa.select(new.workspace_id, new.stream_id, new.recorded_at, new.version)
        yield sa.insert(erasures).from_select(names, rows)
    if log.has(HoldersFound, TextsErased, ProviderCopiesDeleted, ErasureCompleted):
        step = log.rows(HoldersFound, TextsErased, ProviderCopiesDeleted, ErasureCompleted).c
        completed_at = sa.case(
            (step.type == ErasureCompleted.__name__, step.recorded_at), else_=erasures.c.completed_at
        )
        yield (
            sa.update(erasures)
            .where(erasures.c.workspace_id == step.workspace_id, erasures.c.id == step.stream_id)
            .values(completed_at=completed_at, version=step.version)
        )
