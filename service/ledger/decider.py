"""Deciders: how the state of a stream follows from its events. Pure."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Generic, TypeVar, dataclass_transform
from uuid import UUID

import msgspec

# The recorded_at of an event before it is written. The time of the database replaces it in stored responses.
PENDING = datetime(1, 1, 1, 7, 31, 13, 190417, tzinfo=UTC)


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact, in the past tense. A new field gets a default; a class is never renamed, nor its name used again."""


Digest = str  # sha256(salt ‖ bytes) of a text stored outside the log, as 64 hex digits
State = TypeVar("State")
E = TypeVar("E", bound=Event)


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event as it is in the log, not decoded."""

    seq: int
    version: int
    type: str
    data: str
    actor: str
    recorded_at: datetime


class StreamState(msgspec.Struct, Generic[State], frozen=True, kw_only=True):
    """A stream's folded state. `version` is its ETag, `seq` the number of its last event in the workspace's log."""

    id: UUID
    state: State
    version: int
    seq: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str


def require_state(state: State | None) -> State:
    """The state before an event that is not the first of its stream. Raises ValueError when there is none."""
    if state is None:
        raise ValueError("a stream has to begin with its first event")
    return state


class Decider(Generic[State, E]):
    """A kind of stream: its name, its event classes, and `evolve`, which applies one event to the state before it."""

    def __init__(self, stream: str, *, events: tuple[type[E], ...], evolve: Callable[[State | None, E], State]) -> None:
        self.stream = stream
        self.types = frozenset(event.__name__ for event in events)
        self.evolve = evolve
        self._decoders: dict[str, msgspec.json.Decoder[E]] = {
            event.__name__: msgspec.json.Decoder(event) for event in events
        }

    def decode(self, type_: str, data: bytes | str) -> E:
        return self._decoders[type_].decode(data)

    def fold(self, stream_id: UUID, log: Iterable[RecordedEvent]) -> StreamState[State] | None:
        """The state after all events of `log`; None when there are none."""
        stored: StreamState[State] | None = None
        for recorded in log:
            stored = self.apply(stream_id, stored, self.decode(recorded.type, recorded.data), recorded)
        return stored

    def apply(
        self, stream_id: UUID, before: StreamState[State] | None, event: E, recorded: RecordedEvent
    ) -> StreamState[State]:
        """The state after one more event; `recorded` is its envelope."""
        return StreamState(
            id=stream_id,
            state=self.evolve(before.state if before else None, event),
            version=recorded.version,
            seq=recorded.seq,
            created_at=before.created_at if before else recorded.recorded_at,
            updated_at=recorded.recorded_at,
            created_by=before.created_by if before else recorded.actor,
            updated_by=recorded.actor,
        )
