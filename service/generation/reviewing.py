"""Reviewing: many candidates decided at once. Each becomes an example once, whoever else decides meanwhile."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from service.datasets.domain import DATASET, Dataset
from service.datasets.examples import chat_content as texts
from service.datasets.examples.chat_content import Content
from service.datasets.examples.domain import ExampleAdded
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, accepted, mismatches
from service.datasets.splits import assign
from service.errors import Conflict, Fault, Invalid, NotFound, Problem, Unprocessable
from service.generation import candidates as decide
from service.generation import queries
from service.generation.candidate_shapes import (
    AcceptCandidates,
    CandidateDecision,
    CandidateDecisions,
    RejectCandidates,
)
from service.generation.candidates import CANDIDATE, Candidate, example_of
from service.generation.generations import GENERATION
from service.ledger.decider import Stored
from service.ledger.store import Batch, Beside, Caller, Entry, Ledger, LostRace
from service.ledger.streams import load_many
from service.ledger.texts import Wording, wordings
from service.tasks.domain import TASK

ATTEMPTS = 8
MOST = 1_000


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a review is decided on."""

    dataset_id: UUID
    dataset: Dataset
    task: RuleBook | None
    streams: dict[UUID, Stored[Candidate]]
    wordings: dict[UUID, Wording]
    edits: dict[UUID, Content]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written for a candidate, and what is said of it."""

    said: CandidateDecision
    entries: tuple[Entry, ...] = ()


Judge = Callable[[Facts, UUID], Verdict]


async def accept(ledger: Ledger, caller: Caller, generation_id: UUID, wanted: AcceptCandidates) -> CandidateDecisions:
    """Raises NotFound, Unprocessable for edits that are no examples, Conflict where all of them were decided else."""
    edits = {edit.candidate_id: edit.content for edit in wanted.edits}
    ids = [*wanted.candidate_ids, *edits]

    def verdict(facts: Facts, id_: UUID) -> Verdict:
        return _accepted(facts, id_, wanted)

    return await _review(
        ledger, caller, generation_id, ids, wanted.matching, verdict=verdict, edits=edits, wanted=wanted
    )


async def reject(ledger: Ledger, caller: Caller, generation_id: UUID, wanted: RejectCandidates) -> CandidateDecisions:
    """Raises NotFound, and Conflict where all of them were accepted already."""

    def verdict(facts: Facts, id_: UUID) -> Verdict:
        stored = facts.streams[id_]
        events = decide.reject(stored.state, reason=wanted.reason)
        entries = [Entry(stream=CANDIDATE.stream, stream_id=id_, after=stored.version, event=e) for e in events]
        said = CandidateDecision(candidate_id=id_, outcome="rejected", new=bool(events))
        return Verdict(said=said, entries=tuple(entries))

    return await _review(ledger, caller, generation_id, wanted.candidate_ids, wanted.matching, verdict=verdict)


async def _review(
    ledger: Ledger,
    caller: Caller,
    generation_id: UUID,
    ids: Sequence[UUID],
    matching: queries.CandidateFilter | None,
    *,
    verdict: Judge,
    edits: dict[UUID, Content] | None = None,
    wanted: AcceptCandidates | None = None,
) -> CandidateDecisions:
    if bool(ids) == (matching is not None) or len(set(ids)) > MOST:
        detail = "Say which: up to 1,000 candidates by id, or those matching a filter."
        raise Invalid(detail, errors=[Fault(pointer="/candidate_ids", detail=detail)])
    for attempt in range(ATTEMPTS):
        named, number = list(dict.fromkeys(ids)), 0
        if matching is not None:
            named, number = await queries.proposed(
                ledger.engine, caller.workspace_id, generation_id, matching, limit=MOST
            )
        facts = await _gather(ledger, caller.workspace_id, generation_id, named, edits or {})
        if wanted is not None:
            _require_examples(facts, wanted)
        verdicts = [_told(verdict, facts, id_) for id_ in named]
        try:
            await _write(ledger, caller, facts, verdicts)
        except LostRace:
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - a pause, not a secret
            continue
        return _answer(verdicts, remaining=number - len(named) if matching is not None else 0)
    raise LostRace("These candidates are being decided by many at once; try again.")


async def _gather(
    ledger: Ledger, workspace_id: UUID, generation_id: UUID, ids: Sequence[UUID], edits: dict[UUID, Content]
) -> Facts:
    generation = (await ledger.found(GENERATION, workspace_id, generation_id)).state
    dataset = (await ledger.found(DATASET, workspace_id, generation.dataset_id)).state
    streams = await load_many(ledger, CANDIDATE, workspace_id, ids)
    unknown = [id_ for id_ in ids if id_ not in streams or streams[id_].state.made.generation_id != generation_id]
    if unknown:
        faults = [
            Fault(pointer=f"/candidate_ids/{ids.index(id_)}", detail="No such candidate.", code="not_found")
            for id_ in unknown
        ]
        raise NotFound(f"The generation has no candidate {unknown[0]}.", errors=faults)
    return Facts(
        dataset_id=generation.dataset_id,
        dataset=dataset,
        task=await ledger.load(TASK, workspace_id, dataset.task_id) if dataset.task_id else None,
        streams=streams,
        wordings=await wordings(ledger.engine, workspace_id, [example_of(id_) for id_ in ids]),
        edits=edits,
    )


def _require_examples(facts: Facts, wanted: AcceptCandidates) -> None:
    faults: list[Fault] = []
    for number, edit in enumerate(wanted.edits):
        at = f"/edits/{number}"
        found = texts.faults(edit.content, at=f"{at}/content")
        if not found and wanted.on_invalid == "refuse":
            found = mismatches(edit.content, facts.task, at=f"{at}/output")
        faults += found
    if faults:
        raise Unprocessable("Some of the content is not acceptable.", errors=faults)


def _told(verdict: Judge, facts: Facts, id_: UUID) -> Verdict:
    """A refusal is this candidate's own: the others are decided all the same."""
    try:
        return verdict(facts, id_)
    except Problem as problem:
        state = facts.streams[id_].state
        said = CandidateDecision(
            candidate_id=id_,
            outcome="refused",
            new=False,
            example_id=state.example_id,
            code=problem.code,
            detail=problem.detail,
        )
        return Verdict(said=said)


