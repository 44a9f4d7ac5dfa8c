"""Uploads: documents that were sent, what they were read as, and what was wrong with them. Texts are digests here."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec

from service.generation.documents.document import Finding, Kind
from service.ledger.decider import Decider, Event

Digest = str  # sha256(salt ‖ bytes) as 64 hex digits
DocumentState = Literal["read", "unreadable"]


class DocumentAdded(Event):
    """`original` is the file, `text` what was read of it (a Document as JSON), absent where nothing could be."""

    generation_id: UUID
    original: Digest
    size: int
    name: str | None = None
    declared: str | None = None
    kind: Kind | None = None
    pages: int | None = None
    characters: int | None = None
    text: Digest | None = None
    findings: tuple[Finding, ...] = ()


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    added: DocumentAdded


def evolve(_: Upload | None, event: DocumentAdded) -> Upload:
    match event:
        case DocumentAdded():
            return Upload(added=event)
        case _:
            assert_never(event)


DOCUMENT: Decider[Upload, DocumentAdded] = Decider("document", events=(DocumentAdded,), evolve=evolve)
