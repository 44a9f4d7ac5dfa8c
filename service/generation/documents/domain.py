"""Uploaded documents: the file, the text read from it, and findings. Events hold digests of the texts."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec

from service.generation.documents.document import Finding, Kind
from service.ledger.decider import Decider, Digest, Event

DocumentStatus = Literal["read", "unreadable"]


class DocumentAdded(Event):
    """`original` is the file, `text` the Document read from it as JSON; null if nothing could be read.

    `about` is {"subject": …}, the key of the person it is about, by which an erasure finds it.
    """

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
    about: Digest | None = None


class DocumentState(msgspec.Struct, frozen=True, kw_only=True):
    added: DocumentAdded


def evolve(_: DocumentState | None, event: DocumentAdded) -> DocumentState:
    match event:
        case DocumentAdded():
            return DocumentState(added=event)
        case _:
            assert_never(event)


DOCUMENT: Decider[DocumentState, DocumentAdded] = Decider("document", events=(DocumentAdded,), evolve=evolve)
