"""The read table `tracked_runs`."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.trackers.domain import TrackedRunFailed, TrackedRunLogged, TrackedRunRequested

TIME = sa.DateTime(timezone=True)
tracked_runs = sa.Table(
    "tracked_runs",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("tune_id", sa.Uuid, nullable=False),
    sa.Column("integration_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("link", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("finished_at", TIME),
    sa.Index("ix_tracked_runs_tune", "workspace_id", "tune_id", "id"),
    sa.Index("ix_tracked_runs_open", "workspace_id", "id", postgresql_where=sa.text("finished_at is null")),
)


def project_tracked_runs(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(TrackedRunRequested):
        new = log.rows(TrackedRunRequested, tune_id=sa.Uuid, integration_id=sa.Uuid, kind=sa.Text)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            "tune_id": new.c.tune_id,
            "integration_id": new.c.integration_id,
            "kind": new.c.kind,
            "state": sa.literal_column("'queued'"),
            "created_at": new.c.recorded_at,
        }
        yield sa.insert(tracked_runs).from_select(list(values), sa.select(*values.values()))
    if log.has(TrackedRunLogged, TrackedRunFailed):
        end = log.rows(TrackedRunLogged, TrackedRunFailed, link=sa.Text, detail=sa.Text)
        is_failed = end.c.type == TrackedRunFailed.__name__
        yield (
            sa.update(tracked_runs)
            .where(tracked_runs.c.workspace_id == end.c.workspace_id, tracked_runs.c.id == end.c.stream_id)
            .values(
                state=sa.case((is_failed, "failed"), else_="logged"),
                link=end.c.link,
                error=end.c.detail,
                finished_at=end.c.recorded_at,
            )
        )
