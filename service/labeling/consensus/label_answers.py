"""Write labels into the answers of examples, as repairs that name the votes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples import chat_content
from service.datasets.examples.domain import EXAMPLE, ExampleLabelled, ExampleRepaired
from service.datasets.examples.validation import find_all_schema_faults
from service.labeling.consensus.answer_form import AnswerForm
from service.labeling.consensus.domain import CurrentLabel, Decision
from service.ledger.decider import StreamState
from service.ledger.store import Entry, Ledger, StoredText
from service.ledger.texts import SubjectTexts, load_texts
from service.tasks.domain import TaskState


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What to write for a batch of examples. `refused` are those whose answer would not fit the task's schema."""

    entries: list[Entry]
    texts: list[StoredText]
    answered: list[UUID]
    refused: list[UUID]


class _Draft(msgspec.Struct, frozen=True):
    labelled: ExampleLabelled
    content: chat_content.Content
    texts: SubjectTexts


async def answer_examples(
    ledger: Ledger,
    workspace_id: UUID,
    task: StreamState[TaskState],
    form: AnswerForm,
    rows: Mapping[UUID, Any],
    decisions: Mapping[UUID, Decision],
) -> Answered:
    """Build the repairs of these examples, each with its label. Where no answer is written, the label goes alone."""
    labels = {id_: labelled for id_, each in decisions.items() if (labelled := _get_label(rows[id_], each))}
    label_ids = [id_ for id_ in labels if form.over == "all" or rows[id_].unanswered]
    texts = await load_texts(ledger.engine, workspace_id, label_ids)
    drafts = {}
    for id_ in label_ids:
        body = texts[id_].bodies.get(rows[id_].content.hex())
        content = body and _write(form, task.state, labels[id_], chat_content.decode(body))
        if content:
            drafts[id_] = _Draft(labels[id_], content, texts[id_])
    faults = await find_all_schema_faults(
        workspace_id, [draft.content for draft in drafts.values()], task, at=["/output"] * len(drafts)
    )
    refused = [id_ for id_, its_faults in zip(drafts, faults, strict=True) if its_faults]
    repairs = {id_: _repair(rows[id_], drafts[id_], task) for id_ in drafts if id_ not in refused}
    events = {id_: list(each.events) for id_, each in decisions.items()} | {
        id_: [repair] for id_, repair in repairs.items() if repair
    }
    entries = [
        Entry(stream=EXAMPLE.stream, stream_id=id_, after=rows[id_].version, event=event)
        for id_, its_events in events.items()
        for event in its_events
    ]
    return Answered(
        entries=entries,
        texts=[text for id_ in repairs for text in texts[id_].attachments.contents],
        answered=[id_ for id_, repair in repairs.items() if repair],
        refused=refused,
    )


def _get_label(row: Any, decision: Decision) -> ExampleLabelled | None:
    """The label that was decided now, or the one that the example has."""
    if decision.events:
        return decision.events[0]
    current = msgspec.convert({"label": row.label, "votes": row.votes or ()}, CurrentLabel)
    return ExampleLabelled(label=current.label, votes=current.votes) if current.label else None


def _write(
    form: AnswerForm, task: TaskState, labelled: ExampleLabelled, content: chat_content.Content
) -> chat_content.Content | None:
    """The content with its answer; None where the label does not say it, or where it is there already."""
    before = chat_content.get_output_text(content)
    text = form.write(labelled.label.answers, task.questions, before)
    if not text or not text.strip() or text == before:
        return None
    return chat_content.replace_output(content, text)


def _repair(row: Any, draft: _Draft, task: StreamState[TaskState]) -> ExampleRepaired | None:
    digest = draft.texts.add(chat_content.encode_canonical(draft.content))
    if digest == row.content.hex():
        return None
    label = draft.labelled.label
    instruction = f"The answer follows from the label, by the rule {label.rule}."
    return ExampleRepaired(
        content=digest,
        replaced=row.content.hex(),
        instruction=draft.texts.add(instruction.encode()),
        task_version=task.version,
        reason=draft.labelled.reason,
        label=label,
        votes=draft.labelled.votes,
    )
