"""The read table `budgets`."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.tunes.budgets.domain import BudgetHeld, BudgetRemoved, BudgetSet

budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("model", sa.Text),
    sa.Column("amount", sa.Numeric, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)


def project_budgets(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(BudgetSet):
        new = log.rows(BudgetSet, model=sa.Text, amount=sa.Numeric, currency=sa.Text)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            "model": new.c.model,
            "amount": new.c.amount,
            "currency": new.c.currency,
            "updated_at": new.c.recorded_at,
            "updated_by": new.c.actor,
            "version": new.c.version,
        }
        put = insert(budgets).from_select(list(values), sa.select(*values.values()))
        changed = {name: put.excluded[name] for name in values if name not in ("workspace_id", "id", "model")}
        yield put.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=changed)
    if log.has(BudgetHeld):
        held = log.rows(BudgetHeld)
        same = (budgets.c.workspace_id == held.c.workspace_id, budgets.c.id == held.c.stream_id)
        yield sa.update(budgets).where(*same).values(version=held.c.version)
    if log.has(BudgetRemoved):
        gone = log.rows(BudgetRemoved)
        yield sa.delete(budgets).where(budgets.c.workspace_id == gone.c.workspace_id, budgets.c.id == gone.c.stream_id)
