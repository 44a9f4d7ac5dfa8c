"""History lines: events as sentences."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.audit.history_text import find_reason, write_sentence
from service.ledger.readers.feed import FeedEvent


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a sentence."""

    seq: int
    """The event's number in the workspace's log."""
    version: int
    """The resource's version after this event; its ETag."""
    at: datetime
    """When the event was recorded."""
    actor: str
    """Name of the member who caused it, or `tuneledger` for the server itself."""
    request_id: str
    """X-Request-Id of the request that caused it."""
    key_id: UUID | None
    """The API key of the request that caused it. Null for the server's own work and in older events."""
    resource: str
    """What it happened to, such as `example:{id}`. The `resource` filter accepts it."""
    type: str
    """The event's type, such as `ExampleRepaired`."""
    sentence: str
    """What happened, by whom and why."""
    reason: str | None
    """Why, in the words of whoever did it. Null when no reason was given."""


def to_history_lines(events: Sequence[FeedEvent]) -> list[HistoryLine]:
    return [to_history_line(event) for event in events]


def to_history_line(event: FeedEvent) -> HistoryLine:
    return HistoryLine(
        seq=event.seq,
        version=event.version,
        at=event.recorded_at,
        actor=event.actor,
        request_id=event.request_id,
        key_id=event.key_id,
        resource=f"{event.stream}:{event.stream_id}",
        type=event.type,
        sentence=write_sentence(event),
        reason=find_reason(msgspec.json.decode(event.data)),
    )
