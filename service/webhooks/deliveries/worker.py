"""Deliver events to webhooks. Each webhook has a cursor in the log, and workers share the webhooks by leases.

The cursor is saved after sending. A worker killed in between leads to repeated messages, with the same ids.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from service.access.actors import SERVER
from service.database.engine import DATABASE_ERRORS, new_id
from service.ledger.decider import StreamState
from service.ledger.held_lease import LeaseLost
from service.ledger.retry import sleep_or_stop
from service.ledger.store import Caller
from service.settings import parse_retry_schedule
from service.webhooks.deliveries import delivery_log, event_source
from service.webhooks.deliveries.delivery_cursor import DeliveryCursor, RetryPolicy, advance, apply_webhook_changes
from service.webhooks.deliveries.delivery_session import DeliverySession
from service.webhooks.domain import WEBHOOK, DisabledReason, WebhookState, disable
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

KIND = "webhook"
CONCURRENCY = 16
TURN_SECONDS = 20.0  # how long to serve one webhook before the next
RETENTION = timedelta(days=30)
DELETE_SECONDS = 3_600.0
GONE_DETAIL = "The receiver responded with 410 (Gone)."

log = structlog.get_logger(__name__)
jitter = random.Random()  # noqa: S311 - only spreads the retries


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Deliver to all webhooks until `stop` is set. Any number of processes share the work."""
    do = partial(deliver, stop)
    task = LeasedTask(
        kind=KIND,
        candidates=delivery_log.candidates,
        do=do,
        base=1,
        cap=300,
        concurrency=CONCURRENCY,
        quiet_seconds=0,  # a retry is due by the cursor's clock
    )
    await run_task(context, task, stop)


async def delete_old(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete deliveries older than RETENTION every hour, until `stop` is set."""
    while not stop.is_set():
        try:
            await delivery_log.delete_deliveries(context.engine, before=datetime.now(UTC) - RETENTION)
        except DATABASE_ERRORS as error:
            log.warning("delete_deliveries_failed", error=str(error)[:300])
        await sleep_or_stop(stop, DELETE_SECONDS)


async def deliver(stop: asyncio.Event, context: WorkerContext, job: LeasedJob) -> float | None:
    """Send a webhook all events that are due. Returns 0 to come back at once, None when there is no more to send."""
    clock, session = asyncio.get_running_loop(), None
    until = clock.time() + TURN_SECONDS
    try:
        while not stop.is_set() and clock.time() < until:
            stored = await context.ledger.find(WEBHOOK, job.workspace_id, job.id)
            if stored is None or stored.state.deleted:
                return None
            if session is None or session.stored.version != stored.version:
                session = await _open_session(context, job, stored, previous=session)
            if not await _send_round(context, job, session):
                return None
    finally:
        if session is not None:
            await session.aclose()
    return 0.0


async def _open_session(
    context: WorkerContext, job: LeasedJob, stored: StreamState[WebhookState], *, previous: DeliverySession | None
) -> DeliverySession:
    """Open a session for the webhook's current version, and close the previous one."""
    if previous is not None:
        await previous.aclose()
    session = DeliverySession(context, job.workspace_id, stored)
    await session.load_secrets(context.vault)
    return session


async def _send_round(context: WorkerContext, job: LeasedJob, session: DeliverySession) -> bool:
    """Send one round of messages and save the cursor. True if there may be more to send."""
    stored = session.stored
    sent_pending = await session.send_pending()
    if not stored.state.settings.active:
        return sent_pending
    saved = session.cursor or await _load_cursor(context, job.workspace_id, stored)
    cursor = await _apply_webhook_changes(context, job.workspace_id, stored, saved)
    outcomes, searched_until = await session.send_due(cursor)
    if not outcomes and cursor == saved and searched_until == saved.seq:
        return sent_pending
    advanced = advance(
        cursor,
        outcomes,
        searched_until=searched_until,
        order=stored.state.settings.order,
        retries=RetryPolicy(schedule=parse_retry_schedule(context.settings), random=jitter),
        now=datetime.now(UTC),
    )
    await job.confirm()
    if not await session.save(advanced):
        raise LeaseLost
    await _disable_failing(context, job, advanced, gone=session.gone)
    return True


async def _load_cursor(context: WorkerContext, workspace_id: UUID, stored: StreamState[WebhookState]) -> DeliveryCursor:
    """Load the cursor. The first time, create one that starts after the webhook's creation."""
    cursor = await delivery_log.find_cursor(context.engine, workspace_id, stored.id)
    if cursor is not None:
        return cursor
    seq = await event_source.load_created_seq(context.engine, workspace_id, stored.id)
    return await delivery_log.create_cursor(context.engine, workspace_id, stored.id, seq=seq)


async def _apply_webhook_changes(
    context: WorkerContext, workspace_id: UUID, stored: StreamState[WebhookState], cursor: DeliveryCursor
) -> DeliveryCursor:
    """Apply changes and replays of the webhook since the cursor was saved."""
    if stored.seq == cursor.turned:
        return cursor
    replays = await event_source.load_replays(context.engine, workspace_id, stored.id, after=cursor.turned)
    return apply_webhook_changes(cursor, turned=stored.seq, replays=replays, now=datetime.now(UTC))


async def _disable_failing(context: WorkerContext, job: LeasedJob, cursor: DeliveryCursor, *, gone: bool) -> None:
    """Disable the webhook after a 410 response, or when it has accepted nothing for too long."""
    now, since = datetime.now(UTC), cursor.failing_since
    why: DisabledReason = "gone" if gone else "failing"
    if not gone and (since is None or (now - since).total_seconds() < context.settings.webhooks_disable_after):
        return
    detail = GONE_DETAIL if gone else f"No message was accepted since {since:%Y-%m-%d %H:%M} UTC."
    caller = Caller(workspace_id=job.workspace_id, actor=SERVER, request_id=str(new_id()))
    decide = partial(disable, why=why, detail=detail, at=now)
    await context.ledger.change(WEBHOOK, job.id, decide, caller=caller)
