"""HTTP responses for artifacts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.artifacts.domain import ArtifactKind, ArtifactOwner
from service.http.pagination import Page


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the artifact store."""

    id: UUID
    """The artifact's id."""
    kind: ArtifactKind
    """What it is."""
    name: str
    """The file's name."""
    digest: str
    """SHA-256 of the content, in hex. The log has it."""
    bytes: int
    """The size of the content."""
    media_type: str
    """The media type of the content."""
    of: ArtifactOwner
    """What it is of."""
    created_at: datetime
    """When it was stored."""
    created_by: str
    """The actor who stored it."""
    deleted_at: datetime | None
    """When its content was deleted. Null while it is there."""


class ArtifactPage(Page[Artifact], frozen=True, kw_only=True):
    """One page of artifacts."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What the store has now, compared with the log."""

    ok: bool
    """Whether size and digest are those of the log."""
    digest: str
    """SHA-256 that the log has, in hex."""
    computed_digest: str
    """SHA-256 of the bytes that were read, in hex."""
    bytes: int
    """The size that the log has."""
    read_bytes: int
    """How many bytes were read."""


def from_row(row: Any) -> Artifact:
    names = ("id", "kind", "name", "digest", "bytes", "media_type", "created_at", "created_by", "deleted_at")
    owner = ArtifactOwner(kind=row.of_kind, id=row.of_id)
    return Artifact(**{name: getattr(row, name) for name in names}, of=owner)
