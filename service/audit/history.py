"""History lines: events as sentences."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.history_text import find_reason, write_sentence
from service.http.history_pages import Change
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
    changes: dict[str, Change] | msgspec.UnsetType = msgspec.UNSET
    """With `include=content`, of an example: each field that changed, before and after. A text that was erased is
    `{"erased": true}`."""


# Tells by seq what events changed; the contexts that have texts know how.
ChangesLoader = Callable[[AsyncEngine, UUID, Sequence[FeedEvent]], Awaitable[Mapping[int, dict[str, Change]]]]


MAX_WITH_CONTENT = 100  # lines of a page with texts
Include = Annotated[
    list[Literal["content"]] | None,
    QueryParameter(
        description="With `content`, lines of examples have `changes`: each field before and after, with its text. "
        "Needs the scope `datasets:read`. A page has at most 100 lines then."
    ),
]


async def load_history_lines(
    engine: AsyncEngine, workspace_id: UUID, events: Sequence[FeedEvent], load_changes: ChangesLoader | None
) -> list[HistoryLine]:
    """The events as sentences, with what they changed if `load_changes` is there to tell."""
    changes = await load_changes(engine, workspace_id, events) if load_changes else {}
    return [
        msgspec.structs.replace(to_history_line(event), changes=changes.get(event.seq, msgspec.UNSET))
        for event in events
    ]


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
