"""Filling queues: the examples meant, by ids or a filter, and the honeypots among them, a batch at a time."""

from collections.abc import Container, Sequence
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.examples.filters import Filter, Selection
from service.errors import Fault, Unprocessable
from service.http.as_of import resolve_as_of
from service.labeling.annotators import item_id
from service.labeling.labels import queries as label_queries
from service.labeling.labels.commands import task_of
from service.labeling.labels.schemas import Answered
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.domain import QUEUE, Queue, QueueCreated
from service.labeling.queues.items.domain import ITEM, ItemQueued
from service.labeling.queues.schemas import MOST_EXAMPLES, ExamplesQueued, NewHoneypot, NewQueue, QueueExamples
from service.ledger.decider import StreamState
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.tasks.domain import TASK
from service.tasks.ontology import Answers, Question


class Filling(msgspec.Struct, frozen=True, kw_only=True):
    """What comes into a queue: examples, and honeypots with their answers; `left` more match."""

    examples: list[UUID]
    honeypots: dict[UUID, Answers]
    left: int


async def create(ledger: Ledger, caller: Caller, dataset_id: UUID, data: NewQueue) -> UUID:
    """The queue and its first examples in one statement. Raises Conflict for a name that is taken."""
    task = await task_of(ledger, caller.workspace_id, dataset_id, data.task_id)
    made = QueueCreated(
        dataset_id=dataset_id,
        task_id=task.id,
        name=data.name,
        overlap=data.overlap,
        lease_seconds=data.lease_seconds,
        blind=data.blind,
        shows=data.shows,
        annotators=tuple(dict.fromkeys(data.annotators)),
    )
    filling = await _filling(ledger, caller.workspace_id, dataset_id, data, questions=task.state.questions, known=set())
    queue_id = new_id()
    entries = [Entry(stream=QUEUE.stream, stream_id=queue_id, after=0, event=made)]
    entries += _entries(queue_id, dataset_id, filling, overlap=data.overlap)
    await ledger.write(caller, Batch(entries=entries))
    return queue_id


async def add(ledger: Ledger, caller: Caller, queue: StreamState[Queue], data: QueueExamples) -> ExamplesQueued:
    """Those that are not in the queue yet. Adding them again adds nothing."""
    task = await ledger.get(TASK, caller.workspace_id, queue.state.task_id)
    dataset_id, filled = queue.state.dataset_id, ExamplesQueued(added=0, honeypots=0, left=0)

    async def gather() -> Batch:
        nonlocal filled
        known = await queue_queries.queued(ledger.engine, caller.workspace_id, queue.id)
        filling = await _filling(
            ledger, caller.workspace_id, dataset_id, data, questions=task.state.questions, known=known
        )
        filled = ExamplesQueued(added=len(filling.examples), honeypots=len(filling.honeypots), left=filling.left)
        return Batch(entries=_entries(queue.id, dataset_id, filling, overlap=queue.state.overlap))

    await ledger.change_many(caller, gather)
    return filled


def _entries(queue_id: UUID, dataset_id: UUID, filling: Filling, *, overlap: int) -> list[Entry]:
    events = [
        *[
            ItemQueued(queue_id=queue_id, dataset_id=dataset_id, example_id=id_, overlap=overlap)
            for id_ in filling.examples
        ],
        *[
            ItemQueued(queue_id=queue_id, dataset_id=dataset_id, example_id=id_, known=answers)
            for id_, answers in filling.honeypots.items()
        ],
    ]
    return [
        Entry(stream=ITEM.stream, stream_id=item_id(queue_id, event.example_id), after=0, event=event)
        for event in events
    ]


async def _filling(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    data: QueueExamples,
    *,
    questions: Sequence[Question],
    known: set[UUID],
) -> Filling:
    """Raises Unprocessable for examples that are not there, and for honeypots whose answers are none of the task's."""
    data.require_one_way()
    honeypots = _honeypots(data.honeypots, questions)
    named = [*(data.examples or ()), *honeypots]
    there = await label_queries.seen(ledger.engine, workspace_id, dataset_id, named)
    _require_there(data, there)
    if data.examples is not None:
        new = [id_ for id_ in dict.fromkeys(data.examples) if id_ not in {*known, *honeypots}]
        left = 0
    else:
        seq = await resolve_as_of(ledger.engine, workspace_id, None)
        selection = Selection(dataset_id=dataset_id, seq=seq, filter=data.filter or Filter())
        new, left = await queue_queries.matching(
            ledger.engine, workspace_id, selection, beside=[*known, *honeypots], limit=MOST_EXAMPLES
        )
    fresh = {id_: answers for id_, answers in honeypots.items() if id_ not in known}
    return Filling(examples=new, honeypots=fresh, left=left)


def _honeypots(given: Sequence[NewHoneypot], questions: Sequence[Question]) -> dict[UUID, Answers]:
    found: dict[UUID, Answers] = {}
    faults: list[Fault] = []
    for number, honeypot in enumerate(given):
        at = f"/honeypots/{number}"
        answers = Answered(answers=honeypot.answers, category=honeypot.category).read(questions, at=at)
        if isinstance(answers, list):
            faults += answers
        elif honeypot.example_id in found:
            faults.append(Fault(pointer=f"{at}/example_id", detail="This example is there twice.", code="repeated"))
        else:
            found[honeypot.example_id] = answers
    if faults:
        raise Unprocessable("Some of the honeypots are not acceptable.", errors=faults)
    return found


def _require_there(data: QueueExamples, there: Container[UUID]) -> None:
    pointers = {f"/examples/{number}": id_ for number, id_ in enumerate(data.examples or ())}
    pointers |= {f"/honeypots/{number}/example_id": each.example_id for number, each in enumerate(data.honeypots)}
    detail = "The dataset has no such example now."
    faults = [
        Fault(pointer=pointer, detail=detail, code="no_such_example")
        for pointer, id_ in pointers.items()
        if id_ not in there
    ]
    if faults:
        raise Unprocessable(detail, errors=faults)
