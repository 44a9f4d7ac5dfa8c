"""Add candidates from programs and predictions, and accept or reject candidates."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, DatasetState, require_active
from service.datasets.examples import chat_content
from service.datasets.examples.chat_content import DECODER, Assistant, Content, get_prompt
from service.datasets.examples.domain import ExampleAdded
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, find_metadata_faults, find_schema_faults, to_mismatches
from service.datasets.splits import assign_split
from service.errors import Conflict, Erased, Fault, Invalid, NotFound, Problem, Unprocessable
from service.generation import queries
from service.generation.candidates import domain
from service.generation.candidates.domain import CANDIDATE, CandidateMade, CandidateState, derive_example_id
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
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, StoredText, load_many
from service.ledger.texts import SubjectTexts, load_texts
from service.prompts.runs import queries as prompt_runs
from service.tasks.domain import TASK, TaskState

PAGE = 200
MAX_PREDICTIONS = 10_000
MAX_CANDIDATES = 1_000  # of one review


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate to record. Its event has no digests yet."""

    id: UUID
    event: CandidateMade
    content: Content
    metadata: dict[str, Any] | None = None


async def send_candidates(
    ledger: Ledger, caller: Caller, generation_id: UUID, items: Sequence[CandidateContent]
) -> CandidateIds:
    """Raises NotFound, and Unprocessable with the faults of all items."""
    task = await _load_task(ledger, caller.workspace_id, generation_id)
    faults = [
        fault
        for number, item in enumerate(items)
        for fault in [
            *chat_content.find_faults(item.content, at=f"/candidates/{number}/content"),
            *(find_metadata_faults(item.metadata, at=f"/candidates/{number}/metadata") if item.metadata else []),
        ]
    ]
    if faults:
        raise Unprocessable("The content is invalid; see `errors`.", errors=faults)
    proposals = []
    for item in items:
        id_ = new_id() if item.key is None else uuid5(generation_id, f"sent/{item.key}")
        event = CandidateMade(
            generation_id=generation_id,
            origin="sent",
            subject=derive_example_id(id_),
            invalid=await find_mismatches(caller.workspace_id, task, item.content),
        )
        proposals.append(Proposal(id=id_, event=event, content=item.content, metadata=item.metadata))
    return await _propose(ledger, caller, proposals)


async def propose_predictions(ledger: Ledger, caller: Caller, generation_id: UUID, run_id: UUID) -> CandidateIds:
    """Propose the first MAX_PREDICTIONS predictions that succeeded and were not erased. Raises NotFound."""
    task = await _load_task(ledger, caller.workspace_id, generation_id)
    run = await prompt_runs.get_run(ledger.engine, caller.workspace_id, run_id)
    ids: list[UUID] = []
    new = 0
    after: UUID | None = None
    while len(ids) < MAX_PREDICTIONS:
        rows = await prompt_runs.list_predictions(
            ledger.engine, caller.workspace_id, run_id, state="succeeded", after=after, limit=PAGE
        )
        contents = await queries.load_example_contents(
            ledger.engine, caller.workspace_id, {row.example_id: row.example_version for row in rows}
        )
        proposals = [
            await _build_prediction_proposal(
                caller.workspace_id, row, run, generation_id, task, contents[row.example_id]
            )
            for row in rows
            if row.body is not None and row.example_id in contents
        ]
        added = await _propose(ledger, caller, [proposal for proposal in proposals if proposal is not None])
        ids, new = [*ids, *added.data], new + added.new
        if len(rows) < PAGE:
            break
        after = rows[-1].example_id
    return CandidateIds(data=ids, new=new)


async def _build_prediction_proposal(
    workspace_id: UUID, row: Any, run: Any, generation_id: UUID, task: TaskState | None, example: bytes
) -> Proposal | None:
    """The example's prompt with the predicted answer; None if that is no valid content."""
    text = msgspec.json.decode(row.body, type=StoredAnswer).text
    content = Content(messages=(*get_prompt(DECODER.decode(example)), Assistant(content=text)))
    if chat_content.find_faults(content):
        return None
    id_ = uuid5(generation_id, f"prediction/{row.run_id}/{row.example_id}")
    event = CandidateMade(
        generation_id=generation_id,
        origin="prediction",
        subject=derive_example_id(id_),
        run_id=row.run_id,
        calls={"output": row.call_id},
        served=msgspec.convert(run.served[str(row.prompt_version)], Served),
        prompt_id=run.prompt_id,
        prompt_version=row.prompt_version,
        predicted_for=row.example_id,
        invalid=await find_mismatches(workspace_id, task, content),
    )
    return Proposal(id=id_, event=event, content=content)


