"""How far an endpoint has been told, and what waits: decided without I/O, from what it has just answered.

Everything up to `seq` was accepted, or its stream is held, from the event that was not accepted on. So nothing is
skipped, a stream's events come in order, and what waits needs no queue: the log has it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from service.webhooks.domain import Order

MAX_HOLDS = 100  # streams; with so many the endpoint is in trouble as a whole, and nothing new is sent
MAX_RETRY_AFTER_SECONDS = 3_600.0


class PendingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event, as far as a message tells of it."""

    seq: int
    stream_id: UUID
    type: str
    recorded_at: datetime


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that waits from the event `seq` on, which was sent `attempts` times, until `due_at`."""

    stream_id: UUID
    seq: int
    attempts: int
    due_at: datetime


class DeliveryCursor(msgspec.Struct, frozen=True, kw_only=True):
    """`turned` is the last event of the webhook itself that was heeded; `turn` counts what was saved."""

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
    """Events to be sent one after the other; the first has been sent `attempts` times.

    `held` is the stream whose hold they are from. `whole`: nothing of it is left behind them.
    """

    events: tuple[PendingEvent, ...]
    attempts: int = 0
    held: UUID | None = None
    whole: bool = True


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a batch's events were accepted. Short of all, the next one failed, or there was no time for it."""

    batch: Batch
    accepted: int
    failed: bool = False
    retry_after: float = 0.0

    @property
    def stopped_at(self) -> PendingEvent | None:
        return self.batch.events[self.accepted] if self.accepted < len(self.batch.events) else None


def free_holds(progress: DeliveryCursor, order: Order) -> int:
    """How many streams may be held beside those that are. In the order of the log, all wait for the one."""
    return max(0, max_holds(order) - len(progress.holds))


def max_holds(order: Order) -> int:
    return 1 if order == "log" else MAX_HOLDS


def apply_webhook_changes(
    progress: DeliveryCursor, *, turned: int, replays: Iterable[int], now: datetime
) -> DeliveryCursor:
    """After the webhook was changed or replayed: what waits is tried at once, and days of failure count anew."""
    seq = min([progress.seq, *(from_seq - 1 for from_seq in replays)])
    # A hold after the place would keep back what comes again anyway; one before it has yet to be told.
    holds = [Hold(stream_id=h.stream_id, seq=h.seq, attempts=0, due_at=now) for h in progress.holds if h.seq <= seq]
    return msgspec.structs.replace(progress, seq=seq, turned=turned, holds=tuple(holds), failing_since=None)


def build_batches(
    held: Mapping[UUID, Hold], caught_up: Mapping[UUID, Batch], forward: Sequence[PendingEvent], *, order: Order
) -> list[Batch]:
    """What is sent at the same time: what was `caught_up` of the holds that are due, and what comes `forward`.

    Later events of a stream that is held wait with it, unless it has no earlier ones left.
    """
    if order == "log":
        return [*caught_up.values(), *([Batch(events=tuple(forward))] if forward else [])]
    streams: dict[UUID, list[PendingEvent]] = {}
    for event in forward:
        streams.setdefault(event.stream_id, []).append(event)
    joined = [
        msgspec.structs.replace(batch, events=(*batch.events, *streams.get(stream_id, ()))) if batch.whole else batch
        for stream_id, batch in caught_up.items()
    ]
    return joined + [Batch(events=tuple(events)) for stream_id, events in streams.items() if stream_id not in held]


def advance(
    progress: DeliveryCursor,
    outcomes: Sequence[Outcome],
    *,
    reached: int,
    order: Order,
    schedule: Sequence[float],
    now: datetime,
    chance: Random,
) -> DeliveryCursor:
    """Where it stands when `reached` is the seq up to which the log was read."""
    holds = {hold.stream_id: hold for hold in progress.holds}
    for outcome in outcomes:
        event, batch = outcome.stopped_at, outcome.batch
        if batch.held is not None:
            holds.pop(batch.held)
        if event is not None:
            holds[event.stream_id] = _next_hold(outcome, event, schedule=schedule, now=now, chance=chance)
            reached = event.seq if order == "log" and batch.held is None else reached
        elif not batch.whole:
            last = batch.events[-1]
            holds[last.stream_id] = Hold(stream_id=last.stream_id, seq=last.seq + 1, attempts=0, due_at=now)
    accepted, failed = any(each.accepted for each in outcomes), any(each.failed for each in outcomes)
    return msgspec.structs.replace(
        progress,
        seq=reached,
        turn=progress.turn + 1,
        holds=tuple(holds.values()),
        failing_since=None if accepted else progress.failing_since or (now if failed else None),
        accepted_at=now if accepted else progress.accepted_at,
    )


def _next_hold(
    outcome: Outcome, event: PendingEvent, *, schedule: Sequence[float], now: datetime, chance: Random
) -> Hold:
    attempts = 0 if outcome.accepted else outcome.batch.attempts
    if not outcome.failed:
        return Hold(stream_id=event.stream_id, seq=event.seq, attempts=attempts, due_at=now)
    wait = retry_delay(attempts + 1, schedule=schedule, chance=chance)
    wait = max(wait, min(outcome.retry_after, MAX_RETRY_AFTER_SECONDS))
    return Hold(stream_id=event.stream_id, seq=event.seq, attempts=attempts + 1, due_at=now + timedelta(seconds=wait))


def retry_delay(attempts: int, *, schedule: Sequence[float], chance: Random) -> float:
    """Seconds until the next attempt after so many: the schedule's, then its last, by chance up to a tenth longer."""
    return schedule[min(attempts, len(schedule)) - 1] * chance.uniform(1, 1.1)
