"""What callers send and see of candidates."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.examples.chat_content import Content
from service.datasets.examples.domain import Mismatch
from service.datasets.examples.schemas import MOST_AT_ONCE, OnInvalid, Tags
from service.generation.candidates.domain import Candidate as State
from service.generation.candidates.domain import CandidateState, DocumentPlace, Origin
from service.generation.queries import CandidateFilter
from service.http.bodies import Body, Reason
from service.http.pagination import Page
from service.inference.domain import Served

Ids = Annotated[list[UUID], Meta(max_length=MOST_AT_ONCE)]


class CandidateEdit(Body):
    """The candidate with another content; it is accepted so."""

    candidate_id: UUID
    content: Content


class AcceptCandidates(Body):
    """Which are to become examples: by id, edited, or all that wait and match, up to 1,000 at once.

    `on_invalid` is about edited contents that fail the task's schema.
    """

    candidate_ids: Ids = []
    edits: Annotated[list[CandidateEdit], Meta(max_length=MOST_AT_ONCE)] = []
    matching: CandidateFilter | None = None
    tags: Tags = []
    on_invalid: OnInvalid = "refuse"
    reason: Reason | None = None


class RejectCandidates(Body):
    """Which are not to become examples, and why: by id, or all that wait and match, up to 1,000 at once."""

    reason: Reason
    candidate_ids: Ids = []
    matching: CandidateFilter | None = None


class CandidateContent(Body):
    """`key` is the sender's own name for it: what was sent under a key before is not made again."""

    content: Content
    metadata: dict[str, Any] | None = None
    key: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*$")] | None = None


class NewCandidates(Body):
    """What another program proposes, to be reviewed like what is made here."""

    candidates: Annotated[list[CandidateContent], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class FromPredictions(Body):
    """A prompt's batch run whose predictions are to be candidates; those that failed are left out."""

    run_id: UUID


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed example, with where it is from. `content` is null where there is none, or once erased.

    `code` and `detail` say why it was dropped or failed, or could not be judged. `calls` are the model's answers that
    led to it, by step; `score` is the judge's, 1 to 5. `twin` is what it repeats, by a `similarity` of 0 to 1.
    `grounding` is the share of the answer's telling words that stand in the document.
    """

    id: UUID
    generation_id: UUID
    state: CandidateState
    origin: Origin
    content: Content | None
    metadata: dict[str, Any] | None
    edited: bool
    code: str | None
    detail: str | None
    run_id: UUID | None
    calls: dict[str, UUID]
    served: Served | None
    prompt_id: UUID | None
    prompt_version: int | None
    topic_id: UUID | None
    topic_path: list[str]
    category: str | None
    temperature: float | None
    score: float | None
    twin: UUID | None
    similarity: float | None
    document: DocumentPlace | None
    grounding: float | None
    predicted_for: UUID | None
    valid: bool
    mismatches: list[Mismatch]
    task_version: int | None
    example_id: UUID | None
    reason: str | None
    version: int
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str | None


class CandidatePage(Page[Candidate], frozen=True, kw_only=True):
    """One page of candidates, in the order in which they were made."""


class CandidateDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a candidate. `new` is false where it was decided so before; `refused`: where it was otherwise."""

    candidate_id: UUID
    outcome: Literal["accepted", "rejected", "refused"]
    new: bool
    example_id: UUID | None = None
    code: str | None = None
    detail: str | None = None


class CandidateDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """One entry a candidate, in the order of the request. `remaining` still wait, of those that match."""

    data: list[CandidateDecision]
    remaining: int


class CandidateIds(msgspec.Struct, frozen=True, kw_only=True):
    """The candidates that there are now, in the order of what was given; `new` of them were made by this request."""

    data: list[UUID]
    new: int


PLAIN = (
    "id generation_id state origin edited code detail run_id prompt_id prompt_version topic_id category temperature"
    " score twin similarity grounding predicted_for task_version example_id reason version created_at created_by"
    " decided_at decided_by"
)


def from_row(row: Any) -> Candidate:
    """A row of `queries.list_candidates`. What is JSON already goes out as it is."""
    return Candidate(
        content=_raw(row.body),
        metadata=_raw(row.meta),
        calls=row.calls or {},
        served=row.served,
        topic_path=row.topic_path or [],
        document=row.document,
        valid=not row.invalid,
        mismatches=row.invalid or [],
        **{name: getattr(row, name) for name in PLAIN.split()},
    )


def in_words(state: State, texts: dict[str, bytes]) -> dict[str, Any]:
    """The fields that a history tells of; null for what was erased."""
    said = texts.get(state.content or "")
    return {
        "state": state.state,
        "content": None if said is None else msgspec.json.decode(said),
        "edited": state.edited,
        "example_id": None if state.example_id is None else str(state.example_id),
        "code": state.made.code,
        "score": state.made.score,
    }


def _raw(text: Any) -> Any:
    return None if text is None else msgspec.Raw(bytes(text))
