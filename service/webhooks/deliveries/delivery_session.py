"""An endpoint while it is told: what it is sent, and what it answers."""

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
from service.webhooks import projection as views
from service.webhooks.deliveries import delivery_cursor as progress
from service.webhooks.deliveries import delivery_log as telemetry
from service.webhooks.deliveries import event_source as reading
from service.webhooks.deliveries import signed_message as messages
from service.webhooks.deliveries.delivery_cursor import Batch, DeliveryCursor, Hold, Outcome, PendingEvent
from service.webhooks.deliveries.sender import Attempt, Sender
from service.webhooks.deliveries.signed_message import Message
from service.webhooks.domain import WebhookState
from service.worker.context import WorkerContext

CONCURRENCY = 8  # messages to one endpoint
MAX_EVENTS = 500  # in the order of streams: no more than may be held
MAX_PENDING = 8
STEP_SECONDS = 2.0  # after which what was sent is saved, so that a kill lets little be sent twice


class DeliverySession:
    """A webhook for as long as a worker has its turn and nobody changes it: its secrets, its place, its connections.

    `gone` is set once it answered 410; then it is sent nothing more.
    """

    def __init__(self, context: WorkerContext, workspace_id: UUID, stored: StreamState[WebhookState]) -> None:
        settings = context.settings
        self.stored = stored
        self.standing: DeliveryCursor | None = None
        self.gone = False
        self._engine = context.engine
        self._workspace_id = workspace_id
        self._settings = stored.state.settings
        self._sender = Sender(
            self._settings.url, local=settings.webhooks_allow_local, seconds=settings.webhooks_timeout
        )
        self._signers: dict[UUID, Signer] = {}
        self._attempts: list[dict[str, Any]] = []
        self._free = asyncio.Semaphore(CONCURRENCY)

    async def aclose(self) -> None:
        await self._sender.aclose()

    async def load_secrets(self, vault: Vault) -> None:
        """Take its secrets out of the vault. Raises SecretUnreadable when the vault's key is another."""
        ids = self.stored.state.signing(datetime.now(UTC))
        sealed = await views.load_sealed_secrets(self._engine, self._workspace_id, ids)
        for id_ in ids:
            if sealed.get(id_):
                secret = vault.open(sealed[id_], workspace_id=self._workspace_id, owner=id_)
                self._signers[id_] = Signer(secret)
        if not self._signers:
            raise SecretUnreadable("The webhook has no secret to sign with; rotate it.")

    async def send_pending(self) -> bool:
        """Send once what was asked for: tests and redeliveries. Whether there were any."""
        rows = await telemetry.list_pending(self._engine, self._workspace_id, self.stored.id, limit=MAX_PENDING)
        for row in rows:
            sent_at = datetime.now(UTC)
            answered = await self._send(await self._ordered(row))
            values = _response_columns(answered) | {"sent_at": sent_at}
            await telemetry.record_response(self._engine, self._workspace_id, row.id, values)
        return bool(rows)

    async def send_due(self, standing: DeliveryCursor) -> tuple[list[Outcome], int]:
        """Send what is due and what is new; the seq up to which the log was read."""
        now, order = datetime.now(UTC), self._settings.order
        due = [hold for hold in standing.holds if hold.due_at <= now][: 2 * CONCURRENCY]
        caught_up = {hold.stream_id: await self._caught_up(hold, until=standing.seq) for hold in due}
        forward, reached = await self._forward(standing)
        held = {hold.stream_id: hold for hold in standing.holds}
        until = asyncio.get_running_loop().time() + STEP_SECONDS
        async with asyncio.TaskGroup() as group:
            batches = progress.build_batches(held, caught_up, forward, order=order)
            sending = [group.create_task(self._send_batch(batch, until=until)) for batch in batches]
        return [task.result() for task in sending], reached

    async def save(self, after: DeliveryCursor) -> bool:
        """False when another worker has told it meanwhile; then all of this counts for nothing."""
        retries = {(hold.stream_id, hold.seq): hold.due_at for hold in after.holds}
        rows = [
            {**row, "next_attempt_at": None if row["state"] == "accepted" else retries.get((stream_id, row["seq"]))}
            for row in self._attempts
            for stream_id in [row.pop("stream_id")]
        ]
        self.standing, self._attempts = after, []
        return await telemetry.save_cursor(self._engine, self._workspace_id, self.stored.id, after, attempts=rows)

    async def _forward(self, standing: DeliveryCursor) -> tuple[Sequence[PendingEvent], int]:
        space = progress.free_holds(standing, self._settings.order)
        if not space:
            return [], standing.seq
        limit = MAX_EVENTS if self._settings.order == "log" else min(MAX_EVENTS, space)
        return await reading.load_new_events(
            self._engine, self._workspace_id, after=standing.seq, types=self._settings.types, limit=limit
        )

    async def _caught_up(self, hold: Hold, *, until: int) -> Batch:
        types = self._settings.types
        return await reading.load_held_events(self._engine, self._workspace_id, hold, until=until, types=types)

    async def _send_batch(self, batch: Batch, *, until: float) -> Outcome:
        clock = asyncio.get_running_loop()
        async with self._free:
            for number, event in enumerate(batch.events):
                if self.gone or clock.time() > until:
                    return Outcome(batch=batch, accepted=number)
                sent_at = datetime.now(UTC)
                message = self._message(event)
                answered = await self._send(message)
                self._note(event, message, answered, sent_at=sent_at, attempt=1 if number else batch.attempts + 1)
                if not answered.accepted:
                    self.gone = self.gone or answered.gone
                    return Outcome(batch=batch, accepted=number, failed=True, retry_after=answered.retry_after)
        return Outcome(batch=batch, accepted=len(batch.events))

    async def _ordered(self, row: Any) -> Message:
        if row.kind == "test":
            return messages.build_test_message(self.stored.id, delivery_id=row.id, at=row.created_at)
        return self._message(await reading.load_event(self._engine, self._workspace_id, row.seq))

    def _message(self, event: PendingEvent) -> Message:
        return messages.build_message(
            self._workspace_id,
            seq=event.seq,
            type_=event.type,
            stream_id=event.stream_id,
            recorded_at=event.recorded_at,
        )

    async def _send(self, message: Message) -> Attempt:
        body, now = msgspec.json.encode(message), datetime.now(UTC)
        signers = [self._signers[id_] for id_ in self.stored.state.signing(now) if id_ in self._signers]
        return await self._sender.post(body, messages.sign(message.id, body, signers=signers, at=now))

    def _note(
        self, event: PendingEvent, message: Message, answered: Attempt, *, sent_at: datetime, attempt: int
    ) -> None:
        fields = {"id": new_id(), "kind": "event", "seq": event.seq, "type": event.type, "message_id": message.id}
        times = {"attempt": attempt, "created_at": sent_at, "sent_at": sent_at, "stream_id": event.stream_id}
        self._attempts.append(fields | times | _response_columns(answered))


def _response_columns(answered: Attempt) -> dict[str, Any]:
    fields = {name: getattr(answered, name) for name in ("latency_ms", "status", "headers", "body", "error")}
    return fields | {"state": "accepted" if answered.accepted else "failed"}
