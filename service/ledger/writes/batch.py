"""What a write consists of: who writes, the events, and what is stored beside them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from service.ledger.decider import Event


class Claim(msgspec.Struct, kw_only=True):
    """A request's hold on its Idempotency-Key: valid while the row has `token`; `settled` once a response is stored.

    `fingerprint` is the request's hash; of a streamed body it is complete once the body has been read.
    """

    workspace_id: UUID
    key_id: UUID
    route: str
    key: str
    token: UUID
    fingerprint: bytes
    settled: bool = False


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace, the actor shown in histories, the request that events are traced to, and the key it came with.

    Without a key, events take that of the same actor's earlier events of this request: work in the background.
    """

    workspace_id: UUID
    actor: str
    request_id: str
    key_id: UUID | None = None
    claim: Claim | None = None


class ResponseRecord(Protocol):
    """A response to store for repeats of the request. The ledger writes its columns and does not read them."""

    def columns(self) -> Mapping[str, Any]:
        """The values of the columns status, headers and body."""


class StoredText(msgspec.Struct, frozen=True, kw_only=True):
    """A text stored outside the log. Events hold only its `digest`, which is sha256(salt ‖ body)."""

    subject: UUID
    digest: bytes
    salt: bytes
    body: bytes


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event to append to a stream whose version is now `after`."""

    stream: str
    stream_id: UUID
    after: int
    event: Event


class Attachments(msgspec.Struct, frozen=True, kw_only=True):
    """Rows written in the events' statement: texts, secrets by id, and a subscription's checkpoint (name, seq)."""

    contents: Sequence[StoredText] = ()
    secrets: Sequence[tuple[UUID, bytes]] = ()
    checkpoint: tuple[str, int] | None = None


NO_ATTACHMENTS = Attachments()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one statement writes. Each stream occurs at most once."""

    entries: Sequence[Entry]
    attachments: Attachments = NO_ATTACHMENTS
    response: ResponseRecord | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    first_seq: int
    recorded_at: datetime
