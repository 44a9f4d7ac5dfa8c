"""Working a queue: claim, submit, give back, review. Leases go by the database's clock, asked before each decision."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from service.errors import Conflict, NotFound, Unprocessable
from service.labeling.annotators import Annotator, assignment_id, item_id, label_id
from service.labeling.labels import domain as label_domain
from service.labeling.labels import queries as label_queries
from service.labeling.labels.domain import LABEL, LabelGiven
from service.labeling.labels.queries import ExampleVersion
from service.labeling.labels.schemas import Answered
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.domain import QUEUE, QueueState, require_open
from service.labeling.queues.items import domain as item_domain
from service.labeling.queues.items.domain import ITEM, ItemEvent, QueueItem
from service.labeling.queues.queries import Offer
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.tasks.domain import TASK

MAX_ROUNDS = 5
SPARE_OFFERS = 8  # more offers than were asked for: others who claim at the same time may be quicker


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that is this annotator's until the lease ends."""

    offer: Offer
    until: datetime


async def find_queue(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, queue_id: UUID | None
) -> StreamState[QueueState]:
    """The queue named, or the dataset's one that is open. Raises NotFound, or Conflict where several are."""
    if queue_id is None:
        found = await queue_queries.list_open_queues(ledger.engine, workspace_id, dataset_id)
        if len(found) > 1:
            raise Conflict("The dataset has several open queues; say which one by queue_id.")
        queue_id = found[0] if found else None
    stored = await ledger.find(QUEUE, workspace_id, queue_id) if queue_id else None
    if stored is None or stored.state.dataset_id != dataset_id:
        raise NotFound("The dataset has no such queue, or none that is open.")
    return stored


async def claim_examples(
    ledger: Ledger, caller: Caller, queue: StreamState[QueueState], annotator: Annotator, *, limit: int
) -> list[Claim]:
    """At most `limit` examples, none when nothing is to be had; never one that they have labelled or skipped."""
    require_open(queue.state, annotator.name)
    claims: list[Claim] = []
    for _ in range(MAX_ROUNDS):
        remaining = limit - len(claims)
        offers = await queue_queries.find_offers(
            ledger.engine, caller.workspace_id, queue.id, annotator, limit=remaining + SPARE_OFFERS
        )
        for offer in offers:
            if len(claims) < limit:
                claims += await _claim_offer(ledger, caller, queue.state, annotator, offer)
        if len(claims) == limit or not offers:
            break
    return claims


async def _claim_offer(
    ledger: Ledger, caller: Caller, queue: QueueState, annotator: Annotator, offer: Offer
) -> list[Claim]:
    """The offer, or nothing where somebody else was quicker."""
    now = await queue_queries.read_clock(ledger.engine)
    until = now + timedelta(seconds=queue.lease_seconds)
    decide = partial(item_domain.claim, id_=offer.item_id, annotator=annotator, until=until, at=now)
    stored = await ledger.change(ITEM, offer.item_id, decide, caller=caller)
    slot = stored.state.slots.get(assignment_id(offer.item_id, annotator))
    claimed = slot is not None and slot.state == "claimed" and slot.until == until
    return [Claim(offer=offer, until=until)] if claimed else []


async def assign_examples(
    ledger: Ledger, caller: Caller, queue: StreamState[QueueState], annotator: Annotator, examples: Sequence[UUID]
) -> list[UUID]:
    """Keep places for an annotator, all or none; gives the assignments' ids. Raises Conflict where one has no place."""
    require_open(queue.state, annotator.name)
    ids = [item_id(queue.id, example_id) for example_id in dict.fromkeys(examples)]

    async def gather() -> Batch:
        now = await queue_queries.read_clock(ledger.engine)
        entries: list[Entry] = []
        for id_ in ids:
            stored = await ledger.get(ITEM, caller.workspace_id, id_)
            events = item_domain.assign(stored.state, id_=id_, annotator=annotator, at=now)
            entries += _entries(stored, events)
        return Batch(entries=entries)

    await ledger.change_many(caller, gather)
    return [assignment_id(id_, annotator) for id_ in ids]


async def submit_label(ledger: Ledger, caller: Caller, assignment: Any, data: Answered) -> None:
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
        now = await queue_queries.read_clock(ledger.engine)
        example = await _load_example_version(ledger, caller.workspace_id, assignment)
        texts = await label_queries.load_label_texts(
            ledger.engine, caller.workspace_id, [id_] if data.text is not None else []
        )
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
        events = item_domain.submit(item.state, assignment.id, label_id=id_, at=now)
        if not events:
            _require_same_answers(label, given)
            return Batch(entries=())
        label_entries = Entry(stream=LABEL.stream, stream_id=id_, after=label.version if label else 0, event=given)
        contents = texts[id_].beside.contents if data.text is not None else ()
        return Batch(entries=[*_entries(item, events), label_entries], beside=Attachments(contents=contents))

    await ledger.change_many(caller, gather)


async def give_back(
    ledger: Ledger, caller: Caller, assignment: Any, decide: Callable[..., list[ItemEvent]], *, reason: str | None
) -> None:
    """Skip or release, as `decide` says."""
    await ledger.change(
        ITEM, assignment.item_id, lambda item: decide(item, assignment.id, reason=reason), caller=caller
    )


async def review_label(
    ledger: Ledger, caller: Caller, assignment: Any, *, verdict: label_domain.Verdict, reason: str | None
) -> None:
    """Accept the label or send it back; the place and the label both say so, in one statement."""

    async def gather() -> Batch:
        item = await ledger.get(ITEM, caller.workspace_id, assignment.item_id)
        if verdict == "accepted":
            events = item_domain.accept(item.state, assignment.id, reason=reason)
        else:
            events = item_domain.send_back(item.state, assignment.id, reason=reason or "")
        label = await ledger.get(LABEL, caller.workspace_id, assignment.label_id) if assignment.label_id else None
        reviewed = label_domain.review(label.state, verdict=verdict, reason=reason) if label else []
        label_entries = [
            Entry(stream=LABEL.stream, stream_id=label.id, after=label.version, event=e) for e in reviewed if label
        ]
        return Batch(entries=[*_entries(item, events), *label_entries])

    await ledger.change_many(caller, gather)


def _entries(item: StreamState[QueueItem], events: Sequence[ItemEvent]) -> list[Entry]:
    return [Entry(stream=ITEM.stream, stream_id=item.id, after=item.version, event=event) for event in events]


async def _load_example_version(ledger: Ledger, workspace_id: UUID, assignment: Any) -> ExampleVersion:
    versions = await label_queries.load_example_versions(
        ledger.engine, workspace_id, assignment.dataset_id, [assignment.example_id]
    )
    if assignment.example_id not in versions:
        raise Conflict("The example was deleted meanwhile; skip it.")
    return versions[assignment.example_id]


def _require_same_answers(label: StreamState[label_domain.LabelState] | None, given: LabelGiven) -> None:
    """The first word counts: after it, others' may be seen."""
    if label is None or label.state.given.answers != given.answers:
        raise Conflict("A label was submitted already; a reviewer can send it back.")
