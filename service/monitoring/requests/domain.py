"""Events on a logged request: feedback, promotion, erasure. The call itself is no event."""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Erased, Fault, Unprocessable
from service.ledger.decider import Decider, Digest, Event

Thumbs = Literal["up", "down"]
FEEDBACK_FIELDS = ("stars", "thumbs", "comment", "correction")
# What a thumb counts in stars.
THUMB_STARS: dict[Thumbs, float] = {"up": 5.0, "down": 1.0}
LOW_RATING = 2.0  # an answer rated this or lower has failed


class FeedbackGiven(Event):
    """Replaces earlier feedback. `at` and the model are those of the call, so that reports need no look-up."""

    at: datetime
    model_id: UUID
    model_version: str
    stars: int | None = None
    thumbs: Thumbs | None = None
    comment: Digest | None = None
    correction: Digest | None = None


class RequestPromoted(Event):
    dataset_id: UUID
    example_id: UUID


class RequestErased(Event):
    reason: str | None = None


RequestEvent = FeedbackGiven | RequestPromoted | RequestErased


class RequestState(msgspec.Struct, frozen=True, kw_only=True):
    """`examples` are the examples made from the request, by dataset."""

    feedback: FeedbackGiven | None = None
    examples: dict[UUID, UUID] = {}
    erased: bool = False


def evolve(request: RequestState | None, event: RequestEvent) -> RequestState:
    before = request or RequestState()
    match event:
        case FeedbackGiven():
            return replace(before, feedback=event)
        case RequestPromoted(dataset_id=dataset_id, example_id=example_id):
            return replace(before, examples=before.examples | {dataset_id: example_id})
        case RequestErased():
            return replace(before, erased=True)
        case _:
            assert_never(event)


REQUEST: Decider[RequestState, RequestEvent] = Decider(
    "request", events=(FeedbackGiven, RequestPromoted, RequestErased), evolve=evolve
)


def give_feedback(request: RequestState | None, feedback: FeedbackGiven) -> list[RequestEvent]:
    """Give feedback. The same feedback again records nothing. Raises Erased, or Unprocessable when it is empty."""
    if request is not None and request.erased:
        raise Erased("The request was erased; it takes no more feedback.")
    if all(getattr(feedback, name) is None for name in FEEDBACK_FIELDS):
        detail = f"Feedback needs at least one of {', '.join(FEEDBACK_FIELDS)}."
        raise Unprocessable(detail, errors=[Fault(pointer=f"/{FEEDBACK_FIELDS[0]}", detail=detail, code="empty")])
    if request is not None and request.feedback == feedback:
        return []
    return [feedback]


def promote(request: RequestState | None, *, dataset_id: UUID, example_id: UUID) -> list[RequestEvent]:
    """Record the example made from the request; a second one in the same dataset records nothing. Raises Erased."""
    if request is not None and dataset_id in request.examples:
        return []
    if request is not None and request.erased:
        raise Erased("The request was erased; it cannot become an example.")
    return [RequestPromoted(dataset_id=dataset_id, example_id=example_id)]


def erase(request: RequestState | None, *, reason: str | None) -> list[RequestEvent]:
    """Erase the texts for good. Repeating it records nothing."""
    return [] if request is not None and request.erased else [RequestErased(reason=reason)]
