"""Work on a queue: claim, submit, withdraw, give back, review.

Leases use the database's clock, which is read before each decision.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from service.datasets import domain as dataset_domain
from service.datasets.domain import DATASET
from service.datasets.examples.ratings import Vote
from service.errors import Conflict, NotFound, Unprocessable
from service.labeling.annotators import Annotator, build_assignment_id, build_item_id, build_label_id
from service.labeling.labels import domain as label_domain
from service.labeling.labels import queries as label_queries
from service.labeling.labels.domain import LABEL, LabelDecided, LabelGiven
from service.labeling.labels.queries import ExampleVersion
from service.labeling.labels.schemas import Answered
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.domain import QUEUE, QueueState, require_active, require_open
from service.labeling.queues.items import domain as item_domain
from service.labeling.queues.items.domain import ITEM, ItemEvent, QueueItem
from service.labeling.queues.queries import Offer
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.tasks.domain import TASK

MAX_ROUNDS = 5
SPARE_OFFERS = 8  # load more offers than requested: others may claim some of them at the same time


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An example that this annotator has until the lease ends."""

    offer: Offer
    until: datetime


async def find_queue(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, queue_id: UUID | None
) -> StreamState[QueueState]:
    """Find the named queue, or the dataset's only open one. Raises NotFound, or Conflict if several are open."""
    if queue_id is None:
        open_ids = await queue_queries.list_open_queues(ledger.engine, workspace_id, dataset_id)
        if len(open_ids) > 1:
            raise Conflict("The dataset has several open queues; give `queue_id`.")
        queue_id = open_ids[0] if open_ids else None
    queue = await ledger.find(QUEUE, workspace_id, queue_id) if queue_id else None
    if queue is None or queue.state.dataset_id != dataset_id:
        raise NotFound("The dataset has no such queue, or no open queue.")
    return queue


async def require_workable(ledger: Ledger, workspace_id: UUID, queue: QueueState) -> None:
    """Raises Archived if the queue or its dataset is archived."""
    require_active(queue)
    dataset_domain.require_active((await ledger.get(DATASET, workspace_id, queue.dataset_id)).state)


async def get_workable_queue(ledger: Ledger, workspace_id: UUID, queue_id: UUID) -> StreamState[QueueState]:
    """Get the queue to work on. Raises NotFound, and Archived if the queue or its dataset is archived."""
    queue = await ledger.get(QUEUE, workspace_id, queue_id)
    await require_workable(ledger, workspace_id, queue.state)
    return queue


async def claim_examples(
    ledger: Ledger, caller: Caller, queue: StreamState[QueueState], annotator: Annotator, *, limit: int
) -> list[Claim]:
    """Claim up to `limit` examples that the annotator has neither labeled nor skipped; none if none are free."""
    await require_workable(ledger, caller.workspace_id, queue.state)
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
    """Claim one offer. Returns an empty list if somebody else was faster."""
    now = await queue_queries.read_clock(ledger.engine)
    until = now + timedelta(seconds=queue.lease_seconds)
    decide = partial(item_domain.claim, id_=offer.item_id, annotator=annotator, until=until, at=now)
    item = await ledger.change(ITEM, offer.item_id, decide, caller=caller)
    slot = item.state.slots.get(build_assignment_id(offer.item_id, annotator))
    claimed = slot is not None and slot.state == "claimed" and slot.until == until
    return [Claim(offer=offer, until=until)] if claimed else []


async def assign_examples(
    ledger: Ledger, caller: Caller, queue: StreamState[QueueState], annotator: Annotator, examples: Sequence[UUID]
) -> list[UUID]:
    """Reserve a slot of each example, all or none, and return the assignments' ids. Raises Conflict if one is full."""
    await require_workable(ledger, caller.workspace_id, queue.state)
    require_open(queue.state, annotator.name)
    ids = [build_item_id(queue.id, example_id) for example_id in dict.fromkeys(examples)]

    async def gather() -> Batch:
        now = await queue_queries.read_clock(ledger.engine)
        entries: list[Entry] = []
        for id_ in ids:
            item = await ledger.get(ITEM, caller.workspace_id, id_)
            events = item_domain.assign(item.state, id_=id_, annotator=annotator, at=now)
            entries += _build_entries(item, events)
        return Batch(entries=entries)

    await ledger.change_many(caller, gather)
    return [build_assignment_id(id_, annotator) for id_ in ids]


