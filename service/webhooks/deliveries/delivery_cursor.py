"""Delivery progress of a webhook: which events were accepted, and which streams wait. Pure, without I/O.

Every event up to the cursor's `seq` was accepted, or its stream is held from a failed event on. So no event is skipped
and each stream stays in order. Waiting events need no queue: they are read from the log again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from service.webhooks.domain import Order

MAX_HOLDS = 100  # streams; with so many the receiver itself must be failing, and no new events are sent
MAX_RETRY_AFTER_SECONDS = 3_600.0


class PendingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an event that its message contains."""

    seq: int
    stream_id: UUID
    type: str
    recorded_at: datetime


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that waits from the event `seq` on. That event was sent `attempts` times, and again at `due_at`."""

    stream_id: UUID
    seq: int
    attempts: int
    due_at: datetime


class DeliveryCursor(msgspec.Struct, frozen=True, kw_only=True):
    """`turned`: the webhook's own last event that was applied. `turn` counts saves, to detect another worker's."""

    seq: int
    turned: int
    turn: int = 0
    holds: tuple[Hold, ...] = ()
    failing_since: datetime | None = None
    accepted_at: datetime | None = None

    @property
    def retry_at(self) -> datetime | None:
        return min((hold.due_at for hold in self.holds), default=None)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Events to send one after the other. The first was sent `attempts` times already.

    `held_stream`: the held stream that the events are from, if any. `is_complete`: no later event of it waits.
    """

    events: tuple[PendingEvent, ...]
    attempts: int = 0
    held_stream: UUID | None = None
    is_complete: bool = True


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a batch's events were accepted. If not all: the next one `failed`, or there was no time for it."""

    batch: Batch
    accepted: int
    failed: bool = False
    retry_after: float = 0.0

    @property
    def stopped_at(self) -> PendingEvent | None:
        return self.batch.events[self.accepted] if self.accepted < len(self.batch.events) else None


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds between attempts: those of `schedule`, then its last one, each up to a tenth longer at random."""

    schedule: Sequence[float]
    random: Random

    def delay(self, attempts: int) -> float:
        """Seconds until the next attempt, after so many."""
        return self.schedule[min(attempts, len(self.schedule)) - 1] * self.random.uniform(1, 1.1)


def max_holds(order: Order) -> int:
    """In the order of the log, all events wait for a failed one."""
    return 1 if order == "log" else MAX_HOLDS


def free_holds(cursor: DeliveryCursor, order: Order) -> int:
    """How many more streams may be held."""
    return max(0, max_holds(order) - len(cursor.holds))


def apply_webhook_changes(
    cursor: DeliveryCursor, *, turned: int, replays: Iterable[int], now: datetime
) -> DeliveryCursor:
    """After the webhook was changed or replayed: go back for replays, retry all holds now, restart the failing time."""
    seq = min([cursor.seq, *(from_seq - 1 for from_seq in replays)])
    # Events after the cursor will be sent anyway, so only the holds up to it are needed.
    holds = [Hold(stream_id=h.stream_id, seq=h.seq, attempts=0, due_at=now) for h in cursor.holds if h.seq <= seq]
    return msgspec.structs.replace(cursor, seq=seq, turned=turned, holds=tuple(holds), failing_since=None)


def build_batches(
    holds: Mapping[UUID, Hold], due: Mapping[UUID, Batch], new: Sequence[PendingEvent], *, order: Order
) -> list[Batch]:
    """Build batches that may be sent at the same time: those of `due` holds, by stream, and the `new` events.

    New events of a held stream join its batch if that reaches them, or else wait.
    """
    if order == "log":
        return [*due.values(), *([Batch(events=tuple(new))] if new else [])]
    streams: dict[UUID, list[PendingEvent]] = {}
    for event in new:
        streams.setdefault(event.stream_id, []).append(event)
    joined = [
        msgspec.structs.replace(batch, events=(*batch.events, *streams.get(stream_id, ())))
        if batch.is_complete
        else batch
        for stream_id, batch in due.items()
    ]
    return joined + [Batch(events=tuple(events)) for stream_id, events in streams.items() if stream_id not in holds]


def advance(
    cursor: DeliveryCursor,
    outcomes: Sequence[Outcome],
    *,
    searched_until: int,
    order: Order,
    retries: RetryPolicy,
    now: datetime,
) -> DeliveryCursor:
    """The cursor after sending. `searched_until`: the seq up to which the log was searched for events."""
    any_accepted = any(outcome.accepted for outcome in outcomes)
    any_failed = any(outcome.failed for outcome in outcomes)
    return msgspec.structs.replace(
        cursor,
        seq=_next_seq(outcomes, searched_until) if order == "log" else searched_until,
        turn=cursor.turn + 1,
        holds=_next_holds(cursor.holds, outcomes, retries=retries, now=now),
        failing_since=None if any_accepted else cursor.failing_since or (now if any_failed else None),
        accepted_at=now if any_accepted else cursor.accepted_at,
    )


def _next_seq(outcomes: Sequence[Outcome], searched_until: int) -> int:
    """In the order of the log: where the batch of new events stopped, if it did."""
    stops = [each.stopped_at.seq for each in outcomes if each.stopped_at and each.batch.held_stream is None]
    return stops[-1] if stops else searched_until


def _next_holds(
    holds: Sequence[Hold], outcomes: Sequence[Outcome], *, retries: RetryPolicy, now: datetime
) -> tuple[Hold, ...]:
    by_stream = {hold.stream_id: hold for hold in holds}
    for outcome in outcomes:
        if outcome.batch.held_stream is not None:
            by_stream.pop(outcome.batch.held_stream)
        hold = _next_hold(outcome, retries=retries, now=now)
        if hold is not None:
            by_stream[hold.stream_id] = hold
    return tuple(by_stream.values())


def _next_hold(outcome: Outcome, *, retries: RetryPolicy, now: datetime) -> Hold | None:
    """Hold a batch's stream at the event that failed, or at the first one that was not sent."""
    event, batch = outcome.stopped_at, outcome.batch
    if event is None:
        if batch.is_complete:
            return None
        last = batch.events[-1]
        return Hold(stream_id=last.stream_id, seq=last.seq + 1, attempts=0, due_at=now)
    attempts = 0 if outcome.accepted else batch.attempts
    if not outcome.failed:
        return Hold(stream_id=event.stream_id, seq=event.seq, attempts=attempts, due_at=now)
    delay = max(retries.delay(attempts + 1), min(outcome.retry_after, MAX_RETRY_AFTER_SECONDS))
    due_at = now + timedelta(seconds=delay)
    return Hold(stream_id=event.stream_id, seq=event.seq, attempts=attempts + 1, due_at=due_at)
