"""Make consensus: read a batch of examples, decide their labels from the votes, write them."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.domain import DATASET, require_active
from service.datasets.examples.domain import EXAMPLE
from service.datasets.examples.ratings import Vote
from service.errors import Fault, Unprocessable
from service.http.as_of import resolve_as_of
from service.labeling.annotators import Annotator
from service.labeling.consensus.domain import CurrentLabel, Decision, Outcome, decide_label
from service.labeling.consensus.label_answers import Answered, answer_examples
from service.labeling.consensus.schemas import MAX_TIES, Adjudication, Consensus, ExampleTie, MakeConsensus
from service.labeling.labels import queries as label_queries
from service.labeling.labels.commands import get_label_task
from service.labeling.labels.queries import LabelSelection
from service.labeling.queues import queries as queue_queries
from service.labeling.queues.honeypots import HoneypotScore, score_annotators
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.tasks.domain import TaskState
from service.tasks.ontology import Answers

BATCH_SIZE = 500


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The request with its task, the labels that vote, and each annotator's weight; without weights each counts 1."""

    data: MakeConsensus
    task: StreamState[TaskState]
    selection: LabelSelection
    weights: Mapping[Annotator, HoneypotScore] | None

    @property
    def named_examples(self) -> list[UUID] | None:
        """The examples that the request names; None means all that have a label."""
        if self.data.decisions is not None:
            return [decision.example_id for decision in self.data.decisions]
        return self.data.examples


async def make_consensus(ledger: Ledger, caller: Caller, dataset_id: UUID, data: MakeConsensus) -> Consensus:
    """Write labels into examples, a batch at a time. Repeating it records nothing.

    Raises Unprocessable with every invalid decision, and for examples that are not in the dataset.
    """
    require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    task = await get_label_task(ledger, caller.workspace_id, dataset_id, data.task_id)
    seq = await resolve_as_of(ledger.engine, caller.workspace_id, None)
    selection = LabelSelection(dataset_id=dataset_id, task_id=task.id, seq=seq, queue_id=data.queue_id)
    weights = None
    if data.rule == "weighted":
        weights = score_annotators(
            await queue_queries.list_honeypot_answers(
                ledger.engine, caller.workspace_id, dataset_id=dataset_id, task_id=task.id
            )
        )
    work = Work(data=data, task=task, selection=selection, weights=weights)
    await _require_examples(ledger, caller.workspace_id, work)
    adjudications = await _parse_adjudications(ledger, caller.workspace_id, work)
    if data.write and (faults := data.write.find_faults(task.state.questions, at="/write")):
        raise Unprocessable(faults[0].detail, errors=faults)
    outcomes: Counter[Outcome] = Counter()
    answered, refused = 0, list[UUID]()
    ties: list[ExampleTie] = []
    async for examples in _list_batches(ledger, caller.workspace_id, work):
        decisions, written = await _write_labels(ledger, caller, work, examples, adjudications=adjudications)
        answered, refused = answered + len(written.answered), refused + written.refused
        outcomes.update(decision.outcome for decision in decisions.values())
        ties += [ExampleTie(example_id=id_, ties=each.ties) for id_, each in decisions.items() if each.ties]
    origins = await label_queries.count_origins(
        ledger.engine,
        caller.workspace_id,
        selection,
        examples=work.named_examples,
        models=data.include_models,
    )
    return Consensus(
        labelled=outcomes["labelled"],
        unchanged=outcomes["unchanged"],
        too_few=outcomes["too_few"],
        kept=outcomes["kept"],
        tied=outcomes["tied"],
        honeypots=origins.honeypots,
        impersonated=origins.impersonated,
        ties=ties[:MAX_TIES],
        answered=answered,
        refused=refused[:MAX_TIES],
    )


async def _list_batches(ledger: Ledger, workspace_id: UUID, work: Work) -> AsyncIterator[list[UUID]]:
    """Yield the examples to decide: those the request names, or all that have a label."""
    named = work.named_examples
    if named is not None:
        for start in range(0, len(named), BATCH_SIZE):
            yield list(dict.fromkeys(named[start : start + BATCH_SIZE]))
        return
    after: UUID | None = None
    while page := await label_queries.list_labeled_examples(
        ledger.engine, workspace_id, work.selection, minimum=1, after=after, limit=BATCH_SIZE
    ):
        yield page
        after = page[-1]


