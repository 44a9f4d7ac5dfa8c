"""Decide a batch of a bulk change: load what the examples are now, and find each one's event or why it has none."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from service.datasets.bulk.actions.bulk_order import (
    AnyAction,
    ApplyRun,
    DealSplits,
    MoveExamples,
    PatchOutput,
    RedactExamples,
    ReplaceText,
    RevertExamples,
    Rewrite,
    UndoChange,
)
from service.datasets.bulk.actions.example_changes import Skipped, check_present, decide, revert, undo
from service.datasets.bulk.actions.rewrites import rewrite
from service.datasets.bulk.domain import Skip
from service.datasets.bulk.queries import load_logs
from service.datasets.bulk.run_answers import RunAnswer, load_answers
from service.datasets.examples import chat_content, domain
from service.datasets.examples.chat_content import Content
from service.datasets.examples.domain import EXAMPLE, ExampleEvent, ExampleState
from service.datasets.examples.validation import RuleBook, find_all_schema_faults, to_mismatches
from service.datasets.splits import Split, SplitPolicy, find_pin
from service.errors import Fault
from service.ledger.decider import RecordedEvent, StreamState
from service.ledger.store import Ledger
from service.ledger.texts import SubjectTexts, load_texts

Logs = Mapping[UUID, Sequence[RecordedEvent]]


class BatchRules(msgspec.Struct, frozen=True, kw_only=True):
    """What all examples of a bulk change have in common. `undo_ids` are the undoes of the change to be undone."""

    bulk_id: UUID
    dataset_id: UUID
    action: AnyAction
    actor: str
    reason: str | None
    task: RuleBook | None = None
    policy: SplitPolicy = SplitPolicy()
    moves: Mapping[UUID, Split] = {}
    undo_ids: Sequence[UUID] = ()

    def find_action(self, example_id: UUID) -> AnyAction:
        """The action on one example."""
        is_deal = isinstance(self.action, DealSplits)
        return MoveExamples(split=self.moves[example_id]) if is_deal else self.action


class DecidedChange(msgspec.Struct, frozen=True, kw_only=True):
    """An example before its change, the event that changes it, and the texts that this adds."""

    before: StreamState[ExampleState]
    event: ExampleEvent
    texts: SubjectTexts | None = None


class DecidedBatch(msgspec.Struct, frozen=True, kw_only=True):
    changes: list[DecidedChange]
    skipped: list[Skip]


async def decide_batch(ledger: Ledger, workspace_id: UUID, rules: BatchRules, ids: Sequence[UUID]) -> DecidedBatch:
    """Decide the change of each example as it is now."""
    logs = await load_logs(ledger.engine, workspace_id, ids)
    if isinstance(rules.action, Rewrite):
        return await _decide_rewrites(ledger, workspace_id, rules, ids, logs)
    batch = DecidedBatch(changes=[], skipped=[])
    for id_ in ids:
        try:
            before = _load_present(rules, id_, logs)
            if isinstance(rules.action, UndoChange):
                events = _decide_undo(rules, rules.action.bulk_id, id_, logs[id_])
            elif isinstance(rules.action, RevertExamples):
                events = _decide_revert(rules, rules.action.moment, before, logs[id_])
            else:
                action = rules.find_action(id_)
                _check_pin(rules.policy, before.state, action)
                events = decide(before, action, actor=rules.actor, reason=rules.reason)
            batch.changes.extend(_to_change(rules, before, event) for event in events)
        except Skipped as skipped:
            batch.skipped.append(Skip(example_id=id_, reason=skipped.reason))
    return batch


def _load_present(rules: BatchRules, example_id: UUID, logs: Logs) -> StreamState[ExampleState]:
    before = EXAMPLE.fold(example_id, logs.get(example_id, ()))
    if before is None:
        raise Skipped("not_found")
    check_present(before.state, dataset_id=rules.dataset_id)
    return before


def _check_pin(policy: SplitPolicy, example: ExampleState, action: AnyAction) -> None:
    """Raises Skipped when a move would take an example from the split that its tag is pinned to."""
    if isinstance(action, MoveExamples) and find_pin(policy, example.tags) not in (None, action.split):
        raise Skipped("pinned")


def _to_change(
    rules: BatchRules, before: StreamState[ExampleState], event: ExampleEvent, texts: SubjectTexts | None = None
) -> DecidedChange:
    tied = msgspec.structs.replace(event, bulk_id=rules.bulk_id)
    return DecidedChange(before=before, event=tied, texts=texts)


def _decide_undo(
    rules: BatchRules, bulk_id: UUID, example_id: UUID, log: Sequence[RecordedEvent]
) -> list[ExampleEvent]:
    """Undo what the change did to the example, unless it was changed since, other than by an undo that was stopped."""
    position = next((n for n, recorded in enumerate(log) if _is_part_of(recorded, [bulk_id])), None)
    if position is None:
        return []
    later = log[position + 1 :]
    if later and all(_is_part_of(recorded, rules.undo_ids) for recorded in later):
        return []
    if later:
        raise Skipped("changed_since")
    then = EXAMPLE.fold(example_id, log[:position])
    if then is None:
        raise ValueError("a bulk change adds no example")
    return undo(then.state, revision=then.version, reason=rules.reason)


def _decide_revert(
    rules: BatchRules, moment: int, before: StreamState[ExampleState], log: Sequence[RecordedEvent]
) -> list[ExampleEvent]:
    then = EXAMPLE.fold(before.id, [recorded for recorded in log if recorded.seq <= moment])
    return revert(before, then, reason=rules.reason)


def _is_part_of(recorded: RecordedEvent, bulk_ids: Sequence[UUID]) -> bool:
    if "bulk_id" not in recorded.data:
        return False
    return getattr(EXAMPLE.decode(recorded.type, recorded.data), "bulk_id", None) in bulk_ids


async def _decide_rewrites(
    ledger: Ledger, workspace_id: UUID, rules: BatchRules, ids: Sequence[UUID], logs: Logs
) -> DecidedBatch:
    batch = DecidedBatch(changes=[], skipped=[])
    texts = await load_texts(ledger.engine, workspace_id, ids)
    action, answers = rules.action, dict[UUID, RunAnswer]()
    if isinstance(action, ApplyRun):
        answers = await load_answers(ledger.engine, workspace_id, action.run_id, ids)
    rewritten: list[tuple[StreamState[ExampleState], Content]] = []
    for id_ in ids:
        try:
            before = _load_present(rules, id_, logs)
            if content := _rewrite(rules, before, texts[id_], logs[id_], answers.get(id_)):
                rewritten.append((before, content))
        except Skipped as skipped:
            batch.skipped.append(Skip(example_id=id_, reason=skipped.reason))
    contents = [content for _, content in rewritten]
    faults = await find_all_schema_faults(workspace_id, contents, rules.task, at=["/output"] * len(contents))
    for (before, content), found in zip(rewritten, faults, strict=True):
        if found and getattr(rules.action, "on_invalid", "skip") == "skip":
            batch.skipped.append(Skip(example_id=before.id, reason="invalid"))
            continue
        events = _decide_rewrite(rules, before.state, content, texts[before.id], found)
        batch.changes.extend(_to_change(rules, before, event, texts[before.id]) for event in events)
    return batch


def _rewrite(
    rules: BatchRules,
    before: StreamState[ExampleState],
    texts: SubjectTexts,
    log: Sequence[RecordedEvent],
    answer: RunAnswer | None,
) -> Content | None:
    """The example's content rewritten, None when nothing matches. Raises Skipped."""
    if not isinstance(rules.action, Rewrite):
        raise TypeError("this action rewrites no texts")
    if before.state.deleted:
        raise Skipped("deleted")
    if before.state.content not in texts.bodies:
        raise Skipped("erased")
    content = chat_content.decode(texts.bodies[before.state.content])
    if isinstance(rules.action, ApplyRun):
        after = _take_answer(content, before, log, answer)
    else:
        after = rewrite(content, rules.action)
    return None if after == content else after


