"""HTTP schemas of candidates."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.examples.chat_content import Content
from service.datasets.examples.domain import Mismatch
from service.datasets.examples.schemas import MOST_AT_ONCE, OnInvalid, Tags
from service.generation.candidates.domain import CandidateState, CandidateStatus, DocumentPlace, Origin
from service.generation.queries import CandidateFilter
from service.http.bodies import Body, Reason
from service.http.pagination import Page
from service.inference.domain import Served

Ids = Annotated[list[UUID], Meta(max_length=MOST_AT_ONCE)]


class CandidateEdit(Body):
    """A candidate to accept with another content."""

    candidate_id: UUID
    """The candidate to accept with this content."""
    content: Content
    """The content of the example; it replaces the candidate's own."""


class AcceptCandidates(Body):
    """The candidates to accept: by id, with edits, or all proposed ones that match a filter; up to 1,000 at once."""

    candidate_ids: Ids = []
    """Candidates to accept as they are; up to 1,000."""
    edits: Annotated[list[CandidateEdit], Meta(max_length=MOST_AT_ONCE)] = []
    """Candidates to accept with another content; up to 1,000."""
    matching: CandidateFilter | None = None
    """Accept proposed candidates that match this filter, up to 1,000 in one request."""
    tags: Tags = []
    """Tags for the new examples."""
    on_invalid: OnInvalid = "refuse"
    """What to do with an edited content that does not match the task's schema."""
    reason: Reason | None = None
    """Why they are accepted; the history shows it."""


class RejectCandidates(Body):
    """The candidates to reject: by id, or all proposed ones that match a filter; up to 1,000 at once."""

    reason: Reason
    """Why they are rejected; the history shows it."""
    candidate_ids: Ids = []
    """Candidates to reject; up to 1,000."""
    matching: CandidateFilter | None = None
    """Reject proposed candidates that match this filter, up to 1,000 in one request."""


class CandidateContent(Body):
    """An example that another program proposes."""

    content: Content
    """The proposed example: its messages and tools."""
    metadata: dict[str, Any] | None = None
    """Any JSON object to store with it."""
    key: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*$")] | None = None
    """Your own key for this candidate. A key that was sent before creates no second candidate."""


class NewCandidates(Body):
    """Candidates from another program. They are reviewed like generated ones."""

    candidates: Annotated[list[CandidateContent], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    """The candidates to add; up to 1,000."""


class FromPredictions(Body):
    """A prompt's batch run whose predictions become candidates. Failed predictions are left out."""

    run_id: UUID
    """The finished batch run of a prompt."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed example, and where it is from."""

    id: UUID
    """The candidate's id."""
    generation_id: UUID
    """The generation it belongs to."""
    state: CandidateStatus
    """Proposed, or dropped or failed before review, or accepted or rejected by a person."""
    origin: Origin
    """Where it is from: a topic, a document, a prompt's prediction, or another program that sent it."""
    content: Content | None
    """The proposed example; null if there is none or it was erased."""
    metadata: dict[str, Any] | None
    """The JSON object stored with it; null if there is none or it was erased."""
    edited: bool
    """True if a person changed the content when accepting it."""
    code: str | None
    """Machine-readable reason why it was dropped, failed or could not be judged."""
    detail: str | None
    """The same reason as a sentence."""
    run_id: UUID | None
    """The run that created it; null if another program sent it."""
    calls: dict[str, UUID]
    """Ids of the model calls that led to it, by step."""
    served: Served | None
    """The model and connection that answered."""
    prompt_id: UUID | None
    """The prompt that wrote the output; null if none was used."""
    prompt_version: int | None
    """The version of that prompt."""
    topic_id: UUID | None
    """The topic it is about."""
    topic_path: list[str]
    """The topic's name with the names above it, outermost first."""
    category: str | None
    """The category that the input was written for."""
    temperature: float | None
    """The sampling temperature used for the input or, from documents, for the pair."""
    score: float | None
    """The judge's score, 1 to 5; null if no judge scored it."""
    twin: UUID | None
    """The example or candidate that it repeats."""
    similarity: float | None
    """Similarity to `twin`, 0 to 1."""
    document: DocumentPlace | None
    """Where in a document its text is from."""
    grounding: float | None
    """Share of the answer's content words that occur in the source text, 0 to 1."""
    predicted_for: UUID | None
    """The example whose input the prompt answered."""
    valid: bool
    """False if the content does not match the task's schema."""
    mismatches: list[Mismatch]
    """Where the content does not match the task's schema."""
    task_version: int | None
    """The version of the task it was checked against."""
    example_id: UUID | None
    """The example it became; null unless accepted."""
    reason: str | None
    """The reason given when it was accepted or rejected."""
    version: int
    """Grows by 1 with every change."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    decided_at: datetime | None
    """When it was accepted or rejected; null until then."""
    decided_by: str | None
    """Who accepted or rejected it; null until then."""


class CandidatePage(Page[Candidate], frozen=True, kw_only=True):
    """One page of candidates, oldest first."""


class CandidateDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one candidate."""

    candidate_id: UUID
    """The candidate decided on."""
    outcome: Literal["accepted", "rejected", "refused"]
    """What is true of it now; `refused` if this request could not change it."""
    new: bool
    """False if the same decision had been made before."""
    example_id: UUID | None = None
    """The example it became, if accepted."""
    code: str | None = None
    """Error code, if refused."""
    detail: str | None = None
    """Why it was refused, as a sentence."""


class CandidateDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """The outcomes for all candidates of a request."""

    data: list[CandidateDecision]
    """One entry per candidate, in the order of the request."""
    remaining: int
    """How many matching candidates are still proposed; repeat the request for them."""


class CandidateIds(msgspec.Struct, frozen=True, kw_only=True):
    """The candidates of a request, created by it or before."""

    data: list[UUID]
    """Ids of the candidates, in the order of the request."""
    new: int
    """How many of them this request created."""


SAME_FIELDS = (
    "id generation_id state origin edited code detail run_id prompt_id prompt_version topic_id category temperature"
    " score twin similarity grounding predicted_for task_version example_id reason version created_at created_by"
    " decided_at decided_by"
)


def candidate_from_row(row: Any) -> Candidate:
    """A candidate from a row of `queries.list_candidates`. Texts are passed on as raw JSON."""
    return Candidate(
        content=_to_raw(row.body),
        metadata=_to_raw(row.meta),
        calls=row.calls or {},
        served=row.served,
        topic_path=row.topic_path or [],
        document=row.document,
        valid=not row.invalid,
        mismatches=row.invalid or [],
        **{name: getattr(row, name) for name in SAME_FIELDS.split()},
    )


def history_fields(state: CandidateState, texts: dict[str, bytes]) -> dict[str, Any]:
    """The fields that a history shows; erased content is null."""
    content = texts.get(state.content or "")
    return {
        "state": state.state,
        "content": None if content is None else msgspec.json.decode(content),
        "edited": state.edited,
        "example_id": None if state.example_id is None else str(state.example_id),
        "code": state.made.code,
        "score": state.made.score,
    }


def _to_raw(text: Any) -> Any:
    return None if text is None else msgspec.Raw(bytes(text))