async def _propose(ledger: Ledger, caller: Caller, proposals: Sequence[Proposal]) -> CandidateIds:
    """Record the candidates that do not exist yet."""
    by_id = {proposal.id: proposal for proposal in proposals}

    async def attempt() -> CandidateIds:
        existing = await queries.find_existing(ledger.engine, caller.workspace_id, list(by_id))
        new_proposals = [proposal for id_, proposal in by_id.items() if id_ not in existing]
        if new_proposals:
            await ledger.write(caller, _build_batch(new_proposals))
        return CandidateIds(data=list(by_id), new=len(new_proposals))

    return await retry_on_conflict(attempt, subject="these candidates")


def _build_batch(proposals: Sequence[Proposal]) -> Batch:
    entries: list[Entry] = []
    contents: list[StoredText] = []
    for proposal in proposals:
        event, texts = with_digests(proposal.event, proposal.content, proposal.metadata)
        entries.append(Entry(stream=CANDIDATE.stream, stream_id=proposal.id, after=0, event=event))
        contents += texts.attachments.contents
    return Batch(entries=entries, attachments=Attachments(contents=contents))


async def _load_task(ledger: Ledger, workspace_id: UUID, generation_id: UUID) -> TaskState | None:
    state = (await ledger.get(GENERATION, workspace_id, generation_id)).state
    stored = await ledger.find(TASK, workspace_id, state.task_id) if state.task_id else None
    return stored.state if stored else None


class ReviewFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the decisions of a review depend on."""

    dataset_id: UUID
    dataset: DatasetState
    task: RuleBook | None
    streams: dict[UUID, StreamState[CandidateState]]
    texts: dict[UUID, SubjectTexts]
    edits: dict[UUID, Content]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one candidate, and the events to write."""

    decision: CandidateDecision
    entries: tuple[Entry, ...] = ()


Decide = Callable[[ReviewFacts, UUID], Awaitable[Verdict]]


async def accept_candidates(
    ledger: Ledger, caller: Caller, generation_id: UUID, data: AcceptCandidates
) -> CandidateDecisions:
    """Raises NotFound, Unprocessable for edits that are no valid examples, Conflict if all candidates are refused."""
    edits = {edit.candidate_id: edit.content for edit in data.edits}
    ids = [*data.candidate_ids, *edits]

    async def decide(facts: ReviewFacts, id_: UUID) -> Verdict:
        return await _accept(caller.workspace_id, facts, id_, data)

    return await _review(ledger, caller, generation_id, ids, data.matching, decide=decide, edits=edits, accepting=data)


async def reject_candidates(
    ledger: Ledger, caller: Caller, generation_id: UUID, data: RejectCandidates
) -> CandidateDecisions:
    """Raises NotFound, and Conflict if all candidates were accepted before."""

    async def decide(facts: ReviewFacts, id_: UUID) -> Verdict:
        stored = facts.streams[id_]
        events = domain.reject(stored.state, reason=data.reason)
        entries = [Entry(stream=CANDIDATE.stream, stream_id=id_, after=stored.version, event=e) for e in events]
        decision = CandidateDecision(candidate_id=id_, outcome="rejected", new=bool(events))
        return Verdict(decision=decision, entries=tuple(entries))

    return await _review(ledger, caller, generation_id, data.candidate_ids, data.matching, decide=decide)


async def _review(
    ledger: Ledger,
    caller: Caller,
    generation_id: UUID,
    ids: Sequence[UUID],
    matching: queries.CandidateFilter | None,
    *,
    decide: Decide,
    edits: dict[UUID, Content] | None = None,
    accepting: AcceptCandidates | None = None,
) -> CandidateDecisions:
    if bool(ids) == (matching is not None) or len(set(ids)) > MAX_CANDIDATES:
        detail = f"Give either up to {MAX_CANDIDATES:,} candidate ids, or `matching`."
        raise Invalid(detail, errors=[Fault(pointer="/candidate_ids", detail=detail)])

    async def attempt() -> CandidateDecisions:
        reviewed, matches = list(dict.fromkeys(ids)), 0
        if matching is not None:
            reviewed, matches = await queries.find_proposed(
                ledger.engine, caller.workspace_id, generation_id, matching, limit=MAX_CANDIDATES
            )
        facts = await _load_facts(ledger, caller.workspace_id, generation_id, reviewed, edits or {})
        if accepting is not None:
            await _check_edits(caller.workspace_id, facts, accepting)
        verdicts = [await _decide(decide, facts, id_) for id_ in reviewed]
        await _write(ledger, caller, facts, verdicts)
        return _build_response(verdicts, remaining=matches - len(reviewed) if matching is not None else 0)

    return await retry_on_conflict(attempt, subject="these candidates")


