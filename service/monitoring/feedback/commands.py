"""Give feedback on logged requests: on one, or on a batch that was logged with feedback."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from uuid import UUID

from service.datasets.examples.queries import load_example_texts
from service.ledger.retry import LostRace
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, load_many
from service.ledger.texts import SubjectTexts
from service.monitoring.requests import domain
from service.monitoring.requests.domain import REQUEST, FeedbackGiven, RequestEvent, RequestState
from service.monitoring.requests.queries import get_request, get_requests
from service.monitoring.requests.schemas import LoggedRequest, NewFeedback


async def give_feedback(
    ledger: Ledger, caller: Caller, request_id: UUID, feedback: NewFeedback, *, expected: int | None
) -> int:
    """Give feedback on one request; returns its stream's new version. Raises NotFound, Erased, Stale, Unprocessable."""
    request = await get_request(ledger.engine, caller.workspace_id, request_id)
    texts = await load_example_texts(ledger.engine, caller.workspace_id, request_id)
    event = _build_event(request, feedback, texts)
    change: Callable[[RequestState | None], list[RequestEvent]] = partial(domain.give_feedback, feedback=event)
    stored = await ledger.change(
        REQUEST, request_id, change, caller=caller, expected=expected, attachments=texts.attachments
    )
    return stored.version


async def give_initial_feedback(ledger: Ledger, caller: Caller, feedback: Mapping[UUID, NewFeedback]) -> None:
    """Give feedback on those of the requests that have none yet.

    A repeated call changes no feedback, but adds it if the process died after the call was logged.
    """
    if not feedback:
        return

    async def gather() -> Batch:
        streams = await load_many(ledger, REQUEST, caller.workspace_id, feedback)
        new = [id_ for id_, each in feedback.items() if id_ not in streams and each != NewFeedback()]
        return await _build_batch(ledger, caller, feedback, new) if new else Batch(entries=())

    with suppress(LostRace):
        await ledger.change_many(caller, gather)


async def _build_batch(
    ledger: Ledger, caller: Caller, feedback: Mapping[UUID, NewFeedback], request_ids: Sequence[UUID]
) -> Batch:
    texts = {id_: SubjectTexts(id_) for id_ in request_ids}
    requests = await get_requests(ledger.engine, caller.workspace_id, request_ids)
    entries = [
        Entry(stream=REQUEST.stream, stream_id=r.id, after=0, event=_build_event(r, feedback[r.id], texts[r.id]))
        for r in requests
    ]
    contents = [content for each in texts.values() for content in each.attachments.contents]
    return Batch(entries=entries, attachments=Attachments(contents=contents))


def _build_event(request: LoggedRequest, feedback: NewFeedback, texts: SubjectTexts) -> FeedbackGiven:
    return FeedbackGiven(
        at=request.at,
        model_id=request.model_id,
        model_version=request.version,
        stars=feedback.stars,
        thumbs=feedback.thumbs,
        comment=None if feedback.comment is None else texts.add(feedback.comment.encode()),
        correction=None if feedback.correction is None else texts.add(feedback.correction.encode()),
    )
