"""Give labels: report every fault of a request at once, and write all of its labels or none."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.domain import DATASET
from service.errors import Fault, Problem, Unprocessable
from service.labeling.annotators import Annotator, label_id
from service.labeling.labels import domain, queries
from service.labeling.labels.domain import LABEL, LabelGiven
from service.labeling.labels.queries import ExampleVersion
from service.labeling.labels.schemas import Label, NewLabel, label_of
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, StoredText
from service.tasks.domain import TASK, TaskState
from service.tasks.ontology import Answers


class ParsedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A label whose answers are valid for the task; it is not yet compared with the annotator's earlier label."""

    id: UUID
    annotator: Annotator
    answers: Answers
    new: NewLabel


async def give_labels(
    ledger: Ledger, caller: Caller, dataset_id: UUID, new: Sequence[NewLabel], *, task_id: UUID | None, single: bool
) -> list[Label]:
    """Keep them in one statement. Raises Unprocessable with the faults of all of them."""
    task = await get_label_task(ledger, caller.workspace_id, dataset_id, task_id)
    pointers = [""] if single else [f"/labels/{number}" for number in range(len(new))]
    parsed, faults = _parse_labels(new, task, pointers, caller)
    examples = await queries.load_example_versions(
        ledger.engine, caller.workspace_id, dataset_id, [label.example_id for label in new]
    )
    for label, pointer in zip(new, pointers, strict=True):
        if label.example_id not in examples:
            detail = "The dataset has no such example now."
            faults.append(Fault(pointer=f"{pointer}/example_id", detail=detail, code="no_such_example"))
    if faults:
        raise Unprocessable("Some of the labels are not acceptable.", errors=faults)

    async def gather() -> Batch:
        return await _entries(ledger, caller.workspace_id, dataset_id, parsed, task=task, examples=examples)

    await ledger.change_many(caller, gather)
    found = await queries.load_labels(ledger.engine, caller.workspace_id, [label.id for label in parsed])
    return [label_of(found[label.id]) for label in parsed]


async def get_label_task(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    task_id: UUID | None,
    *,
    refused: type[Problem] = Unprocessable,
) -> StreamState[TaskState]:
    """The task that labels are for: the one named, or the dataset's. Raises `refused` where it asks nothing."""
    dataset = await ledger.get(DATASET, workspace_id, dataset_id)
    chosen_id = task_id or dataset.state.task_id
    task = await ledger.find(TASK, workspace_id, chosen_id) if chosen_id else None
    if task is None:
        detail = "There is no such task." if task_id else "The dataset has no task; say which one the labels are for."
        raise refused(detail, errors=[Fault(pointer="/task_id", detail=detail, code="no_such_task")])
    if not task.state.questions:
        detail = "The task has neither categories nor an ontology, so there is nothing to label."
        raise refused(detail, errors=[Fault(pointer="/task_id", detail=detail, code="no_questions")])
    return task


def _parse_labels(
    new: Sequence[NewLabel], task: StreamState[TaskState], pointers: Sequence[str], caller: Caller
) -> tuple[list[ParsedLabel], list[Fault]]:
    parsed: list[ParsedLabel] = []
    faults: list[Fault] = []
    ids = [label_id(label.example_id, task.id, _annotator(label, caller)) for label in new]
    counts = Counter(ids)
    for label, id_, pointer in zip(new, ids, pointers, strict=True):
        answers = label.read(task.state.questions, at=pointer)
        if isinstance(answers, list):
            faults += answers
            continue
        if counts[id_] > 1:
            detail = "This annotator's label of this example is there twice."
            faults.append(Fault(pointer=f"{pointer}/example_id", detail=detail, code="repeated"))
        parsed.append(ParsedLabel(id=id_, annotator=_annotator(label, caller), answers=answers, new=label))
    return parsed, faults


def _annotator(label: NewLabel, caller: Caller) -> Annotator:
    if label.annotator is None:
        return Annotator(name=caller.actor)
    return Annotator(name=label.annotator.name, kind=label.annotator.kind)


async def _entries(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    parsed: Sequence[ParsedLabel],
    *,
    task: StreamState[TaskState],
    examples: dict[UUID, ExampleVersion],
) -> Batch:
    """What is new against the labels as they are. A word on an assignment's label corrects it and stays that one's."""
    before = await queries.load_labels(ledger.engine, workspace_id, [label.id for label in parsed])
    with_text = [label.id for label in parsed if label.new.text is not None]
    texts = await queries.load_label_texts(ledger.engine, workspace_id, with_text)
    entries: list[Entry] = []
    contents: list[StoredText] = []
    for label in parsed:
        row, text = before.get(label.id), label.new.text
        given = LabelGiven(
            dataset_id=dataset_id,
            example_id=label.new.example_id,
            task_id=task.id,
            annotator=label.annotator,
            answers=label.answers,
            task_version=task.version,
            example_version=examples[label.new.example_id].version,
            content=examples[label.new.example_id].content,
            text=None if text is None else texts[label.id].seal(text.encode()),
            queue_id=row.queue_id if row else None,
            assignment_id=row.assignment_id if row else None,
            reason=label.new.reason,
        )
        if domain.give(label_state(row) if row else None, given):
            entries.append(Entry(stream=LABEL.stream, stream_id=label.id, after=row.version if row else 0, event=given))
            contents += texts[label.id].beside.contents if text is not None else ()
    return Batch(entries=entries, beside=Attachments(contents=contents))


def label_state(row: Any) -> domain.LabelState:
    """A present label's row as the state of its stream."""
    same = ("dataset_id", "example_id", "task_id", "task_version", "example_version", "queue_id", "assignment_id")
    given = LabelGiven(
        annotator=Annotator(name=row.annotator, kind=row.kind),
        answers=msgspec.convert(row.answers, Answers),
        content=row.content.hex(),
        text=row.text.hex() if row.text is not None else None,
        **{name: getattr(row, name) for name in same},
    )
    return domain.LabelState(given=given, review=row.review)
