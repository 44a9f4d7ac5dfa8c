"""Repair promoted examples with the corrections from their requests' feedback."""

from collections.abc import Mapping
from uuid import UUID

from service.datasets.examples import chat_content, domain
from service.datasets.examples.domain import EXAMPLE, ExampleEvent, ExampleState
from service.datasets.examples.validation import RuleBook, find_schema_faults, to_mismatches
from service.ledger.decider import StreamState
from service.ledger.retry import LostRace, retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, load_many
from service.ledger.texts import SubjectTexts, load_texts
from service.monitoring.requests.schemas import RequestFeedback


async def repair_with_corrections(
    ledger: Ledger,
    caller: Caller,
    corrections: Mapping[UUID, RequestFeedback],
    *,
    task: RuleBook | None,
    reason: str | None,
) -> set[UUID]:
    """Repair those of the examples that are unchanged since they were added; returns the ids of the repaired ones.

    `corrections` holds the feedback by example id. A changed example is left alone: somebody has reviewed it.
    """
    if not corrections:
        return set()

    async def attempt() -> set[UUID]:
        stored = await load_many(ledger, EXAMPLE, caller.workspace_id, corrections)
        untouched = {id_: each for id_, each in stored.items() if each.version == 1}
        texts = await load_texts(ledger.engine, caller.workspace_id, untouched)
        entries = [
            Entry(stream=EXAMPLE.stream, stream_id=id_, after=1, event=event)
            for id_, each in untouched.items()
            for event in await _build_repair(
                caller.workspace_id, each, corrections[id_], texts[id_], task=task, reason=reason
            )
        ]
        if not entries:
            return set()
        changed = {entry.stream_id for entry in entries}
        contents = [content for id_ in changed for content in texts[id_].attachments.contents]
        await ledger.write(caller, Batch(entries=entries, attachments=Attachments(contents=contents)))
        return changed

    try:
        return await retry_on_conflict(attempt, subject="these examples")
    except LostRace:
        return set()


async def _build_repair(
    workspace_id: UUID,
    stored: StreamState[ExampleState],
    feedback: RequestFeedback,
    texts: SubjectTexts,
    *,
    task: RuleBook | None,
    reason: str | None,
) -> list[ExampleEvent]:
    """Replace the answer with the correction; the comment becomes the repair's instruction."""
    before = texts.bodies.get(stored.state.content)
    if before is None or not feedback.correction:
        return []
    corrected = chat_content.replace_output(chat_content.decode(before), feedback.correction)
    if chat_content.encode_canonical(corrected) == before:
        return []
    marks = to_mismatches(await find_schema_faults(workspace_id, corrected, task), at="/output")
    return domain.repair(
        stored.state,
        content=texts.add(chat_content.encode_canonical(corrected)),
        replacing=stored.state.content,
        instruction=texts.add(feedback.comment.encode()) if feedback.comment else None,
        invalid=marks,
        task_version=task.version if task else None,
        reason=reason or f"The correction that {feedback.by} gave in production.",
    )
