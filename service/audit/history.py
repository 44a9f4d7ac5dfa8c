"""The log told in words."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from service.audit.history_text import reason_of, sentence
from service.ledger.feed import FeedEvent


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, in a sentence. `resource` is what it happened to, as the filter of that name takes it.

    `seq` is the event's number in the log, `version` the ETag the resource got by it.
    """

    seq: int
    version: int
    at: datetime
    actor: str
    request_id: str
    resource: str
    type: str
    sentence: str
    reason: str | None


def lines(events: Sequence[FeedEvent]) -> list[HistoryLine]:
    return [line(event) for event in events]


def line(event: FeedEvent) -> HistoryLine:
    return HistoryLine(
        seq=event.seq,
        version=event.version,
        at=event.recorded_at,
        actor=event.actor,
        request_id=event.request_id,
        resource=f"{event.stream}:{event.stream_id}",
        type=event.type,
        sentence=sentence(event),
        reason=reason_of(msgspec.json.decode(event.data)),
    )
