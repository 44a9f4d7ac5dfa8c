"""HTTP schemas of documents."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.generation.documents.document import Finding, Kind
from service.generation.documents.domain import DocumentState, DocumentStatus
from service.http.pagination import Page
from service.ledger.decider import StreamState


class UploadedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded file, and how much of its text could be read."""

    id: UUID
    """The document's id."""
    generation_id: UUID
    """The generation it belongs to."""
    name: str | None
    """The file name it was uploaded with."""
    state: DocumentStatus
    """`read` if text was extracted, else `unreadable`; see `findings`."""
    kind: Kind | None
    """The format it was read as; null if unreadable."""
    size: int
    """Size of the file in bytes."""
    pages: int | None
    """Number of pages; null where the format has none."""
    characters: int | None
    """Characters of extracted text; null if unreadable."""
    findings: list[Finding]
    """Problems with the file or with single pages."""
    created_at: datetime
    """When it was uploaded."""
    created_by: str
    """Who uploaded it."""


class DocumentPage(Page[UploadedDocument], frozen=True, kw_only=True):
    """One page of documents, the oldest first."""


SAME_FIELDS = ("generation_id", "name", "kind", "size", "pages", "characters")


def document_from_state(stored: StreamState[DocumentState]) -> UploadedDocument:
    added = stored.state.added
    return UploadedDocument(
        id=stored.id,
        state="unreadable" if added.text is None else "read",
        findings=list(added.findings),
        created_at=stored.created_at,
        created_by=stored.created_by,
        **{name: getattr(added, name) for name in SAME_FIELDS},
    )


def document_from_row(row: Any) -> UploadedDocument:
    return UploadedDocument(
        id=row.id,
        state="unreadable" if row.text is None else "read",
        findings=row.findings or [],
        created_at=row.created_at,
        created_by=row.created_by,
        **{name: getattr(row, name) for name in SAME_FIELDS},
    )
