"""Send events to one webhook, as long as a worker holds its lease."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from standardwebhooks import Webhook as Signer

from service.database.engine import new_id
from service.ledger.decider import StreamState
from service.vault.vault import SecretUnreadable, Vault
from service.webhooks import queries
from service.webhooks.deliveries import delivery_log, event_source
from service.webhooks.deliveries.delivery_cursor import (
    Batch,
    DeliveryCursor,
    Hold,
    Outcome,
    PendingEvent,
    build_batches,
    free_holds,
)
from service.webhooks.deliveries.sender import Attempt, Sender
from service.webhooks.deliveries.signed_message import Message, build_message, build_test_message, sign
from service.webhooks.domain import WebhookState
from service.worker.context import WorkerContext

CONCURRENCY = 8  # messages in flight to one webhook
MAX_EVENTS = 500  # per step; in the order of streams also no more than there are free holds
MAX_PENDING = 8
STEP_SECONDS = 2.0  # how long to send before saving, so that a killed worker repeats few messages


class DeliverySession:
    """A webhook's secrets, cursor and connections. Valid for one version of the webhook.

    `gone` is set after a 410 response; then nothing more is sent.
    """

    def __init__(self, context: WorkerContext, workspace_id: UUID, stored: StreamState[WebhookState]) -> None:
        settings = context.settings
        self.stored = stored
        self.cursor: DeliveryCursor | None = None
        self.gone = False
        self._engine = context.engine
        self._workspace_id = workspace_id
        self._settings = stored.state.settings
        self._sender = Sender(
            self._settings.url, local=settings.webhooks_allow_local, seconds=settings.webhooks_timeout
        )
        self._signers: dict[UUID, Signer] = {}
        self._attempts: list[dict[str, Any]] = []
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def aclose(self) -> None:
        await self._sender.aclose()

    async def load_secrets(self, vault: Vault) -> None:
        """Decrypt the signing secrets. Raises SecretUnreadable when the vault has another key."""
        ids = self.stored.state.signing_secrets(datetime.now(UTC))
        sealed = await queries.load_sealed_secrets(self._engine, self._workspace_id, ids)
        for id_ in ids:
            if sealed.get(id_):
                secret = vault.open(sealed[id_], workspace_id=self._workspace_id, owner=id_)
                self._signers[id_] = Signer(secret)
        if not self._signers:
            raise SecretUnreadable("The webhook has no signing secret; rotate its secret.")

    async def send_pending(self) -> bool:
        """Send the pending tests and redeliveries, each once. True if there were any."""
        rows = await delivery_log.list_pending(self._engine, self._workspace_id, self.stored.id, limit=MAX_PENDING)
        for row in rows:
            sent_at = datetime.now(UTC)
            attempt = await self._send(await self._build_pending_message(row))
            values = _attempt_columns(attempt) | {"sent_at": sent_at}
            await delivery_log.record_response(self._engine, self._workspace_id, row.id, values)
        return bool(rows)

    async def send_due(self, cursor: DeliveryCursor) -> tuple[list[Outcome], int]:
        """Send due retries and new events. Also returns the seq up to which the log was searched."""
        now, order = datetime.now(UTC), self._settings.order
        due_holds = [hold for hold in cursor.holds if hold.due_at <= now][: 2 * CONCURRENCY]
        due = {hold.stream_id: await self._load_held_batch(hold, until=cursor.seq) for hold in due_holds}
        new, searched_until = await self._load_new_events(cursor)
        holds = {hold.stream_id: hold for hold in cursor.holds}
        until = asyncio.get_running_loop().time() + STEP_SECONDS
        async with asyncio.TaskGroup() as group:
            batches = build_batches(holds, due, new, order=order)
            tasks = [group.create_task(self._send_batch(batch, until=until)) for batch in batches]
        return [task.result() for task in tasks], searched_until

    async def save(self, cursor: DeliveryCursor) -> bool:
        """Save the cursor and the attempts since the last save. False if another worker saved meanwhile."""
        retries = {(hold.stream_id, hold.seq): hold.due_at for hold in cursor.holds}
        rows = [
            {**row, "next_attempt_at": None if row["state"] == "accepted" else retries.get((stream_id, row["seq"]))}
            for row in self._attempts
            for stream_id in [row.pop("stream_id")]
        ]
        self.cursor, self._attempts = cursor, []
        return await delivery_log.save_cursor(self._engine, self._workspace_id, self.stored.id, cursor, attempts=rows)

    async def _load_new_events(self, cursor: DeliveryCursor) -> tuple[Sequence[PendingEvent], int]:
        space = free_holds(cursor, self._settings.order)
        if not space:
            return [], cursor.seq
        limit = MAX_EVENTS if self._settings.order == "log" else min(MAX_EVENTS, space)
        return await event_source.load_new_events(
            self._engine, self._workspace_id, after=cursor.seq, types=self._settings.types, limit=limit
        )

    async def _load_held_batch(self, hold: Hold, *, until: int) -> Batch:
        types = self._settings.types
        return await event_source.load_held_events(self._engine, self._workspace_id, hold, until=until, types=types)

    async def _send_batch(self, batch: Batch, *, until: float) -> Outcome:
        clock = asyncio.get_running_loop()
        async with self._slots:
            for index, event in enumerate(batch.events):
                if self.gone or clock.time() > until:
                    return Outcome(batch=batch, accepted=index)
                attempt = await self._send_event(event, number=1 if index else batch.attempts + 1)
                if not attempt.accepted:
                    self.gone = self.gone or attempt.gone
                    return Outcome(batch=batch, accepted=index, failed=True, retry_after=attempt.retry_after)
        return Outcome(batch=batch, accepted=len(batch.events))

    async def _send_event(self, event: PendingEvent, *, number: int) -> Attempt:
        """Send an event's message and note the attempt for the next save."""
        sent_at, message = datetime.now(UTC), self._build_message(event)
        attempt = await self._send(message)
        fields = {"id": new_id(), "kind": "event", "seq": event.seq, "type": event.type, "message_id": message.id}
        times = {"attempt": number, "created_at": sent_at, "sent_at": sent_at, "stream_id": event.stream_id}
        self._attempts.append(fields | times | _attempt_columns(attempt))
        return attempt

    async def _build_pending_message(self, row: Any) -> Message:
        if row.kind == "test":
            return build_test_message(self.stored.id, delivery_id=row.id, at=row.created_at)
        return self._build_message(await event_source.load_event(self._engine, self._workspace_id, row.seq))

    def _build_message(self, event: PendingEvent) -> Message:
        return build_message(
            self._workspace_id,
            seq=event.seq,
            type_=event.type,
            stream_id=event.stream_id,
            recorded_at=event.recorded_at,
        )

    async def _send(self, message: Message) -> Attempt:
        body, now = msgspec.json.encode(message), datetime.now(UTC)
        signers = [self._signers[id_] for id_ in self.stored.state.signing_secrets(now) if id_ in self._signers]
        return await self._sender.post(body, sign(message.id, body, signers=signers, at=now))


def _attempt_columns(attempt: Attempt) -> dict[str, Any]:
    fields = {name: getattr(attempt, name) for name in ("latency_ms", "status", "headers", "body", "error")}
    return fields | {"state": "accepted" if attempt.accepted else "failed"}