def _accepted(facts: Facts, id_: UUID, wanted: AcceptCandidates) -> Verdict:
    stored, example_id = facts.streams[id_], example_of(id_)
    wording = facts.wordings[example_id]
    edit = facts.edits.get(id_)
    digest = wording.seal(texts.canonical(edit)) if edit is not None else None
    changed = digest if digest != stored.state.content else None
    events = decide.accept(stored.state, example_id=example_id, content=changed, reason=wanted.reason)
    said = CandidateDecision(candidate_id=id_, outcome="accepted", new=bool(events), example_id=example_id)
    if not events:
        return Verdict(said=said)
    final = changed or stored.state.content or ""
    if final not in wording.bodies:
        raise Conflict("The text of this candidate was erased.")
    added = _example(facts, stored, example_id, final, wording, wanted.tags)
    entries = (
        Entry(stream="example", stream_id=example_id, after=0, event=added),
        Entry(stream=CANDIDATE.stream, stream_id=id_, after=stored.version, event=events[0]),
    )
    return Verdict(said=said, entries=entries)


def _example(
    facts: Facts, stored: Stored[Candidate], example_id: UUID, digest: str, wording: Wording, tags: Sequence[str]
) -> ExampleAdded:
    made = stored.state.made
    content = texts.decode(wording.bodies[digest])
    kept = made.metadata if made.metadata in wording.bodies and made.origin != "topic" else None
    return ExampleAdded(
        dataset_id=facts.dataset_id,
        content=digest,
        split=assign(example_id, facts.dataset.split_policy),
        source=source_of(stored),
        tags=tuple(dict.fromkeys(tags)),
        metadata=kept,
        invalid=accepted(mismatches(content, facts.task, at="/output"), on_invalid="mark", at="/output"),
        task_version=facts.task.version if facts.task else None,
    )


def source_of(stored: Stored[Candidate]) -> Source:
    made = stored.state.made
    kind: Literal["document", "synthetic"] = "document" if made.document else "synthetic"
    at = made.document
    return Source(
        type=kind,
        generation_id=made.generation_id,
        candidate_id=stored.id,
        model=made.served.provider_model if made.served else None,
        document_id=at.document_id if at else None,
        page=at.page if at else None,
        start=at.start if at else None,
        end=at.end if at else None,
    )


async def _write(ledger: Ledger, caller: Caller, facts: Facts, verdicts: Sequence[Verdict]) -> None:
    entries = [entry for verdict in verdicts for entry in verdict.entries]
    if not entries:
        return
    written = {entry.stream_id for entry in entries}
    contents = [text for id_, words in facts.wordings.items() if id_ in written for text in words.beside.contents]
    await ledger.write(caller, Batch(entries=entries, beside=Beside(contents=contents)))


def _answer(verdicts: Sequence[Verdict], *, remaining: int) -> CandidateDecisions:
    said = [verdict.said for verdict in verdicts]
    if said and all(each.outcome == "refused" for each in said):
        faults = [
            Fault(pointer=f"/candidate_ids/{number}", detail=each.detail or "", code=each.code or "")
            for number, each in enumerate(said)
        ]
        raise Conflict(faults[0].detail, errors=faults)
    return CandidateDecisions(data=said, remaining=remaining)
