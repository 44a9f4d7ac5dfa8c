"""Candidates: proposed examples from a model, a prompt or a program, until a person accepts or rejects them."""

from typing import Literal, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.datasets.examples.domain import Mismatch
from service.errors import Conflict, NotFound
from service.inference.domain import Served
from service.ledger.decider import Decider, Digest, Event, require_state

CandidateStatus = Literal["proposed", "dropped", "failed", "accepted", "rejected"]
Origin = Literal["topic", "document", "prediction", "sent"]


class DocumentPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a document that a text is from."""

    document_id: UUID
    """The document the text is from."""
    start: int
    """First character, counted from 0 in the document's text."""
    end: int
    """The character after the last one."""
    page: int | None = None
    """Page number from 1; null where the format has no pages."""


class CandidateMade(Event):
    """Its texts are stored under `subject`, the id of the example that it would become: erasing one erases both.

    `calls` are the model calls that led to it, by step. `content` is null when there is nothing to review.

    `code` and `detail` say why it was dropped or failed. `twin` is the example or candidate that it repeats, with a
    `similarity` from 0 to 1. `grounding` is the share of the answer's content words that occur in its source.
    `predicted_for` is the example that a prompt answered.
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
    """It became the example. `content` is the edited content, if a person edited it first."""

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
    """The candidate was already decided"""

    code = "decided"


def evolve(candidate: CandidateState | None, event: CandidateEvent) -> CandidateState:
    if isinstance(event, CandidateMade):
        return CandidateState(made=event, state=event.state, content=event.content)
    candidate = require_state(candidate)
    match event:
        case CandidateAccepted(example_id=example_id, content=content):
            accepted = replace(candidate, state="accepted", example_id=example_id)
            return replace(accepted, content=content, edited=True) if content is not None else accepted
        case CandidateRejected():
            return replace(candidate, state="rejected")
        case _:
            assert_never(event)


CANDIDATE: Decider[CandidateState, CandidateEvent] = Decider(
    "candidate", events=(CandidateMade, CandidateAccepted, CandidateRejected), evolve=evolve
)


def derive_candidate_id(run_id: UUID, key: str) -> UUID:
    """The same id for the same row of a run, so that none is recorded twice."""
    return uuid5(run_id, f"candidate/{key}")


def derive_example_id(candidate_id: UUID) -> UUID:
    """The id of the example that the candidate becomes when it is accepted."""
    return uuid5(candidate_id, "example")


def accept(
    candidate: CandidateState | None, *, example_id: UUID, content: Digest | None = None, reason: str | None = None
) -> list[CandidateEvent]:
    """Make it an example, as it is or with another `content`. Accepting it again records nothing.

    A dropped candidate can be accepted too. Raises AlreadyDecided if it was rejected, or accepted with another
    content; Conflict if it has no content.
    """
    candidate = _require_candidate(candidate)
    if candidate.state == "accepted" and content in (None, candidate.content):
        return []
    if candidate.state in ("accepted", "rejected"):
        raise AlreadyDecided(f"The candidate was already {candidate.state}.")
    if candidate.state == "failed" or (candidate.content is None and content is None):
        raise Conflict("The candidate failed and has no content to accept.")
    return [CandidateAccepted(example_id=example_id, content=content, reason=reason)]


def reject(candidate: CandidateState | None, *, reason: str | None) -> list[CandidateEvent]:
    """Keep it out of the dataset. Rejecting it again records nothing; raises AlreadyDecided if it was accepted."""
    candidate = _require_candidate(candidate)
    if candidate.state == "rejected":
        return []
    if candidate.state == "accepted":
        raise AlreadyDecided("The candidate was already accepted.")
    return [CandidateRejected(reason=reason)]


def _require_candidate(candidate: CandidateState | None) -> CandidateState:
    if candidate is None:
        raise NotFound("No such candidate.")
    return candidate