def _take_answer(
    content: Content, before: StreamState[ExampleState], log: Sequence[RecordedEvent], answer: RunAnswer | None
) -> Content:
    """The content with the answer of the run, if there is one. Raises Skipped when it answers another content."""
    if answer is None:
        return content
    asked = EXAMPLE.fold(before.id, [recorded for recorded in log if recorded.version <= answer.example_version])
    if asked is None or asked.state.content != before.state.content:
        raise Skipped("changed_since")
    return chat_content.replace_output(content, answer.text)


def _decide_rewrite(
    rules: BatchRules, before: ExampleState, content: Content, texts: SubjectTexts, faults: Sequence[Fault]
) -> list[ExampleEvent]:
    """A new answer is a repair; what changes the prompt too is an edit."""
    new = texts.add(chat_content.encode_canonical(content))
    task_version = rules.task.version if rules.task else None
    invalid = to_mismatches(list(faults), at="/output")
    is_of_messages = isinstance(rules.action, ReplaceText) and rules.action.where == "messages"
    if is_of_messages or isinstance(rules.action, RedactExamples):
        return domain.edit(
            before,
            content=new,
            invalid=invalid,
            task_version=task_version,
            unanswered=before.unanswered,
            reason=rules.reason,
        )
    return domain.repair(
        before,
        content=new,
        replacing=before.content,
        instruction=texts.add((rules.reason or _describe(rules.action)).encode()),
        invalid=invalid,
        task_version=task_version,
        reason=rules.reason,
    )


def _describe(action: AnyAction) -> str:
    if isinstance(action, ApplyRun):
        return f"The answer of run {action.run_id}."
    return "A bulk JSON Patch." if isinstance(action, PatchOutput) else "A bulk find and replace."
