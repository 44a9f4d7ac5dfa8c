"""Working a queue: claim, submit, give back, review. Leases go by the database's clock, asked before each decision."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from service.errors import Conflict, NotFound, Unprocessable
from service.labeling.annotators import Annotator, assignment_id, item_id, label_id
from service.labeling.labels import domain as words
from service.labeling.labels import queries as label_queries
from service.labeling.labels.domain import LABEL, LabelGiven
from service.labeling.labels.queries import Seen
from service.labeling.labels.schemas import Answered
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.domain import QUEUE, Queue, require_open
from service.labeling.queues.items import domain as places
from service.labeling.queues.items.domain import ITEM, Item, ItemEvent
from service.labeling.queues.queries import Offer
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.tasks.domain import TASK

ROUNDS = 5
SPARE = 8  # more offers than were asked for: others who claim at the same time may be quicker


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that is this annotator's until the lease ends."""

    offer: Offer
    until: datetime


async def the_queue(ledger: Ledger, workspace_id: UUID, dataset_id: UUID, queue_id: UUID | None) -> StreamState[Queue]:
    """The queue named, or the dataset's one that is open. Raises NotFound, or Conflict where several are."""
    if queue_id is None:
        found = await queue_queries.open_queues(ledger.engine, workspace_id, dataset_id)
        if len(found) > 1:
            raise Conflict("The dataset has several open queues; say which one by queue_id.")
        queue_id = found[0] if found else None
    stored = await ledger.find(QUEUE, workspace_id, queue_id) if queue_id else None
    if stored is None or stored.state.dataset_id != dataset_id:
        raise NotFound("The dataset has no such queue, or none that is open.")
    return stored


async def claim(
    ledger: Ledger, caller: Caller, queue: StreamState[Queue], annotator: Annotator, *, limit: int
) -> list[Taken]:
    """At most `limit` examples, none when nothing is to be had; never one that they have labelled or skipped."""
    require_open(queue.state, annotator.name)
    taken: list[Taken] = []
    for _ in range(ROUNDS):
        wanted = limit - len(taken)
        offers = await queue_queries.offers(
            ledger.engine, caller.workspace_id, queue.id, annotator, limit=wanted + SPARE
        )
        for offer in offers:
            if len(taken) < limit:
                taken += await _take(ledger, caller, queue.state, annotator, offer)
        if len(taken) == limit or not offers:
            break
    return taken


async def _take(ledger: Ledger, caller: Caller, queue: Queue, annotator: Annotator, offer: Offer) -> list[Taken]:
    """The offer, or nothing where somebody else was quicker."""
    now = await queue_queries.clock(ledger.engine)
    until = now + timedelta(seconds=queue.lease_seconds)
    decide = partial(places.claim, id_=offer.item_id, annotator=annotator, until=until, at=now)
    stored = await ledger.change(ITEM, offer.item_id, decide, caller=caller)
    place = stored.state.places.get(assignment_id(offer.item_id, annotator))
    mine = place is not None and place.state == "claimed" and place.until == until
    return [Taken(offer=offer, until=until)] if mine else []


async def assign(
    ledger: Ledger, caller: Caller, queue: StreamState[Queue], annotator: Annotator, examples: Sequence[UUID]
) -> list[UUID]:
    """Keep places for an annotator, all or none; gives the assignments' ids. Raises Conflict where one has no place."""
    require_open(queue.state, annotator.name)
    ids = [item_id(queue.id, example_id) for example_id in dict.fromkeys(examples)]

    async def gather() -> Batch:
        now = await queue_queries.clock(ledger.engine)
        entries: list[Entry] = []
        for id_ in ids:
            stored = await ledger.get(ITEM, caller.workspace_id, id_)
            events = places.assign(stored.state, id_=id_, annotator=annotator, at=now)
            entries += _entries(stored, events)
        return Batch(entries=entries)

    await ledger.change_many(caller, gather)
    return [assignment_id(id_, annotator) for id_ in ids]


