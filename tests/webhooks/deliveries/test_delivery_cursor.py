"""How far an endpoint has been told: nothing is skipped and each stream is in order, whatever fails."""

import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.webhooks.deliveries import delivery_cursor as progress
from service.webhooks.deliveries.delivery_cursor import MAX_HOLDS, Batch, DeliveryCursor, Hold, Outcome, PendingEvent
from service.webhooks.domain import Order

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCHEDULE = [5.0, 300.0]
PIECE = 3  # events of a held stream that are caught up at a time


def told(seq: int, stream: int) -> PendingEvent:
    return PendingEvent(seq=seq, stream_id=uuid.UUID(int=stream), type="TaskEdited", recorded_at=NOW)


class Telling:
    """A log, an endpoint, and the rounds of a worker, without time or network."""

    def __init__(self, streams: list[int], order: Order) -> None:
        self.log = [told(seq, stream) for seq, stream in enumerate(streams, start=1)]
        self.order: Order = order
        self.standing = DeliveryCursor(seq=0, turned=0)
        self.accepted: list[int] = []
        self.now = NOW

    def round(self, chance: Random, *, failing: float, batch: int) -> None:
        self.now += timedelta(days=1)
        due = [hold for hold in self.standing.holds if hold.due_at <= self.now]
        forward: list[PendingEvent] = []
        if progress.free_holds(self.standing, self.order):
            forward = self.log[self.standing.seq : self.standing.seq + batch]
        held = {hold.stream_id: hold for hold in self.standing.holds}
        caught_up = {hold.stream_id: self.caught_up(hold) for hold in due}
        batches = progress.build_batches(held, caught_up, forward, order=self.order)
        self.standing = progress.advance(
            self.standing,
            [self.sent(batch, chance, failing) for batch in batches],
            reached=forward[-1].seq if forward else self.standing.seq,
            order=self.order,
            schedule=SCHEDULE,
            now=self.now,
            chance=chance,
        )

    def caught_up(self, hold: Hold) -> Batch:
        place = self.standing.seq
        found = [each for each in self.log if each.stream_id == hold.stream_id and hold.seq <= each.seq <= place]
        whole = len(found) <= PIECE
        return Batch(events=tuple(found[:PIECE]), attempts=hold.attempts, held=hold.stream_id, whole=whole)

    def sent(self, batch: Batch, chance: Random, failing: float) -> Outcome:
        for number, event in enumerate(batch.events):
            fate = chance.random()
            if fate < failing / 2:
                return Outcome(batch=batch, accepted=number)  # no time was left
            if fate < failing:
                return Outcome(batch=batch, accepted=number, failed=True)
            self.accepted.append(event.seq)
        return Outcome(batch=batch, accepted=len(batch.events))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(1, 6), max_size=60),
    st.sampled_from(["stream", "log"]),
    st.integers(1, 20),
    st.floats(0, 0.8),
    st.integers(),
)
def test_every_event_is_accepted_once_and_in_the_order_of_its_stream(
    streams: list[int], order: Order, batch: int, failing: float, seed: int
) -> None:
    telling, chance = Telling(streams, order), Random(seed)
    for _ in range(30):
        telling.round(chance, failing=failing, batch=batch)
    for _ in range(2 * len(streams) + 2):
        telling.round(chance, failing=0, batch=batch)
    assert sorted(telling.accepted) == [event.seq for event in telling.log]
    assert telling.standing.holds == ()
    if order == "log":
        assert telling.accepted == sorted(telling.accepted)
    for stream in set(streams):
        own = [seq for seq in telling.accepted if streams[seq - 1] == stream]
        assert own == sorted(own)


def test_an_endpoint_that_accepts_nothing_holds_no_more_than_its_bound() -> None:
    telling, chance = Telling(list(range(1, 1_000)), "stream"), Random(1)
    for _ in range(60):
        telling.round(chance, failing=1, batch=min(100, max(1, progress.free_holds(telling.standing, "stream"))))
    assert len(telling.standing.holds) == MAX_HOLDS
    assert telling.standing.seq == MAX_HOLDS
    assert telling.standing.failing_since == NOW + timedelta(days=1)


def test_each_attempt_waits_longer_until_the_schedule_ends() -> None:
    pauses = [progress.retry_delay(attempts, schedule=SCHEDULE, chance=Random(2)) for attempts in (1, 2, 3, 90)]
    assert 5 <= pauses[0] <= 5.5
    assert all(300 <= pause <= 330 for pause in pauses[1:])


@pytest.mark.parametrize(("asked", "least"), [(0.0, 5), (60.0, 60), (1e9, 3_600)])
def test_retry_after_is_heeded_within_reason(asked: float, least: float) -> None:
    batch = Batch(events=(told(1, 1),))
    outcome = Outcome(batch=batch, accepted=0, failed=True, retry_after=asked)
    after = progress.advance(
        DeliveryCursor(seq=0, turned=0),
        [outcome],
        reached=1,
        order="stream",
        schedule=SCHEDULE,
        now=NOW,
        chance=Random(3),
    )
    assert after.retry_at is not None
    assert least <= (after.retry_at - NOW).total_seconds() <= max(5.5, least)


def test_a_replay_goes_back_and_keeps_what_was_not_yet_told_before_it() -> None:
    holds = [Hold(stream_id=uuid.UUID(int=seq), seq=seq, attempts=4, due_at=NOW) for seq in (10, 70)]
    standing = DeliveryCursor(seq=90, turned=1, holds=tuple(holds), failing_since=NOW)
    later = NOW + timedelta(days=1)
    heeded = progress.apply_webhook_changes(standing, turned=91, replays=[60, 50, 95], now=later)
    assert (heeded.seq, heeded.turned, heeded.failing_since) == (49, 91, None)
    assert [(hold.seq, hold.attempts, hold.due_at) for hold in heeded.holds] == [(10, 0, later)]