async def _load_facts(
    ledger: Ledger, workspace_id: UUID, generation_id: UUID, ids: Sequence[UUID], edits: dict[UUID, Content]
) -> ReviewFacts:
    generation = (await ledger.get(GENERATION, workspace_id, generation_id)).state
    dataset = require_active((await ledger.get(DATASET, workspace_id, generation.dataset_id)).state)
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
        texts=await load_texts(ledger.engine, workspace_id, [derive_example_id(id_) for id_ in ids]),
        edits=edits,
    )


async def _check_edits(workspace_id: UUID, facts: ReviewFacts, data: AcceptCandidates) -> None:
    faults: list[Fault] = []
    for number, edit in enumerate(data.edits):
        content_faults = chat_content.find_faults(edit.content, at=f"/edits/{number}/content")
        if not content_faults and data.on_invalid == "refuse":
            content_faults = await find_schema_faults(
                workspace_id, edit.content, facts.task, at=f"/edits/{number}/output"
            )
        faults += content_faults
    if faults:
        raise Unprocessable("The content is invalid; see `errors`.", errors=faults)


async def _decide(decide: Decide, facts: ReviewFacts, id_: UUID) -> Verdict:
    """The verdict on one candidate. A problem refuses only this one."""
    try:
        return await decide(facts, id_)
    except Problem as problem:
        decision = CandidateDecision(
            candidate_id=id_,
            outcome="refused",
            new=False,
            example_id=facts.streams[id_].state.example_id,
            code=problem.code,
            detail=problem.detail,
        )
        return Verdict(decision=decision)


async def _accept(workspace_id: UUID, facts: ReviewFacts, id_: UUID, data: AcceptCandidates) -> Verdict:
    stored, example_id = facts.streams[id_], derive_example_id(id_)
    texts = facts.texts[example_id]
    edit = facts.edits.get(id_)
    edited = texts.add(chat_content.encode_canonical(edit)) if edit is not None else None
    changed = edited if edited != stored.state.content else None
    events = domain.accept(stored.state, example_id=example_id, content=changed, reason=data.reason)
    decision = CandidateDecision(candidate_id=id_, outcome="accepted", new=bool(events), example_id=example_id)
    if not events:
        return Verdict(decision=decision)
    digest = changed or stored.state.content or ""
    if digest not in texts.bodies:
        raise Erased("The text of this candidate was erased.")
    example = _build_example(facts, stored, digest, texts, data.tags)
    faults = await find_schema_faults(workspace_id, chat_content.decode(texts.bodies[digest]), facts.task)
    example = msgspec.structs.replace(example, invalid=to_mismatches(faults, at="/output"))
    entries = (
        Entry(stream="example", stream_id=example_id, after=0, event=example),
        Entry(stream=CANDIDATE.stream, stream_id=id_, after=stored.version, event=events[0]),
    )
    return Verdict(decision=decision, entries=entries)


def _build_example(
    facts: ReviewFacts,
    stored: StreamState[CandidateState],
    digest: str,
    texts: SubjectTexts,
    tags: Sequence[str],
) -> ExampleAdded:
    made = stored.state.made
    has_metadata = made.metadata in texts.bodies and made.origin != "topic"
    return ExampleAdded(
        dataset_id=facts.dataset_id,
        content=digest,
        split=assign_split(texts.bodies[digest], facts.dataset_id, facts.dataset.split_policy),
        source=build_source(stored),
        tags=tuple(dict.fromkeys(tags)),
        metadata=made.metadata if has_metadata else None,
        task_version=facts.task.version if facts.task else None,
    )


def build_source(stored: StreamState[CandidateState]) -> Source:
    made = stored.state.made
    kind: Literal["document", "synthetic"] = "document" if made.document else "synthetic"
    place = made.document
    return Source(
        type=kind,
        generation_id=made.generation_id,
        candidate_id=stored.id,
        model=made.served.provider_model if made.served else None,
        document_id=place.document_id if place else None,
        page=place.page if place else None,
        start=place.start if place else None,
        end=place.end if place else None,
    )


async def _write(ledger: Ledger, caller: Caller, facts: ReviewFacts, verdicts: Sequence[Verdict]) -> None:
    entries = [entry for verdict in verdicts for entry in verdict.entries]
    if not entries:
        return
    written = {entry.stream_id for entry in entries}
    contents = [text for id_, texts in facts.texts.items() if id_ in written for text in texts.attachments.contents]
    await ledger.write(caller, Batch(entries=entries, attachments=Attachments(contents=contents)))


def _build_response(verdicts: Sequence[Verdict], *, remaining: int) -> CandidateDecisions:
    decisions = [verdict.decision for verdict in verdicts]
    if decisions and all(decision.outcome == "refused" for decision in decisions):
        faults = [
            Fault(pointer=f"/candidate_ids/{number}", detail=decision.detail or "", code=decision.code or "")
            for number, decision in enumerate(decisions)
        ]
        raise Conflict(faults[0].detail, errors=faults)
    return CandidateDecisions(data=decisions, remaining=remaining)
