"""Delivery cursors: no event is skipped and each stream stays in order, whatever fails."""

import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.webhooks.deliveries.delivery_cursor import (
    MAX_HOLDS,
    Batch,
    DeliveryCursor,
    Hold,
    Outcome,
    PendingEvent,
    RetryPolicy,
    advance,
    apply_webhook_changes,
    build_batches,
    free_holds,
)
from service.webhooks.domain import Order

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCHEDULE = [5.0, 300.0]
MAX_HELD_EVENTS = 3  # of a held stream, per batch


def build_event(seq: int, stream: int) -> PendingEvent:
    return PendingEvent(seq=seq, stream_id=uuid.UUID(int=stream), type="TaskEdited", recorded_at=NOW)


class DeliverySimulation:
    """A log, a receiver and a worker's rounds, without time or network."""

    def __init__(self, streams: list[int], order: Order) -> None:
        self.log = [build_event(seq, stream) for seq, stream in enumerate(streams, start=1)]
        self.order: Order = order
        self.cursor = DeliveryCursor(seq=0, turned=0)
        self.accepted: list[int] = []
        self.now = NOW

    def run_round(self, chance: Random, *, failing: float, batch: int) -> None:
        self.now += timedelta(days=1)
        due_holds = [hold for hold in self.cursor.holds if hold.due_at <= self.now]
        new: list[PendingEvent] = []
        if free_holds(self.cursor, self.order):
            new = self.log[self.cursor.seq : self.cursor.seq + batch]
        holds = {hold.stream_id: hold for hold in self.cursor.holds}
        due = {hold.stream_id: self.load_held_batch(hold) for hold in due_holds}
        batches = build_batches(holds, due, new, order=self.order)
        self.cursor = advance(
            self.cursor,
            [self.send(batch, chance, failing) for batch in batches],
            searched_until=new[-1].seq if new else self.cursor.seq,
            order=self.order,
            retries=RetryPolicy(schedule=SCHEDULE, random=chance),
            now=self.now,
        )

    def load_held_batch(self, hold: Hold) -> Batch:
        until = self.cursor.seq
        events = [each for each in self.log if each.stream_id == hold.stream_id and hold.seq <= each.seq <= until]
        return Batch(
            events=tuple(events[:MAX_HELD_EVENTS]),
            attempts=hold.attempts,
            held_stream=hold.stream_id,
            is_complete=len(events) <= MAX_HELD_EVENTS,
        )

    def send(self, batch: Batch, chance: Random, failing: float) -> Outcome:
        for number, event in enumerate(batch.events):
            draw = chance.random()
            if draw < failing / 2:
                return Outcome(batch=batch, accepted=number)  # no time was left
            if draw < failing:
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
    simulation, chance = DeliverySimulation(streams, order), Random(seed)
    for _ in range(30):
        simulation.run_round(chance, failing=failing, batch=batch)
    for _ in range(2 * len(streams) + 2):
        simulation.run_round(chance, failing=0, batch=batch)
    assert sorted(simulation.accepted) == [event.seq for event in simulation.log]
    assert simulation.cursor.holds == ()
    if order == "log":
        assert simulation.accepted == sorted(simulation.accepted)
    for stream in set(streams):
        own = [seq for seq in simulation.accepted if streams[seq - 1] == stream]
        assert own == sorted(own)


def test_an_endpoint_that_accepts_nothing_holds_no_more_than_its_bound() -> None:
    simulation, chance = DeliverySimulation(list(range(1, 1_000)), "stream"), Random(1)
    for _ in range(60):
        simulation.run_round(chance, failing=1, batch=min(100, max(1, free_holds(simulation.cursor, "stream"))))
    assert len(simulation.cursor.holds) == MAX_HOLDS
    assert simulation.cursor.seq == MAX_HOLDS
    assert simulation.cursor.failing_since == NOW + timedelta(days=1)


def test_each_attempt_waits_longer_until_the_schedule_ends() -> None:
    delays = [RetryPolicy(schedule=SCHEDULE, random=Random(2)).delay(attempts) for attempts in (1, 2, 3, 90)]
    assert 5 <= delays[0] <= 5.5
    assert all(300 <= delay <= 330 for delay in delays[1:])


@pytest.mark.parametrize(("retry_after", "least"), [(0.0, 5), (60.0, 60), (1e9, 3_600)])
def test_retry_after_is_heeded_within_reason(retry_after: float, least: float) -> None:
    batch = Batch(events=(build_event(1, 1),))
    outcome = Outcome(batch=batch, accepted=0, failed=True, retry_after=retry_after)
    after = advance(
        DeliveryCursor(seq=0, turned=0),
        [outcome],
        searched_until=1,
        order="stream",
        retries=RetryPolicy(schedule=SCHEDULE, random=Random(3)),
        now=NOW,
    )
    assert after.retry_at is not None
    assert least <= (after.retry_at - NOW).total_seconds() <= max(5.5, least)


def test_a_replay_goes_back_and_keeps_what_was_not_yet_told_before_it() -> None:
    holds = [Hold(stream_id=uuid.UUID(int=seq), seq=seq, attempts=4, due_at=NOW) for seq in (10, 70)]
    cursor = DeliveryCursor(seq=90, turned=1, holds=tuple(holds), failing_since=NOW)
    later = NOW + timedelta(days=1)
    changed = apply_webhook_changes(cursor, turned=91, replays=[60, 50, 95], now=later)
    assert (changed.seq, changed.turned, changed.failing_since) == (49, 91, None)
    assert [(hold.seq, hold.attempts, hold.due_at) for hold in changed.holds] == [(10, 0, later)]
