"""Tables of deliveries and delivery cursors. They are not derived from the log, so a rebuild leaves them alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import execute, fetch_all, fetch_one, find_one
from service.ledger.leases import NOW
from service.ledger.tables import heads
from service.webhooks.deliveries.delivery_cursor import MAX_HOLDS, DeliveryCursor, Hold
from service.webhooks.projection import webhooks

DeliveryKind = Literal["event", "redelivery", "test"]
DeliveryState = Literal["pending", "accepted", "failed"]

TIME = sa.DateTime(timezone=True)
# Separate metadata, so that a rebuild does not touch these tables.
telemetry = sa.MetaData(schema="telemetry")
# One row per webhook. Holds are a JSON column, since they change together with the cursor.
cursors = sa.Table(
    "webhook_progress",
    telemetry,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("webhook_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("turned", sa.BigInteger, nullable=False),
    sa.Column("turn", sa.BigInteger, nullable=False),
    sa.Column("holds", JSONB, nullable=False),
    sa.Column("held", sa.Integer, nullable=False),
    sa.Column("retry_at", TIME),
    sa.Column("failing_since", TIME),
    sa.Column("accepted_at", TIME),
)
deliveries = sa.Table(
    "webhook_deliveries",
    telemetry,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("webhook_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("sent_at", TIME),
    sa.Column("latency_ms", sa.Integer),
    sa.Column("status", sa.Integer),
    sa.Column("headers", JSONB),
    sa.Column("body", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("next_attempt_at", TIME),
    sa.Index("ix_webhook_deliveries_webhook", "workspace_id", "webhook_id", "id"),
    sa.Index(
        "ix_webhook_deliveries_pending", "workspace_id", "webhook_id", postgresql_where=sa.text("state = 'pending'")
    ),
)


def candidates() -> sa.Select[tuple[UUID, UUID]]:
    """Webhooks with work: new events and free holds, a due retry, a change, or a pending test or redelivery."""
    max_holds = sa.case((webhooks.c.settings["order"].astext == "log", 1), else_=MAX_HOLDS)
    has_new_events = sa.and_(heads.c.seq > cursors.c.seq, cursors.c.held < max_holds)
    is_changed = webhooks.c.seq > cursors.c.turned
    is_due = sa.or_(cursors.c.webhook_id.is_(None), has_new_events, is_changed, cursors.c.retry_at <= NOW)
    has_pending = sa.exists().where(
        deliveries.c.workspace_id == webhooks.c.workspace_id,
        deliveries.c.webhook_id == webhooks.c.id,
        deliveries.c.state == "pending",
    )
    same_webhook = sa.and_(cursors.c.workspace_id == webhooks.c.workspace_id, cursors.c.webhook_id == webhooks.c.id)
    return (
        sa.select(webhooks.c.workspace_id, webhooks.c.id)
        .join(heads, heads.c.workspace_id == webhooks.c.workspace_id)
        .outerjoin(cursors, same_webhook)
        .where(sa.or_(sa.and_(webhooks.c.active, is_due), has_pending))
    )


async def find_cursor(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID) -> DeliveryCursor | None:
    """Find a webhook's cursor. None until a worker has first handled the webhook."""
    query = sa.select(cursors).where(cursors.c.workspace_id == workspace_id, cursors.c.webhook_id == webhook_id)
    row = await find_one(engine, query)
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in DeliveryCursor.__struct_fields__ if name != "holds"}
    return DeliveryCursor(**fields, holds=msgspec.convert(row.holds, tuple[Hold, ...]))


async def save_cursor(
    engine: AsyncEngine,
    workspace_id: UUID,
    webhook_id: UUID,
    cursor: DeliveryCursor,
    *,
    attempts: Sequence[dict[str, Any]],
) -> bool:
    """Save the new cursor and its attempts together. False, saving nothing, if another worker saved meanwhile."""
    fields = {name: getattr(cursor, name) for name in DeliveryCursor.__struct_fields__}
    values = fields | {
        "holds": msgspec.to_builtins(cursor.holds),
        "held": len(cursor.holds),
        "retry_at": cursor.retry_at,
    }
    key = {"workspace_id": workspace_id, "webhook_id": webhook_id}
    async with engine.begin() as connection:
        update = sa.update(cursors).where(
            cursors.c.workspace_id == workspace_id,
            cursors.c.webhook_id == webhook_id,
            cursors.c.turn == cursor.turn - 1,
        )
        if (await connection.execute(update.values(values))).rowcount != 1:
            return False
        if attempts:
            await connection.execute(sa.insert(deliveries), [key | each for each in attempts])
    return True


async def create_cursor(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID, *, seq: int) -> DeliveryCursor:
    """Create a cursor that starts after the event `seq`."""
    cursor = DeliveryCursor(seq=seq, turned=seq)
    fields = {name: getattr(cursor, name) for name in ("seq", "turned", "turn")}
    row = {"workspace_id": workspace_id, "webhook_id": webhook_id, "holds": list(cursor.holds), "held": 0}
    await execute(engine, insert(cursors).values(row | fields).on_conflict_do_nothing())
    return cursor


async def create_delivery(engine: AsyncEngine, workspace_id: UUID, row: dict[str, Any]) -> Any:
    """Insert a pending delivery, which a worker will send once."""
    insert_row = sa.insert(deliveries).values(
        workspace_id=workspace_id, state="pending", attempt=1, created_at=NOW, **row
    )
    return await fetch_one(engine, insert_row.returning(deliveries))


async def list_pending(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID, *, limit: int) -> Sequence[Any]:
    """List pending deliveries, the oldest first."""
    query = (
        sa.select(deliveries)
        .where(
            deliveries.c.workspace_id == workspace_id,
            deliveries.c.webhook_id == webhook_id,
            deliveries.c.state == "pending",
        )
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    return await fetch_all(engine, query)


async def record_response(engine: AsyncEngine, workspace_id: UUID, delivery_id: UUID, values: dict[str, Any]) -> None:
    """Save the outcome of a pending delivery."""
    update = sa.update(deliveries).where(deliveries.c.workspace_id == workspace_id, deliveries.c.id == delivery_id)
    await execute(engine, update.values(values))


async def find_delivery(engine: AsyncEngine, workspace_id: UUID, delivery_id: UUID) -> Any:
    """Find a delivery. None if there is none, or it was deleted for its age."""
    query = sa.select(deliveries).where(deliveries.c.workspace_id == workspace_id, deliveries.c.id == delivery_id)
    return await find_one(engine, query)


async def list_deliveries(
    engine: AsyncEngine,
    workspace_id: UUID,
    webhook_id: UUID,
    *,
    state: DeliveryState | None,
    seq: int | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List a webhook's deliveries, the newest first, starting before the id `before`."""
    query = sa.select(deliveries).where(
        deliveries.c.workspace_id == workspace_id, deliveries.c.webhook_id == webhook_id
    )
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if seq is not None:
        query = query.where(deliveries.c.seq == seq)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    return await fetch_all(engine, query.order_by(deliveries.c.id.desc()).limit(limit))


async def delete_deliveries(engine: AsyncEngine, *, before: datetime) -> None:
    """Delete deliveries created earlier."""
    await execute(engine, sa.delete(deliveries).where(deliveries.c.created_at < before))
