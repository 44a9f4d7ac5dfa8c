"""Delivery: each endpoint is a reader of the log of its own, and workers share the endpoints by leases.

What was accepted is saved after it was sent, so a worker that is killed in between sends it again, with the same ids.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from service.database.engine import DATABASE_ERRORS, new_id
from service.ledger.decider import StreamState
from service.ledger.retry import sleep_or_stop
from service.ledger.store import Caller
from service.settings import retry_schedule
from service.webhooks import domain as webhooks
from service.webhooks.deliveries import delivery_cursor as progress
from service.webhooks.deliveries import delivery_log as telemetry
from service.webhooks.deliveries import event_source as reading
from service.webhooks.deliveries.delivery_cursor import DeliveryCursor
from service.webhooks.deliveries.delivery_session import DeliverySession
from service.webhooks.domain import WEBHOOK, DisabledReason, WebhookState
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, LeaseLost, run_task

KIND = "webhook"
ACTOR = "tuneledger"
CONCURRENCY = 16
TURN_SECONDS = 20.0  # after which another endpoint has its turn
RETENTION = timedelta(days=30)
DELETE_SECONDS = 3_600.0
GONE = "The receiver answered 410: it wants no more messages."

log = structlog.get_logger(__name__)
chance = random.Random()  # noqa: S311 - spreads the retries, keeps no secret


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Tell every endpoint what is new until `stop` is set. Any number of processes share them."""
    do = partial(deliver, stop)
    duty = LeasedTask(kind=KIND, candidates=telemetry.candidates, do=do, base=1, cap=300, at_once=CONCURRENCY)
    await run_task(context, duty, stop)


async def delete_old(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete what was sent long ago, until `stop` is set. The log has it all, and can be told again."""
    while not stop.is_set():
        try:
            await telemetry.delete_deliveries(context.engine, before=datetime.now(UTC) - RETENTION)
        except DATABASE_ERRORS as error:
            log.warning("deliveries_not_forgotten", error=str(error)[:300])
        await sleep_or_stop(stop, DELETE_SECONDS)


async def deliver(stop: asyncio.Event, context: WorkerContext, held: LeasedJob) -> float | None:
    """Everything that one endpoint can be told by now. What it does not accept waits for its next attempt."""
    clock, endpoint = asyncio.get_running_loop(), None
    until = clock.time() + TURN_SECONDS
    try:
        while not stop.is_set() and clock.time() < until:
            stored = await context.ledger.find(WEBHOOK, held.workspace_id, held.id)
            if stored is None or stored.state.deleted:
                return None
            if endpoint is None or endpoint.stored.version != stored.version:
                endpoint = await _open_session(context, held, stored, before=endpoint)
            if not await _step(context, held, endpoint):
                return None
    finally:
        if endpoint is not None:
            await endpoint.aclose()
    return 0.0


async def _open_session(
    context: WorkerContext, held: LeasedJob, stored: StreamState[WebhookState], *, before: DeliverySession | None
) -> DeliverySession:
    """The endpoint as its webhook is by now."""
    if before is not None:
        await before.aclose()
    endpoint = DeliverySession(context, held.workspace_id, stored)
    await endpoint.load_secrets(context.vault)
    return endpoint


async def _step(context: WorkerContext, held: LeasedJob, endpoint: DeliverySession) -> bool:
    """One round of messages; whether there may be more."""
    stored = endpoint.stored
    ordered = await endpoint.send_pending()
    if not stored.state.settings.active:
        return ordered
    found = endpoint.standing or await _load_cursor(context, held.workspace_id, stored)
    standing = await _with_webhook_changes(context, held.workspace_id, stored, found)
    outcomes, reached = await endpoint.send_due(standing)
    if not outcomes and standing == found and reached == found.seq:
        return ordered
    now, schedule = datetime.now(UTC), retry_schedule(context.settings)
    after = progress.advance(
        standing,
        outcomes,
        reached=reached,
        order=stored.state.settings.order,
        schedule=schedule,
        now=now,
        chance=chance,
    )
    await held.confirm()
    if not await endpoint.save(after):
        raise LeaseLost
    await _disable_failing(context, held, after, gone=endpoint.gone)
    return True


async def _load_cursor(context: WorkerContext, workspace_id: UUID, stored: StreamState[WebhookState]) -> DeliveryCursor:
    found = await telemetry.find_cursor(context.engine, workspace_id, stored.id)
    if found is not None:
        return found
    seq = await reading.load_created_seq(context.engine, workspace_id, stored.id)
    return await telemetry.create_cursor(context.engine, workspace_id, stored.id, seq=seq)


async def _with_webhook_changes(
    context: WorkerContext, workspace_id: UUID, stored: StreamState[WebhookState], found: DeliveryCursor
) -> DeliveryCursor:
    """With what was asked of the webhook since it was told last."""
    if stored.seq == found.turned:
        return found
    replays = await reading.load_replays(context.engine, workspace_id, stored.id, after=found.turned)
    return progress.apply_webhook_changes(found, turned=stored.seq, replays=replays, now=datetime.now(UTC))


async def _disable_failing(context: WorkerContext, held: LeasedJob, after: DeliveryCursor, *, gone: bool) -> None:
    now, failing = datetime.now(UTC), after.failing_since
    why: DisabledReason = "gone" if gone else "failing"
    if not gone and (failing is None or (now - failing).total_seconds() < context.settings.webhooks_disable_after):
        return
    detail = GONE if gone else f"No message was accepted since {failing:%Y-%m-%d %H:%M} UTC."
    caller = Caller(workspace_id=held.workspace_id, actor=ACTOR, request_id=str(new_id()))
    decide = partial(webhooks.disable, why=why, detail=detail, at=now)
    await context.ledger.change(WEBHOOK, held.id, decide, caller=caller)
