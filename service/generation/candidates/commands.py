"""Candidates that are made elsewhere: sent by a program, or predicted by a prompt. Each is made once."""

from collections.abc import Callable, Sequence
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, DatasetState
from service.datasets.examples import chat_content as texts
from service.datasets.examples.chat_content import DECODER, Assistant, Content, prompt_of
from service.datasets.examples.domain import ExampleAdded
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, accepted, metadata_faults, mismatches
from service.datasets.splits import assign
from service.errors import Conflict, Fault, Invalid, NotFound, Problem, Unprocessable
from service.generation import queries
from service.generation.candidates import domain as decide
from service.generation.candidates.domain import CANDIDATE, CandidateMade, CandidateState, example_id_of
from service.generation.candidates.schemas import (
    AcceptCandidates,
    CandidateContent,
    CandidateDecision,
    CandidateDecisions,
    CandidateIds,
    RejectCandidates,
)
from service.generation.domain import GENERATION
from service.generation.runs.model_answers import find_mismatches, with_digests
from service.inference.domain import Served
from service.inference.outcomes import StoredAnswer
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, load_many
from service.ledger.store import StoredText as Text
from service.ledger.texts import SubjectTexts, load_texts
from service.prompts.runs import queries as predictions
from service.tasks.domain import TASK, TaskState

