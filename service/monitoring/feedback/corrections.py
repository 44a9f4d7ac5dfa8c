"""Corrections from production as repairs of the examples that were made of it."""

from collections.abc import Mapping
from uuid import UUID

from service.datasets.examples import chat_content as texts
from service.datasets.examples import domain
from service.datasets.examples.domain import EXAMPLE, ExampleEvent, ExampleState
from service.datasets.examples.validation import RuleBook, accepted, mismatches
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
    """Repair the examples, by id, that nobody has touched since they were added; those that now are repaired.

    An example that was changed meanwhile is left alone: whoever changed it has seen it.
    """
    if not corrections:
        return set()

    async def attempt() -> set[UUID]:
        stored = await load_many(ledger, EXAMPLE, caller.workspace_id, corrections)
        untouched = {id_: each for id_, each in stored.items() if each.version == 1}
        words = await load_texts(ledger.engine, caller.workspace_id, untouched)
        entries = [
            Entry(stream=EXAMPLE.stream, stream_id=id_, after=1, event=event)
            for id_, each in untouched.items()
            for event in _build_repair(each, corrections[id_], words[id_], task=task, reason=reason)
        ]
        if not entries:
            return set()
        changed = {entry.stream_id for entry in entries}
        contents = [content for id_ in changed for content in words[id_].attachments.contents]
        await ledger.write(caller, Batch(entries=entries, attachments=Attachments(contents=contents)))
        return changed

    try:
        return await retry_on_conflict(attempt, subject="these examples")
    except LostRace:
        return set()


def _build_repair(
    stored: StreamState[ExampleState],
    said: RequestFeedback,
    words: SubjectTexts,
    *,
    task: RuleBook | None,
    reason: str | None,
) -> list[ExampleEvent]:
    """The correction in place of the answer; the comment says what was wrong with it."""
    before = words.bodies.get(stored.state.content)
    if before is None or not said.correction:
        return []
    better = texts.with_output(texts.decode(before), said.correction)
    if texts.canonical(better) == before:
        return []
    marks = accepted(mismatches(better, task, at="/output"), on_invalid="mark", at="/output")
    return domain.repair(
        stored.state,
        content=words.add(texts.canonical(better)),
        replacing=stored.state.content,
        instruction=words.add(said.comment.encode()) if said.comment else None,
        invalid=marks,
        task_version=task.version if task else None,
        reason=reason or f"The correction that {said.by} gave in production.",
    )
