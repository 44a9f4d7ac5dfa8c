"""The read table `base_models`: a workspace's own entries of the catalogue."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import UpdateBase

from service.connections.base_models.domain import BaseModelDescribed, BaseModelForgotten
from service.database.engine import metadata
from service.ledger.projections import EventBatch

base_models = sa.Table(
    "base_models",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("model", JSONB, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)


def project_base_models(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(BaseModelDescribed):
        new = log.rows(BaseModelDescribed, model=JSONB)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            "model": new.c.model,
            "updated_at": new.c.recorded_at,
            "version": new.c.version,
        }
        put = insert(base_models).from_select(list(values), sa.select(*values.values()))
        changed = {name: put.excluded[name] for name in ("model", "updated_at", "version")}
        yield put.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=changed)
    if log.has(BaseModelForgotten):
        gone = log.rows(BaseModelForgotten)
        yield sa.delete(base_models).where(
            base_models.c.workspace_id == gone.c.workspace_id, base_models.c.id == gone.c.stream_id
        )
