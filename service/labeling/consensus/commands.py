"""From votes to labels in the examples: read a piece of the dataset, decide, write, until all of it is done."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.domain import EXAMPLE, ExampleLabel, Vote
from service.errors import Fault, Unprocessable
from service.http.as_of import resolve_as_of
from service.labeling.annotators import Annotator
from service.labeling.consensus.domain import Standing, Tie, agreed, is_final, settle
from service.labeling.consensus.schemas import MOST_TIES, Adjudication, Consensus, ExampleTie, MakeConsensus
from service.labeling.labels import queries as label_queries
from service.labeling.labels.commands import task_of
from service.labeling.labels.queries import Counting
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.honeypots import HoneypotScore, scores
from service.ledger.decider import StreamState
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.tasks.domain import Task
from service.tasks.ontology import Answers

PIECE = 500


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be decided, and what each annotator's vote weighs; without weights each is 1."""

    data: MakeConsensus
    task: StreamState[Task]
    counting: Counting
    weights: Mapping[Annotator, HoneypotScore] | None


class Tally:
    """How many examples came out how."""

    def __init__(self) -> None:
        self.labelled = self.unchanged = self.too_few = self.kept = 0
        self.ties: list[ExampleTie] = []

    def told(self) -> Consensus:
        return Consensus(
            labelled=self.labelled,
            unchanged=self.unchanged,
            too_few=self.too_few,
            kept=self.kept,
            tied=len(self.ties),
            ties=self.ties[:MOST_TIES],
        )


async def make_consensus(ledger: Ledger, caller: Caller, dataset_id: UUID, data: MakeConsensus) -> Consensus:
    """Write the labels that follow. Repeating it records nothing. Raises Unprocessable for decisions that are none."""
    task = await task_of(ledger, caller.workspace_id, dataset_id, data.task_id)
    seq = await resolve_as_of(ledger.engine, caller.workspace_id, None)
    counting = Counting(dataset_id=dataset_id, task_id=task.id, seq=seq, queue_id=data.queue_id)
    weights = None
    if data.rule == "weighted":
        weights = scores(
            await queue_queries.honeypot_answers(
                ledger.engine, caller.workspace_id, dataset_id=dataset_id, task_id=task.id
            )
        )
    work = Work(data=data, task=task, counting=counting, weights=weights)
    await _require_there(ledger, caller.workspace_id, work)
    final = await _final_words(ledger, caller.workspace_id, work)
    tally = Tally()
    async for examples in _pieces(ledger, caller.workspace_id, work):
        await _write(ledger, caller, work, examples, final=final, tally=tally)
    return tally.told()


async def _pieces(ledger: Ledger, workspace_id: UUID, work: Work) -> AsyncIterator[list[UUID]]:
    """The examples meant: those named, or all that have a label."""
    named = work.data.examples
    if work.data.decisions is not None:
        named = [decision.example_id for decision in work.data.decisions]
    if named is not None:
        for start in range(0, len(named), PIECE):
            yield list(dict.fromkeys(named[start : start + PIECE]))
        return
    after: UUID | None = None
    while found := await label_queries.labelled_examples(
        ledger.engine, workspace_id, work.counting, least=1, after=after, limit=PIECE
    ):
        yield found
        after = found[-1]


async def _write(
    ledger: Ledger,
    caller: Caller,
    work: Work,
    examples: Sequence[UUID],
    *,
    final: Mapping[UUID, tuple[Adjudication, Answers]],
    tally: Tally,
) -> None:
    outcome = Tally()

    async def gather() -> Batch:
        nonlocal outcome
        outcome = Tally()
        votes = await _votes(ledger, caller.workspace_id, work, examples)
        there = await label_queries.standing(ledger.engine, caller.workspace_id, work.counting.dataset_id, examples)
        entries: list[Entry] = []
        for example_id, row in there.items():
            word = final.get(example_id)
            entries += _entry(row, word, votes.get(example_id, []), work=work, tally=outcome)
        return Batch(entries=entries)

    await ledger.change_many(caller, gather)
    for name in ("labelled", "unchanged", "too_few", "kept"):
        setattr(tally, name, getattr(tally, name) + getattr(outcome, name))
    tally.ties += outcome.ties


def _entry(
    row: Any, word: tuple[Adjudication, Answers] | None, votes: Sequence[Vote], *, work: Work, tally: Tally
) -> list[Entry]:
    """The event of one example, if there is one to record."""
    standing = msgspec.convert({"label": row.label, "votes": row.votes or ()}, Standing)
    answers, ties = (word[1], list[Tie]()) if word else agreed(work.task.state.questions, votes)
    if word is None and is_final(standing):
        tally.kept += 1
        return []
    if word is None and len(votes) < work.data.minimum:
        tally.too_few += 1
        return []
    if ties:
        tally.ties.append(ExampleTie(example_id=row.example_id, ties=ties))
        return []
    label = ExampleLabel(answers=answers, rule=work.data.rule)
    reason = (word[0].reason if word else None) or work.data.reason
    events = settle(standing, label, votes, reason=reason)
    tally.labelled += len(events)
    tally.unchanged += not events
    return [Entry(stream=EXAMPLE.stream, stream_id=row.example_id, after=row.version, event=event) for event in events]


async def _votes(ledger: Ledger, workspace_id: UUID, work: Work, examples: Sequence[UUID]) -> dict[UUID, list[Vote]]:
    found: defaultdict[UUID, list[Vote]] = defaultdict(list)
    for label in await label_queries.counted(ledger.engine, workspace_id, work.counting, examples=examples):
        who = label.annotator
        if who.kind == "person" or work.data.include_models:
            weight = 1.0 if work.weights is None else work.weights.get(who, HoneypotScore()).score
            vote = Vote(annotator=who.name, kind=who.kind, answers=label.answers, weight=round(weight, 6))
            found[label.example_id].append(vote)
    return found


async def _require_there(ledger: Ledger, workspace_id: UUID, work: Work) -> None:
    named = work.data.examples or []
    there = await label_queries.seen(ledger.engine, workspace_id, work.counting.dataset_id, named)
    detail = "The dataset has no such example now."
    faults = [
        Fault(pointer=f"/examples/{number}", detail=detail, code="no_such_example")
        for number, example_id in enumerate(named)
        if example_id not in there
    ]
    if faults:
        raise Unprocessable(detail, errors=faults)


async def _final_words(ledger: Ledger, workspace_id: UUID, work: Work) -> dict[UUID, tuple[Adjudication, Answers]]:
    """The adjudicated answers by example. Raises Unprocessable with every fault of any of them."""
    decisions = work.data.decisions or []
    ids = [decision.example_id for decision in decisions]
    there = await label_queries.seen(ledger.engine, workspace_id, work.counting.dataset_id, ids)
    faults: list[Fault] = []
    found: dict[UUID, tuple[Adjudication, Answers]] = {}
    for number, decision in enumerate(decisions):
        at = f"/decisions/{number}"
        answers = decision.read(work.task.state.questions, at=at)
        if isinstance(answers, list):
            faults += answers
        elif decision.example_id not in there:
            detail = "The dataset has no such example now."
            faults.append(Fault(pointer=f"{at}/example_id", detail=detail, code="no_such_example"))
        elif decision.example_id in found:
            faults.append(Fault(pointer=f"{at}/example_id", detail="This example is there twice.", code="repeated"))
        else:
            found[decision.example_id] = (decision, answers)
    if faults:
        raise Unprocessable("Some of the decisions are not acceptable.", errors=faults)
    return found
