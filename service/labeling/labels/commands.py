"""Give labels: report all faults of a request at once, and write all of its labels or none."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.domain import DATASET, require_active
from service.errors import Fault, Problem, Unprocessable
from service.labeling.annotators import Annotator, build_label_id
from service.labeling.labels import domain, queries
from service.labeling.labels.domain import LABEL, LabelGiven
from service.labeling.labels.queries import ExampleVersion
from service.labeling.labels.schemas import Label, NewLabel, build_label
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, StoredText
from service.tasks.domain import TASK, TaskState
from service.tasks.ontology import Answers


class ParsedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A new label whose answers are valid for the task. The annotator's earlier label is not looked at yet."""

    id: UUID
    annotator: Annotator
    answers: Answers
    new: NewLabel


class SignedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A new label, in whose name it is given, and where it stands in the request."""

    new: NewLabel
    annotator: Annotator
    pointer: str


async def give_labels(
    ledger: Ledger, caller: Caller, dataset_id: UUID, signed: Sequence[SignedLabel], *, task_id: UUID | None
) -> list[Label]:
    """Write the labels in one statement. Raises Unprocessable with the faults of all of them."""
    require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    task = await get_label_task(ledger, caller.workspace_id, dataset_id, task_id)
    parsed, faults = _parse_labels(signed, task)
    examples = await queries.load_example_versions(
        ledger.engine, caller.workspace_id, dataset_id, [label.new.example_id for label in signed]
    )
    for label in signed:
        if label.new.example_id not in examples:
            detail = "No such example in this dataset; it may have been deleted."
            faults.append(Fault(pointer=f"{label.pointer}/example_id", detail=detail, code="no_such_example"))
    if faults:
        raise Unprocessable("Some labels are invalid; see `errors`.", errors=faults)

    async def gather() -> Batch:
        return await _build_batch(ledger, caller.workspace_id, dataset_id, parsed, task=task, examples=examples)

    await ledger.change_many(caller, gather)
    rows = await queries.load_labels(ledger.engine, caller.workspace_id, [label.id for label in parsed])
    return [build_label(rows[label.id]) for label in parsed]


async def get_label_task(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    task_id: UUID | None,
    *,
    error: type[Problem] = Unprocessable,
) -> StreamState[TaskState]:
    """Get the task to label for: the named one, or the dataset's. Raises `error` if it is missing or asks nothing."""
    dataset = await ledger.get(DATASET, workspace_id, dataset_id)
    wanted_id = task_id or dataset.state.task_id
    task = await ledger.find(TASK, workspace_id, wanted_id) if wanted_id else None
    if task is None:
        detail = "No such task." if task_id else "The dataset has no task; give `task_id`."
        raise error(detail, errors=[Fault(pointer="/task_id", detail=detail, code="no_such_task")])
    if not task.state.questions:
        detail = "Nothing to label: the task has neither categories nor an ontology."
        raise error(detail, errors=[Fault(pointer="/task_id", detail=detail, code="no_questions")])
    return task


def _parse_labels(signed: Sequence[SignedLabel], task: StreamState[TaskState]) -> tuple[list[ParsedLabel], list[Fault]]:
    parsed: list[ParsedLabel] = []
    faults: list[Fault] = []
    ids = [build_label_id(label.new.example_id, task.id, label.annotator) for label in signed]
    counts = Counter(ids)
    for label, id_ in zip(signed, ids, strict=True):
        answers = label.new.parse_answers(task.state.questions, pointer=label.pointer)
        if isinstance(answers, list):
            faults += answers
            continue
        if counts[id_] > 1:
            detail = "Duplicate label: the same annotator and example occur twice."
            faults.append(Fault(pointer=f"{label.pointer}/example_id", detail=detail, code="repeated"))
        parsed.append(ParsedLabel(id=id_, annotator=label.annotator, answers=answers, new=label.new))
    return parsed, faults


async def _build_batch(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    parsed: Sequence[ParsedLabel],
    *,
    task: StreamState[TaskState],
    examples: dict[UUID, ExampleVersion],
) -> Batch:
    """Build events for labels that differ from the current ones. A corrected label keeps its assignment."""
    current = await queries.load_labels(ledger.engine, workspace_id, [label.id for label in parsed])
    with_text = [label.id for label in parsed if label.new.text is not None]
    texts = await queries.load_label_texts(ledger.engine, workspace_id, with_text)
    entries: list[Entry] = []
    contents: list[StoredText] = []
    for label in parsed:
        row, text = current.get(label.id), label.new.text
        event = LabelGiven(
            dataset_id=dataset_id,
            example_id=label.new.example_id,
            task_id=task.id,
            annotator=label.annotator,
            answers=label.answers,
            task_version=task.version,
            example_version=examples[label.new.example_id].version,
            content=examples[label.new.example_id].content,
            text=None if text is None else texts[label.id].add(text.encode()),
            queue_id=row.queue_id if row else None,
            assignment_id=row.assignment_id if row else None,
            reason=label.new.reason,
        )
        if domain.give(build_label_state(row) if row else None, event):
            entries.append(Entry(stream=LABEL.stream, stream_id=label.id, after=row.version if row else 0, event=event))
            contents += texts[label.id].attachments.contents if text is not None else ()
    return Batch(entries=entries, attachments=Attachments(contents=contents))


def build_label_state(row: Any) -> domain.LabelState:
    """Build a stream's state from the row of a current label."""
    copied = ("dataset_id", "example_id", "task_id", "task_version", "example_version", "queue_id", "assignment_id")
    given = LabelGiven(
        annotator=Annotator(name=row.annotator, kind=row.kind),
        answers=msgspec.convert(row.answers, Answers),
        content=row.content.hex(),
        text=row.text.hex() if row.text is not None else None,
        **{name: getattr(row, name) for name in copied},
    )
    return domain.LabelState(given=given, review=row.review)