async def submit_label(ledger: Ledger, caller: Caller, assignment: Any, data: Answered) -> None:
    """Submit the assignment's label. Repeating the same answers records nothing; other answers raise Conflict.

    Raises LeaseLapsed after the lease if another annotator took the slot, Unprocessable for invalid answers.
    """
    queue = await get_workable_queue(ledger, caller.workspace_id, assignment.queue_id)
    task = await ledger.get(TASK, caller.workspace_id, queue.state.task_id)
    annotator = Annotator(name=assignment.annotator, kind=assignment.kind)
    answers = data.parse_answers(task.state.questions, pointer="")
    if isinstance(answers, list):
        raise Unprocessable("The answers are invalid; see `errors`.", errors=answers)
    id_ = build_label_id(assignment.example_id, task.id, annotator)

    async def gather() -> Batch:
        item = await ledger.get(ITEM, caller.workspace_id, assignment.item_id)
        now = await queue_queries.read_clock(ledger.engine)
        example = await _load_example_version(ledger, caller.workspace_id, assignment)
        texts = await label_queries.load_label_texts(
            ledger.engine, caller.workspace_id, [id_] if data.text is not None else []
        )
        label_given = LabelGiven(
            dataset_id=queue.state.dataset_id,
            example_id=assignment.example_id,
            task_id=task.id,
            annotator=annotator,
            answers=answers,
            task_version=task.version,
            example_version=example.version,
            content=example.content,
            text=None if data.text is None else texts[id_].add(data.text.encode()),
            queue_id=assignment.queue_id,
            assignment_id=assignment.id,
        )
        label = await ledger.find(LABEL, caller.workspace_id, id_)
        events = item_domain.submit(item.state, assignment.id, label_id=id_, at=now)
        if not events:
            _require_same_answers(label, label_given)
            return Batch(entries=())
        label_entry = Entry(stream=LABEL.stream, stream_id=id_, after=label.version if label else 0, event=label_given)
        contents = texts[id_].attachments.contents if data.text is not None else ()
        return Batch(entries=[*_build_entries(item, events), label_entry], attachments=Attachments(contents=contents))

    await ledger.change_many(caller, gather)


async def withdraw_label(ledger: Ledger, caller: Caller, assignment: Any, *, reason: str | None) -> None:
    """Take the submitted label back and start a new lease. Repeating it records nothing.

    Raises LabelDecided if a reviewer accepted the label, or a consensus counted it.
    """
    queue = await get_workable_queue(ledger, caller.workspace_id, assignment.queue_id)

    async def gather() -> Batch:
        item = await ledger.get(ITEM, caller.workspace_id, assignment.item_id)
        until = await queue_queries.read_clock(ledger.engine) + timedelta(seconds=queue.state.lease_seconds)
        events = item_domain.withdraw(item.state, assignment.id, until=until, reason=reason)
        if not events:
            return Batch(entries=())
        label = await ledger.get(LABEL, caller.workspace_id, assignment.label_id)
        await _require_uncounted(ledger, caller.workspace_id, label.state.given)
        entries = _build_label_entries(label, label_domain.withdraw(label.state, reason=reason))
        return Batch(entries=[*_build_entries(item, events), *entries])

    await ledger.change_many(caller, gather)


async def give_back(
    ledger: Ledger, caller: Caller, assignment: Any, decide: Callable[..., list[ItemEvent]], *, reason: str | None
) -> None:
    """Skip or release the assignment; `decide` says which."""
    await get_workable_queue(ledger, caller.workspace_id, assignment.queue_id)
    await ledger.change(
        ITEM, assignment.item_id, lambda item: decide(item, assignment.id, reason=reason), caller=caller
    )


async def review_label(
    ledger: Ledger, caller: Caller, assignment: Any, *, verdict: label_domain.Verdict, reason: str | None
) -> None:
    """Accept the label or send it back. Writes the slot's and the label's event in one statement."""
    await get_workable_queue(ledger, caller.workspace_id, assignment.queue_id)

    async def gather() -> Batch:
        item = await ledger.get(ITEM, caller.workspace_id, assignment.item_id)
        if verdict == "accepted":
            events = item_domain.accept(item.state, assignment.id, reason=reason)
        else:
            events = item_domain.send_back(item.state, assignment.id, reason=reason or "")
        label = await ledger.get(LABEL, caller.workspace_id, assignment.label_id) if assignment.label_id else None
        reviewed = label_domain.review(label.state, verdict=verdict, reason=reason) if label else []
        label_entries = _build_label_entries(label, reviewed) if label else []
        return Batch(entries=[*_build_entries(item, events), *label_entries])

    await ledger.change_many(caller, gather)


def _build_entries(item: StreamState[QueueItem], events: Sequence[ItemEvent]) -> list[Entry]:
    return [Entry(stream=ITEM.stream, stream_id=item.id, after=item.version, event=event) for event in events]


def _build_label_entries(
    label: StreamState[label_domain.LabelState], events: Sequence[label_domain.LabelEvent]
) -> list[Entry]:
    return [Entry(stream=LABEL.stream, stream_id=label.id, after=label.version, event=event) for event in events]


async def _require_uncounted(ledger: Ledger, workspace_id: UUID, given: LabelGiven) -> None:
    """Raises LabelDecided if this label is one of the votes behind its example's label."""
    rows = await label_queries.load_current_labels(ledger.engine, workspace_id, given.dataset_id, [given.example_id])
    for vote in msgspec.convert([vote for row in rows.values() for vote in row.votes or ()], list[Vote]):
        if (vote.annotator, vote.kind, vote.answers) == (given.annotator.name, given.annotator.kind, given.answers):
            raise LabelDecided("This label is counted in the example's consensus; a reviewer can send it back.")


async def _load_example_version(ledger: Ledger, workspace_id: UUID, assignment: Any) -> ExampleVersion:
    versions = await label_queries.load_example_versions(
        ledger.engine, workspace_id, assignment.dataset_id, [assignment.example_id]
    )
    if assignment.example_id not in versions:
        raise Conflict("The example has been deleted; skip this assignment.")
    return versions[assignment.example_id]


def _require_same_answers(label: StreamState[label_domain.LabelState] | None, event: LabelGiven) -> None:
    """Only the first answers count, because submitting shows the annotator others' labels."""
    if label is None or label.state.given.answers != event.answers:
        raise Conflict("A label has already been submitted; withdraw it first, or ask a reviewer to send it back.")
