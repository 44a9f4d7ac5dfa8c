"""An artifact: a file in the artifact store, named by its sha256."""

from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import NotFound, Problem
from service.ledger.decider import Decider, Event

ArtifactKind = Literal["weights", "export", "model"]


class ContentGone(Problem):
    """The content of this artifact is not in the store any more"""

    status = 410
    code = "content_gone"


class RangeUnsatisfiable(Problem):
    """The range begins after the end of the content"""

    status = 416
    code = "range_unsatisfiable"


class ArtifactOwner(msgspec.Struct, frozen=True, kw_only=True):
    """What an artifact is of."""

    kind: Literal["tune", "dataset", "model"]
    """What kind of resource."""
    id: UUID
    """Its id."""


class ArtifactStored(Event):
    """The content is in the store. `digest`: its sha256 as 64 hex digits, computed from the bytes as they came.

    `report` says what an export could not carry.
    """

    kind: ArtifactKind
    name: str
    digest: str
    bytes: int
    media_type: str
    of: ArtifactOwner
    report: dict[str, Any] = {}


class ArtifactDeleted(Event):
    """The content is about to leave the store, unless another artifact of the workspace has the same."""

    reason: str | None = None


ArtifactEvent = ArtifactStored | ArtifactDeleted


class ArtifactState(msgspec.Struct, frozen=True, kw_only=True):
    stored: ArtifactStored
    deleted: bool = False
    reason: str | None = None


def evolve(artifact: ArtifactState | None, event: ArtifactEvent) -> ArtifactState:
    match event:
        case ArtifactStored():
            return ArtifactState(stored=event)
        case ArtifactDeleted():
            if artifact is None:
                raise ValueError("a stream begins with its content")
            return replace(artifact, deleted=True, reason=event.reason)
        case _:
            assert_never(event)


ARTIFACT: Decider[ArtifactState, ArtifactEvent] = Decider(
    "artifact", events=(ArtifactStored, ArtifactDeleted), evolve=evolve
)


def store(artifact: ArtifactState | None, content: ArtifactStored) -> list[ArtifactEvent]:
    """Record the content. The same content again records nothing, unless it was deleted."""
    is_known = artifact is not None and not artifact.deleted and artifact.stored == content
    return [] if is_known else [content]


def delete(artifact: ArtifactState | None, *, reason: str | None) -> list[ArtifactEvent]:
    """Delete the content. Again is fine."""
    if artifact is None:
        raise NotFound("No such artifact.")
    return [] if artifact.deleted else [ArtifactDeleted(reason=reason)]


def require_content(artifact: ArtifactState) -> ArtifactStored:
    """Raises ContentGone when it was deleted."""
    if artifact.deleted:
        raise ContentGone("This artifact was deleted. Its digest stays in the log.")
    return artifact.stored