async def submit(ledger: Ledger, caller: Caller, assignment: Any, data: Answered) -> None:
    """Fill the assignment's place with a label. The same again records nothing; another answer raises Conflict.

    Raises LeaseLapsed when it comes late and somebody else has the place, Unprocessable for what is no answer.
    """
    queue = await ledger.get(QUEUE, caller.workspace_id, assignment.queue_id)
    task = await ledger.get(TASK, caller.workspace_id, queue.state.task_id)
    annotator = Annotator(name=assignment.annotator, kind=assignment.kind)
    answers = data.read(task.state.questions, at="")
    if isinstance(answers, list):
        raise Unprocessable("The answers are not acceptable.", errors=answers)
    id_ = label_id(assignment.example_id, task.id, annotator)

    async def gather() -> Batch:
        item = await ledger.get(ITEM, caller.workspace_id, assignment.item_id)
        now = await queue_queries.clock(ledger.engine)
        example = await _seen(ledger, caller.workspace_id, assignment)
        texts = await label_queries.texts(ledger.engine, caller.workspace_id, [id_] if data.text is not None else [])
        given = LabelGiven(
            dataset_id=queue.state.dataset_id,
            example_id=assignment.example_id,
            task_id=task.id,
            annotator=annotator,
            answers=answers,
            task_version=task.version,
            example_version=example.version,
            content=example.content,
            text=None if data.text is None else texts[id_].seal(data.text.encode()),
            queue_id=assignment.queue_id,
            assignment_id=assignment.id,
        )
        label = await ledger.find(LABEL, caller.workspace_id, id_)
        moved = places.submit(item.state, assignment.id, label_id=id_, at=now)
        if not moved:
            _require_same(label, given)
            return Batch(entries=())
        said = Entry(stream=LABEL.stream, stream_id=id_, after=label.version if label else 0, event=given)
        contents = texts[id_].beside.contents if data.text is not None else ()
        return Batch(entries=[*_entries(item, moved), said], beside=Attachments(contents=contents))

    await ledger.change_many(caller, gather)


async def give_back(
    ledger: Ledger, caller: Caller, assignment: Any, decide: Callable[..., list[ItemEvent]], *, reason: str | None
) -> None:
    """Skip or release, as `decide` says."""
    await ledger.change(
        ITEM, assignment.item_id, lambda item: decide(item, assignment.id, reason=reason), caller=caller
    )


async def review(
    ledger: Ledger, caller: Caller, assignment: Any, *, verdict: words.Verdict, reason: str | None
) -> None:
    """Accept the label or send it back; the place and the label both say so, in one statement."""

    async def gather() -> Batch:
        item = await ledger.get(ITEM, caller.workspace_id, assignment.item_id)
        if verdict == "accepted":
            moved = places.accept(item.state, assignment.id, reason=reason)
        else:
            moved = places.send_back(item.state, assignment.id, reason=reason or "")
        label = await ledger.get(LABEL, caller.workspace_id, assignment.label_id) if assignment.label_id else None
        reviewed = words.review(label.state, verdict=verdict, reason=reason) if label else []
        said = [Entry(stream=LABEL.stream, stream_id=label.id, after=label.version, event=e) for e in reviewed if label]
        return Batch(entries=[*_entries(item, moved), *said])

    await ledger.change_many(caller, gather)


def _entries(item: StreamState[Item], events: Sequence[ItemEvent]) -> list[Entry]:
    return [Entry(stream=ITEM.stream, stream_id=item.id, after=item.version, event=event) for event in events]


async def _seen(ledger: Ledger, workspace_id: UUID, assignment: Any) -> Seen:
    there = await label_queries.seen(ledger.engine, workspace_id, assignment.dataset_id, [assignment.example_id])
    if assignment.example_id not in there:
        raise Conflict("The example was deleted meanwhile; skip it.")
    return there[assignment.example_id]


def _require_same(label: StreamState[words.Label] | None, given: LabelGiven) -> None:
    """The first word counts: after it, others' may be seen."""
    if label is None or label.state.given.answers != given.answers:
        raise Conflict("A label was submitted already; a reviewer can send it back.")
