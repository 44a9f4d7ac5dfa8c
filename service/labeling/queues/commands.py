"""Create queues and add examples and honeypots to them."""

from collections.abc import Container, Sequence
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, require_active
from service.datasets.filters.selection import Selection, to_filter
from service.errors import Fault, Unprocessable
from service.http.as_of import resolve_as_of
from service.labeling.annotators import build_item_id
from service.labeling.labels import queries as label_queries
from service.labeling.labels.commands import get_label_task
from service.labeling.labels.schemas import Answered
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.domain import QUEUE, QueueCreated, QueueState
from service.labeling.queues.items.domain import ITEM, ItemQueued
from service.labeling.queues.schemas import MAX_EXAMPLES, ExamplesQueued, NewHoneypot, NewQueue, QueueExamples
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.tasks import domain as task_domain
from service.tasks.domain import TASK
from service.tasks.ontology import Answers, Question


class NewItems(msgspec.Struct, frozen=True, kw_only=True):
    """Examples and honeypots (with their right answers) to add to a queue; `left` more examples match."""

    examples: list[UUID]
    honeypots: dict[UUID, Answers]
    left: int


async def create_queue(ledger: Ledger, caller: Caller, dataset_id: UUID, data: NewQueue) -> UUID:
    """Create a queue with its first examples, in one statement. Raises Conflict for a duplicate name."""
    require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    task = await get_label_task(ledger, caller.workspace_id, dataset_id, data.task_id)
    task_domain.require_active(task.state, pointer="/task_id")
    created = QueueCreated(
        dataset_id=dataset_id,
        task_id=task.id,
        name=data.name,
        overlap=data.overlap,
        lease_seconds=data.lease_seconds,
        blind=data.blind,
        shows=data.shows,
        annotators=tuple(dict.fromkeys(data.annotators)),
    )
    items = await _select_items(
        ledger, caller.workspace_id, dataset_id, data, questions=task.state.questions, known=set()
    )
    queue_id = new_id()
    entries = [Entry(stream=QUEUE.stream, stream_id=queue_id, after=0, event=created)]
    entries += _build_entries(queue_id, dataset_id, items, overlap=data.overlap)
    await ledger.write(caller, Batch(entries=entries))
    return queue_id


async def add_examples(
    ledger: Ledger, caller: Caller, queue: StreamState[QueueState], data: QueueExamples
) -> ExamplesQueued:
    """Add the examples that are not in the queue yet. Repeating it adds nothing."""
    task = await ledger.get(TASK, caller.workspace_id, queue.state.task_id)
    dataset_id = queue.state.dataset_id

    async def attempt() -> ExamplesQueued:
        known = await queue_queries.list_queued_examples(ledger.engine, caller.workspace_id, queue.id)
        items = await _select_items(
            ledger, caller.workspace_id, dataset_id, data, questions=task.state.questions, known=known
        )
        entries = _build_entries(queue.id, dataset_id, items, overlap=queue.state.overlap)
        if entries:
            await ledger.write(caller, Batch(entries=entries))
        return ExamplesQueued(added=len(items.examples), honeypots=len(items.honeypots), left=items.left)

    return await retry_on_conflict(attempt, subject="the queue")


def _build_entries(queue_id: UUID, dataset_id: UUID, items: NewItems, *, overlap: int) -> list[Entry]:
    events = [
        *[
            ItemQueued(queue_id=queue_id, dataset_id=dataset_id, example_id=id_, overlap=overlap)
            for id_ in items.examples
        ],
        *[
            ItemQueued(queue_id=queue_id, dataset_id=dataset_id, example_id=id_, known=answers)
            for id_, answers in items.honeypots.items()
        ],
    ]
    return [
        Entry(stream=ITEM.stream, stream_id=build_item_id(queue_id, event.example_id), after=0, event=event)
        for event in events
    ]


async def _select_items(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    data: QueueExamples,
    *,
    questions: Sequence[Question],
    known: set[UUID],
) -> NewItems:
    """Select what to add. Raises Unprocessable for examples that do not exist and for invalid honeypot answers."""
    data.check_one_source()
    honeypots = _parse_honeypots(data.honeypots, questions)
    named = [*(data.examples or ()), *honeypots]
    existing = await label_queries.load_example_versions(ledger.engine, workspace_id, dataset_id, named)
    _require_examples(data, existing)
    if data.examples is not None:
        new = [id_ for id_ in dict.fromkeys(data.examples) if id_ not in {*known, *honeypots}]
        left = 0
    else:
        seq = await resolve_as_of(ledger.engine, workspace_id, None)
        selection = Selection(dataset_id=dataset_id, seq=seq, filter=to_filter(data.filter))
        new, left = await queue_queries.find_matching(
            ledger.engine, workspace_id, selection, excluding=[*known, *honeypots], limit=MAX_EXAMPLES
        )
    fresh = {id_: answers for id_, answers in honeypots.items() if id_ not in known}
    return NewItems(examples=new, honeypots=fresh, left=left)


def _parse_honeypots(honeypots: Sequence[NewHoneypot], questions: Sequence[Question]) -> dict[UUID, Answers]:
    """Return the right answers by example. Raises Unprocessable with every fault."""
    right_answers: dict[UUID, Answers] = {}
    faults: list[Fault] = []
    for number, honeypot in enumerate(honeypots):
        pointer = f"/honeypots/{number}"
        answers = Answered(answers=honeypot.answers, category=honeypot.category).parse_answers(
            questions, pointer=pointer
        )
        if isinstance(answers, list):
            faults += answers
        elif honeypot.example_id in right_answers:
            faults.append(Fault(pointer=f"{pointer}/example_id", detail="Duplicate example.", code="repeated"))
        else:
            right_answers[honeypot.example_id] = answers
    if faults:
        raise Unprocessable("Some honeypots are invalid; see `errors`.", errors=faults)
    return right_answers


def _require_examples(data: QueueExamples, existing: Container[UUID]) -> None:
    pointers = {f"/examples/{number}": id_ for number, id_ in enumerate(data.examples or ())}
    pointers |= {f"/honeypots/{number}/example_id": each.example_id for number, each in enumerate(data.honeypots)}
    detail = "No such example in this dataset; it may have been deleted."
    faults = [
        Fault(pointer=pointer, detail=detail, code="no_such_example")
        for pointer, id_ in pointers.items()
        if id_ not in existing
    ]
    if faults:
        raise Unprocessable(detail, errors=faults)