async def _write_labels(
    ledger: Ledger,
    caller: Caller,
    work: Work,
    examples: Sequence[UUID],
    *,
    adjudications: Mapping[UUID, tuple[Adjudication, Answers]],
) -> tuple[dict[UUID, Decision], Answered]:
    """Decide each example of a batch and write its event, all in one statement."""

    async def attempt() -> tuple[dict[UUID, Decision], Answered]:
        votes = await _load_votes(ledger, caller.workspace_id, work, examples)
        rows = await label_queries.load_current_labels(
            ledger.engine, caller.workspace_id, work.selection.dataset_id, examples
        )
        decisions = {
            id_: _decide(row, work, votes.get(id_, []), adjudication=adjudications.get(id_))
            for id_, row in rows.items()
        }
        written = (
            await answer_examples(ledger, caller.workspace_id, work.task, work.data.write, rows, decisions)
            if work.data.write
            else _only_labels(rows, decisions)
        )
        if written.entries:
            await ledger.write(caller, Batch(entries=written.entries, attachments=Attachments(contents=written.texts)))
        return decisions, written

    return await retry_on_conflict(attempt, subject="these examples")


def _only_labels(rows: Mapping[UUID, Any], decisions: Mapping[UUID, Decision]) -> Answered:
    entries = [
        Entry(stream=EXAMPLE.stream, stream_id=id_, after=rows[id_].version, event=event)
        for id_, decision in decisions.items()
        for event in decision.events
    ]
    return Answered(entries=entries, texts=[], answered=[], refused=[])


def _decide(
    row: Any, work: Work, votes: Sequence[Vote], *, adjudication: tuple[Adjudication, Answers] | None
) -> Decision:
    decision, answers = adjudication or (None, None)
    return decide_label(
        msgspec.convert({"label": row.label, "votes": row.votes or ()}, CurrentLabel),
        work.task.state.questions,
        votes,
        rule=work.data.rule,
        minimum=work.data.minimum,
        adjudicated=answers,
        reason=(decision.reason if decision else None) or work.data.reason,
    )


async def _load_votes(
    ledger: Ledger, workspace_id: UUID, work: Work, examples: Sequence[UUID]
) -> dict[UUID, list[Vote]]:
    votes: defaultdict[UUID, list[Vote]] = defaultdict(list)
    for label in await label_queries.list_counted_labels(
        ledger.engine, workspace_id, work.selection, examples=examples
    ):
        annotator = label.annotator
        if annotator.kind == "person" or work.data.include_models:
            weight = 1.0 if work.weights is None else work.weights.get(annotator, HoneypotScore()).score
            vote = Vote(annotator=annotator.name, kind=annotator.kind, answers=label.answers, weight=round(weight, 6))
            votes[label.example_id].append(vote)
    return votes


async def _require_examples(ledger: Ledger, workspace_id: UUID, work: Work) -> None:
    named = work.data.examples or []
    versions = await label_queries.load_example_versions(ledger.engine, workspace_id, work.selection.dataset_id, named)
    detail = "No such example in this dataset; it may have been deleted."
    faults = [
        Fault(pointer=f"/examples/{number}", detail=detail, code="no_such_example")
        for number, example_id in enumerate(named)
        if example_id not in versions
    ]
    if faults:
        raise Unprocessable(detail, errors=faults)


async def _parse_adjudications(
    ledger: Ledger, workspace_id: UUID, work: Work
) -> dict[UUID, tuple[Adjudication, Answers]]:
    """Return the adjudicated answers by example. Raises Unprocessable with every fault."""
    decisions = work.data.decisions or []
    ids = [decision.example_id for decision in decisions]
    versions = await label_queries.load_example_versions(ledger.engine, workspace_id, work.selection.dataset_id, ids)
    faults: list[Fault] = []
    adjudications: dict[UUID, tuple[Adjudication, Answers]] = {}
    for number, decision in enumerate(decisions):
        pointer = f"/decisions/{number}"
        answers = decision.parse_answers(work.task.state.questions, pointer=pointer)
        if isinstance(answers, list):
            faults += answers
        elif decision.example_id not in versions:
            detail = "No such example in this dataset; it may have been deleted."
            faults.append(Fault(pointer=f"{pointer}/example_id", detail=detail, code="no_such_example"))
        elif decision.example_id in adjudications:
            faults.append(
                Fault(
                    pointer=f"{pointer}/example_id",
                    detail="Duplicate example: decide on each example once.",
                    code="repeated",
                )
            )
        else:
            adjudications[decision.example_id] = (decision, answers)
    if faults:
        raise Unprocessable("Some decisions are invalid; see `errors`.", errors=faults)
    return adjudications