PAGE = 200
MAX_PREDICTIONS = 10_000


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate to be; the event has no digests yet."""

    id: UUID
    event: CandidateMade
    content: Content
    metadata: dict[str, Any] | None = None


async def send_candidates(
    ledger: Ledger, caller: Caller, generation_id: UUID, sent: Sequence[CandidateContent]
) -> CandidateIds:
    """Raises NotFound, and Unprocessable with every fault of all of them."""
    task = await _task(ledger, caller.workspace_id, generation_id)
    faults = [
        fault
        for number, each in enumerate(sent)
        for fault in [
            *texts.faults(each.content, at=f"/candidates/{number}/content"),
            *(metadata_faults(each.metadata, at=f"/candidates/{number}/metadata") if each.metadata else []),
        ]
    ]
    if faults:
        raise Unprocessable("Some of the content is not acceptable.", errors=faults)
    proposals = []
    for each in sent:
        id_ = new_id() if each.key is None else uuid5(generation_id, f"sent/{each.key}")
        event = CandidateMade(
            generation_id=generation_id,
            origin="sent",
            subject=example_id_of(id_),
            invalid=find_mismatches(task, each.content),
        )
        proposals.append(Proposal(id=id_, event=event, content=each.content, metadata=each.metadata))
    return await _propose(ledger, caller, proposals)


async def propose_predictions(ledger: Ledger, caller: Caller, generation_id: UUID, run_id: UUID) -> CandidateIds:
    """From the first 10,000 predictions that succeeded and were not erased. Raises NotFound."""
    task = await _task(ledger, caller.workspace_id, generation_id)
    run = await predictions.get_run(ledger.engine, caller.workspace_id, run_id)
    ids: list[UUID] = []
    new, after = 0, None
    while len(ids) < MAX_PREDICTIONS:
        rows = await predictions.list_predictions(
            ledger.engine, caller.workspace_id, run_id, state="succeeded", after=after, limit=PAGE
        )
        asked = await queries.load_example_contents(
            ledger.engine, caller.workspace_id, {row.example_id: row.example_version for row in rows}
        )
        proposals = [
            proposal
            for row in rows
            if (proposal := _proposal(row, run, generation_id, task, asked.get(row.example_id))) is not None
        ]
        made = await _propose(ledger, caller, proposals)
        ids, new = [*ids, *made.data], new + made.new
        if len(rows) < PAGE:
            break
        after = rows[-1].example_id
    return CandidateIds(data=ids, new=new)


def _proposal(row: Any, run: Any, generation_id: UUID, task: TaskState | None, asked: bytes | None) -> Proposal | None:
    if row.body is None or asked is None:
        return None
    text = msgspec.json.decode(row.body, type=StoredAnswer).text
    content = Content(messages=(*prompt_of(DECODER.decode(asked)), Assistant(content=text)))
    if texts.faults(content):
        return None
    id_ = uuid5(generation_id, f"prediction/{row.run_id}/{row.example_id}")
    event = CandidateMade(
        generation_id=generation_id,
        origin="prediction",
        subject=example_id_of(id_),
        run_id=row.run_id,
        calls={"output": row.call_id},
        served=msgspec.convert(run.served[str(row.prompt_version)], Served),
        prompt_id=run.prompt_id,
        prompt_version=row.prompt_version,
        predicted_for=row.example_id,
        invalid=find_mismatches(task, content),
    )
    return Proposal(id=id_, event=event, content=content)


async def _propose(ledger: Ledger, caller: Caller, proposals: Sequence[Proposal]) -> CandidateIds:
    """Those that are there already stay as they are."""
    wanted = {proposal.id: proposal for proposal in proposals}

    async def attempt() -> CandidateIds:
        known = await queries.find_existing(ledger.engine, caller.workspace_id, list(wanted))
        fresh = [proposal for id_, proposal in wanted.items() if id_ not in known]
        if fresh:
            await ledger.write(caller, _batch(fresh))
        return CandidateIds(data=list(wanted), new=len(fresh))

    return await retry_on_conflict(attempt, subject="these candidates")


def _batch(fresh: Sequence[Proposal]) -> Batch:
    entries: list[Entry] = []
    contents: list[Text] = []
    for proposal in fresh:
        event, wording = with_digests(proposal.event, proposal.content, proposal.metadata)
        entries.append(Entry(stream=CANDIDATE.stream, stream_id=proposal.id, after=0, event=event))
        contents += wording.attachments.contents
    return Batch(entries=entries, attachments=Attachments(contents=contents))


async def _task(ledger: Ledger, workspace_id: UUID, generation_id: UUID) -> TaskState | None:
    state = (await ledger.get(GENERATION, workspace_id, generation_id)).state
    stored = await ledger.find(TASK, workspace_id, state.task_id) if state.task_id else None
    return stored.state if stored else None


MAX_CANDIDATES = 1_000


class ReviewFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a review is decided on."""

    dataset_id: UUID
    dataset: DatasetState
    task: RuleBook | None
    streams: dict[UUID, StreamState[CandidateState]]
    texts: dict[UUID, SubjectTexts]
    edits: dict[UUID, Content]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written for a candidate, and what is said of it."""

    said: CandidateDecision
    entries: tuple[Entry, ...] = ()


Decide = Callable[[ReviewFacts, UUID], Verdict]


async def accept_candidates(
    ledger: Ledger, caller: Caller, generation_id: UUID, wanted: AcceptCandidates
) -> CandidateDecisions:
    """Raises NotFound, Unprocessable for edits that are no examples, Conflict where all of them were decided else."""
    edits = {edit.candidate_id: edit.content for edit in wanted.edits}
    ids = [*wanted.candidate_ids, *edits]

    def verdict(facts: ReviewFacts, id_: UUID) -> Verdict:
        return _accepted(facts, id_, wanted)

    return await _review(
        ledger, caller, generation_id, ids, wanted.matching, verdict=verdict, edits=edits, wanted=wanted
    )


async def reject_candidates(
    ledger: Ledger, caller: Caller, generation_id: UUID, wanted: RejectCandidates
) -> CandidateDecisions:
    """Raises NotFound, and Conflict where all of them were accepted already."""

    def verdict(facts: ReviewFacts, id_: UUID) -> Verdict:
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
    verdict: Decide,
    edits: dict[UUID, Content] | None = None,
    wanted: AcceptCandidates | None = None,
) -> CandidateDecisions:
    if bool(ids) == (matching is not None) or len(set(ids)) > MAX_CANDIDATES:
        detail = "Say which: up to 1,000 candidates by id, or those matching a filter."
        raise Invalid(detail, errors=[Fault(pointer="/candidate_ids", detail=detail)])

    async def attempt() -> CandidateDecisions:
        named, number = list(dict.fromkeys(ids)), 0
        if matching is not None:
            named, number = await queries.find_proposed(
                ledger.engine, caller.workspace_id, generation_id, matching, limit=MAX_CANDIDATES
            )
        facts = await _gather(ledger, caller.workspace_id, generation_id, named, edits or {})
        if wanted is not None:
            _require_examples(facts, wanted)
        verdicts = [_told(verdict, facts, id_) for id_ in named]
        await _write(ledger, caller, facts, verdicts)
        return _answer(verdicts, remaining=number - len(named) if matching is not None else 0)

    return await retry_on_conflict(attempt, subject="these candidates")


async def _gather(
    ledger: Ledger, workspace_id: UUID, generation_id: UUID, ids: Sequence[UUID], edits: dict[UUID, Content]
) -> ReviewFacts:
    generation = (await ledger.get(GENERATION, workspace_id, generation_id)).state
    dataset = (await ledger.get(DATASET, workspace_id, generation.dataset_id)).state
    streams = await load_many(ledger, CANDIDATE, workspace_id, ids)
    unknown = [id_ for id_ in ids if id_ not in streams or streams[id_].state.made.generation_id != generation_id]
    if unknown:
        faults = [
            Fault(pointer=f"/candidate_ids/{ids.index(id_)}", detail="No such candidate.", code="not_found")
            for id_ in unknown
        ]
        raise NotFound(f"The generation has no candidate {unknown[0]}.", errors=faults)
    return ReviewFacts(
        dataset_id=generation.dataset_id,
        dataset=dataset,
        task=await ledger.find(TASK, workspace_id, dataset.task_id) if dataset.task_id else None,
        streams=streams,
        texts=await load_texts(ledger.engine, workspace_id, [example_id_of(id_) for id_ in ids]),
        edits=edits,
    )


def _require_examples(facts: ReviewFacts, wanted: AcceptCandidates) -> None:
    faults: list[Fault] = []
    for number, edit in enumerate(wanted.edits):
        at = f"/edits/{number}"
        found = texts.faults(edit.content, at=f"{at}/content")
        if not found and wanted.on_invalid == "refuse":
            found = mismatches(edit.content, facts.task, at=f"{at}/output")
        faults += found
    if faults:
        raise Unprocessable("Some of the content is not acceptable.", errors=faults)


def _told(verdict: Decide, facts: ReviewFacts, id_: UUID) -> Verdict:
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


def _accepted(facts: ReviewFacts, id_: UUID, wanted: AcceptCandidates) -> Verdict:
    stored, example_id = facts.streams[id_], example_id_of(id_)
    wording = facts.texts[example_id]
    edit = facts.edits.get(id_)
    digest = wording.add(texts.canonical(edit)) if edit is not None else None
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
    facts: ReviewFacts,
    stored: StreamState[CandidateState],
    example_id: UUID,
    digest: str,
    wording: SubjectTexts,
    tags: Sequence[str],
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


def source_of(stored: StreamState[CandidateState]) -> Source:
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


async def _write(ledger: Ledger, caller: Caller, facts: ReviewFacts, verdicts: Sequence[Verdict]) -> None:
    entries = [entry for verdict in verdicts for entry in verdict.entries]
    if not entries:
        return
    written = {entry.stream_id for entry in entries}
    contents = [text for id_, words in facts.texts.items() if id_ in written for text in words.attachments.contents]
    await ledger.write(caller, Batch(entries=entries, attachments=Attachments(contents=contents)))


def _answer(verdicts: Sequence[Verdict], *, remaining: int) -> CandidateDecisions:
    said = [verdict.said for verdict in verdicts]
    if said and all(each.outcome == "refused" for each in said):
        faults = [
            Fault(pointer=f"/candidate_ids/{number}", detail=each.detail or "", code=each.code or "")
            for number, each in enumerate(said)
        ]
        raise Conflict(faults[0].detail, errors=faults)
    return CandidateDecisions(data=said, remaining=remaining)
