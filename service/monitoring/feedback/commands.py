"""Feedback on logged requests: one at a time, or at once with the calls it is about."""

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
    ledger: Ledger, caller: Caller, request_id: UUID, given: NewFeedback, *, expected: int | None
) -> int:
    """Judge one request; the version of its stream after that. Raises NotFound, Erased, Stale, Unprocessable."""
    request = await get_request(ledger.engine, caller.workspace_id, request_id)
    wording = await load_example_texts(ledger.engine, caller.workspace_id, request_id)
    event = _build_event(request, given, wording)
    change: Callable[[RequestState | None], list[RequestEvent]] = partial(domain.give_feedback, feedback=event)
    stored = await ledger.change(
        REQUEST, request_id, change, caller=caller, expected=expected, attachments=wording.attachments
    )
    return stored.version


async def give_initial_feedback(ledger: Ledger, caller: Caller, given: Mapping[UUID, NewFeedback]) -> None:
    """Judge requests that nobody has judged yet: a call that is logged again says nothing new.

    What came with a call that was logged, and was lost when the process died, is given when the call is repeated.
    """
    if not given:
        return

    async def gather() -> Batch:
        streams = await load_many(ledger, REQUEST, caller.workspace_id, given)
        fresh = [id_ for id_, said in given.items() if id_ not in streams and said != NewFeedback()]
        return await _build_batch(ledger, caller, given, fresh) if fresh else Batch(entries=())

    with suppress(LostRace):
        await ledger.change_many(caller, gather)


async def _build_batch(
    ledger: Ledger, caller: Caller, given: Mapping[UUID, NewFeedback], fresh: Sequence[UUID]
) -> Batch:
    wordings = {id_: SubjectTexts(id_) for id_ in fresh}
    found = await get_requests(ledger.engine, caller.workspace_id, fresh)
    entries = [
        Entry(stream=REQUEST.stream, stream_id=r.id, after=0, event=_build_event(r, given[r.id], wordings[r.id]))
        for r in found
    ]
    contents = [content for wording in wordings.values() for content in wording.attachments.contents]
    return Batch(entries=entries, attachments=Attachments(contents=contents))


def _build_event(request: LoggedRequest, given: NewFeedback, wording: SubjectTexts) -> FeedbackGiven:
    return FeedbackGiven(
        at=request.at,
        model_id=request.model_id,
        model_version=request.version,
        stars=given.stars,
        thumbs=given.thumbs,
        comment=None if given.comment is None else wording.add(given.comment.encode()),
        correction=None if given.correction is None else wording.add(given.correction.encode()),
    )
