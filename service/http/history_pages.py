"""GET …/history: who changed what, when and why, from the stream's events."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import NotFound
from service.http.pagination import Page, decode_cursor, page
from service.ledger.decider import Decider, E
from service.ledger.readers.feed import FeedEvent, load_stream_events

State = TypeVar("State")
Version = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A field's value before and after a change."""

    before: Any
    """The value before the change; null where there was none."""
    after: Any
    """The value after the change; null where there is none."""


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a resource."""

    seq: int
    """The number of the event in the workspace's log."""
    version: int
    """The resource's version after the change; its ETag."""
    type: str
    """The type of the event."""
    at: datetime
    """When it was recorded."""
    actor: str
    """Who made the change."""
    request_id: str
    """The id of the request that made the change."""
    key_id: UUID | None
    """The API key of that request. Null for the server's own work and in older events."""
    reason: str | None
    """The reason given with the change, or null."""
    changes: dict[str, Change]
    """The fields that changed, by name."""


class HistoryPage(Page[HistoryEntry], frozen=True, kw_only=True):
    """One page of a history, the oldest change first."""


def to_fields(state: Any) -> dict[str, Any]:
    """Convert all fields of the state to plain JSON values."""
    fields: dict[str, Any] = msgspec.to_builtins(state)
    return fields


async def history(
    engine: AsyncEngine,
    decider: Decider[State, E],
    workspace_id: UUID,
    stream_id: UUID,
    *,
    limit: int,
    cursor: str | None,
    shown: Callable[[State], dict[str, Any]] = to_fields,
) -> HistoryPage:
    """Load one page of a stream's history; `shown` picks the fields of a state to compare. Raises NotFound."""
    last = decode_cursor(cursor, tuple[Version])
    after = last[0] if last else 0
    # An entry shows changes against the state before it, so a later page has to fold the earlier events too.
    log = await load_stream_events(engine, workspace_id, stream_id, limit=after + limit + 1)
    if not log or log[0].stream != decider.stream:
        raise NotFound(f"No such {decider.stream}: {stream_id}.")
    return page(HistoryPage, build_entries(decider, log, shown)[after:], limit, key=lambda entry: entry.version)


def build_entries(
    decider: Decider[State, E], log: list[FeedEvent], shown: Callable[[State], dict[str, Any]]
) -> list[HistoryEntry]:
    """Build an entry for each event of a stream, from the first event on."""
    entries: list[HistoryEntry] = []
    state: State | None = None
    before: dict[str, Any] = {}
    for recorded in log:
        event = decider.decode(recorded.type, bytes(recorded.data))
        state = decider.evolve(state, event)
        after = shown(state)
        entries.append(_entry(recorded, reason=getattr(event, "reason", None), changes=find_changes(before, after)))
        before = after
    return entries


def _entry(recorded: FeedEvent, *, reason: str | None, changes: dict[str, Change]) -> HistoryEntry:
    return HistoryEntry(
        seq=recorded.seq,
        version=recorded.version,
        type=recorded.type,
        at=recorded.recorded_at,
        actor=recorded.actor,
        request_id=recorded.request_id,
        key_id=recorded.key_id,
        reason=reason,
        changes=changes,
    )


def find_changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Change]:
    names = [*after, *(name for name in before if name not in after)]
    pairs = {name: Change(before=before.get(name), after=after.get(name)) for name in names}
    # As JSON, where 1, 1.0 and true are three values.
    return {name: pair for name, pair in pairs.items() if _bytes(pair.before) != _bytes(pair.after)}


def _bytes(value: Any) -> bytes:
    return msgspec.json.encode(value)
