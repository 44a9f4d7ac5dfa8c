"""Candidates: what a model, a prompt or a program proposes as an example, until a person accepts or rejects it."""

from typing import Literal, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.datasets.examples.domain import Mismatch
from service.errors import Conflict, NotFound
from service.inference.domain import Served
from service.ledger.decider import Decider, Event

Digest = str  # sha256(salt ‖ bytes) as 64 hex digits
CandidateStatus = Literal["proposed", "dropped", "failed", "accepted", "rejected"]
Origin = Literal["topic", "document", "prediction", "sent"]


class DocumentPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in a document it is from: characters of its text, and the page where the format has pages, from 1."""

    document_id: UUID
    """The document the text is from."""
    start: int
    """First character, counted from 0 in the document's text."""
    end: int
    """The character after the last one."""
    page: int | None = None
    """Page number from 1; null where the format has no pages."""


class CandidateMade(Event):
    """Its texts lie under `subject`, the id of the example that it becomes: to erase the one erases the other.

    `calls` are the questions that led to it, by step. `content` is null where there is nothing to be reviewed.

    A dropped or failed one says why in `code` and `detail`; `twin` is the example or candidate that it repeats, by a
    `similarity` from 0 to 1. `grounding` is the share of the answer's words that stand in its source;
    `predicted_for` the example that a prompt answered.
    """

    generation_id: UUID
    origin: Origin
    subject: UUID
    state: Literal["proposed", "dropped", "failed"] = "proposed"
    content: Digest | None = None
    metadata: Digest | None = None
    code: str | None = None
    detail: str | None = None
    run_id: UUID | None = None
    calls: dict[str, UUID] = {}
    served: Served | None = None
    prompt_id: UUID | None = None
    prompt_version: int | None = None
    topic_id: UUID | None = None
    topic_path: tuple[str, ...] = ()
    category: str | None = None
    temperature: float | None = None
    score: float | None = None
    twin: UUID | None = None
    similarity: float | None = None
    document: DocumentPlace | None = None
    grounding: float | None = None
    predicted_for: UUID | None = None
    invalid: tuple[Mismatch, ...] = ()
    task_version: int | None = None


class CandidateAccepted(Event):
    """It became the example; `content` is what a person made of it first."""

    example_id: UUID
    content: Digest | None = None
    reason: str | None = None


class CandidateRejected(Event):
    reason: str | None = None


CandidateEvent = CandidateMade | CandidateAccepted | CandidateRejected


class CandidateState(msgspec.Struct, frozen=True, kw_only=True):
    made: CandidateMade
    state: CandidateStatus
    content: Digest | None
    edited: bool = False
    example_id: UUID | None = None


class AlreadyDecided(Conflict):
    """The candidate was decided on already"""

    code = "decided"


def evolve(candidate: CandidateState | None, event: CandidateEvent) -> CandidateState:
    if isinstance(event, CandidateMade):
        return CandidateState(made=event, state=event.state, content=event.content)
    assert candidate is not None  # noqa: S101 - a stream begins with its making
    match event:
        case CandidateAccepted(example_id=example_id, content=content):
            now = replace(candidate, state="accepted", example_id=example_id)
            return replace(now, content=content, edited=True) if content is not None else now
        case CandidateRejected():
            return replace(candidate, state="rejected")
        case _:
            assert_never(event)


CANDIDATE: Decider[CandidateState, CandidateEvent] = Decider(
    "candidate", events=(CandidateMade, CandidateAccepted, CandidateRejected), evolve=evolve
)


def candidate_id(run_id: UUID, key: str) -> UUID:
    """The same for the same row of a run, so that none is made twice."""
    return uuid5(run_id, f"candidate/{key}")


def example_id_of(candidate_id: UUID) -> UUID:
    """The example that it becomes, if it does."""
    return uuid5(candidate_id, "example")


def accept(
    candidate: CandidateState | None, *, example_id: UUID, content: Digest | None = None, reason: str | None = None
) -> list[CandidateEvent]:
    """Make it an example, as it is or with another `content`. Accepting it again records nothing.

    A dropped one may be accepted all the same. Raises Decided when it was rejected, or accepted with another content;
    Conflict when there is nothing in it.
    """
    before = _existing(candidate)
    if before.state == "accepted" and content in (None, before.content):
        return []
    if before.state in ("accepted", "rejected"):
        raise AlreadyDecided(f"The candidate was {before.state} already.")
    if before.state == "failed" or (before.content is None and content is None):
        raise Conflict("The candidate failed: there is nothing in it to accept.")
    return [CandidateAccepted(example_id=example_id, content=content, reason=reason)]


def reject(candidate: CandidateState | None, *, reason: str | None) -> list[CandidateEvent]:
    """Keep it out of the dataset. Rejecting it again records nothing; raises Decided when it was accepted."""
    before = _existing(candidate)
    if before.state == "rejected":
        return []
    if before.state == "accepted":
        raise AlreadyDecided("The candidate was accepted already.")
    return [CandidateRejected(reason=reason)]


def _existing(candidate: CandidateState | None) -> CandidateState:
    if candidate is None:
        raise NotFound("No such candidate.")
    return candidate
