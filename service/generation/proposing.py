"""Candidates that are made elsewhere: sent by a program, or predicted by a prompt. Each is made once."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec

from service.database.engine import new_id
from service.datasets.examples import chat_content as texts
from service.datasets.examples.chat_content import DECODER, Assistant, Content, prompt_of
from service.datasets.examples.validation import metadata_faults
from service.errors import Unprocessable
from service.generation import queries
from service.generation.candidate_shapes import CandidateContent, CandidateIds
from service.generation.candidates import CANDIDATE, CandidateMade, example_of
from service.generation.generations import GENERATION
from service.generation.making import marks, sealed
from service.ledger.store import Batch, Beside, Caller, Entry, Ledger, LostRace
from service.ledger.store import Content as Text
from service.prompts import predictions_queries as predictions
from service.runs.answers import Kept
from service.runs.calls import Served
from service.tasks.domain import TASK, Task

ATTEMPTS = 8
PAGE = 200
MOST_PREDICTIONS = 10_000


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate to be; the event has no digests yet."""

    id: UUID
    event: CandidateMade
    content: Content
    metadata: dict[str, Any] | None = None


async def send(ledger: Ledger, caller: Caller, generation_id: UUID, sent: Sequence[CandidateContent]) -> CandidateIds:
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
            generation_id=generation_id, origin="sent", subject=example_of(id_), invalid=marks(task, each.content)
        )
        proposals.append(Proposal(id=id_, event=event, content=each.content, metadata=each.metadata))
    return await _propose(ledger, caller, proposals)


async def predicted(ledger: Ledger, caller: Caller, generation_id: UUID, run_id: UUID) -> CandidateIds:
    """From the first 10,000 predictions that succeeded and were not erased. Raises NotFound."""
    task = await _task(ledger, caller.workspace_id, generation_id)
    run = await predictions.get_run(ledger.engine, caller.workspace_id, run_id)
    ids: list[UUID] = []
    new, after = 0, None
    while len(ids) < MOST_PREDICTIONS:
        rows = await predictions.list_predictions(
            ledger.engine, caller.workspace_id, run_id, state="succeeded", after=after, limit=PAGE
        )
        asked = await queries.contents_of_examples(
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


def _proposal(row: Any, run: Any, generation_id: UUID, task: Task | None, asked: bytes | None) -> Proposal | None:
    if row.body is None or asked is None:
        return None
    text = msgspec.json.decode(row.body, type=Kept).text
    content = Content(messages=(*prompt_of(DECODER.decode(asked)), Assistant(content=text)))
    if texts.faults(content):
        return None
    id_ = uuid5(generation_id, f"prediction/{row.run_id}/{row.example_id}")
    event = CandidateMade(
        generation_id=generation_id,
        origin="prediction",
        subject=example_of(id_),
        run_id=row.run_id,
        calls={"output": row.call_id},
        served=msgspec.convert(run.served[str(row.prompt_version)], Served),
        prompt_id=run.prompt_id,
        prompt_version=row.prompt_version,
        predicted_for=row.example_id,
        invalid=marks(task, content),
    )
    return Proposal(id=id_, event=event, content=content)


async def _propose(ledger: Ledger, caller: Caller, proposals: Sequence[Proposal]) -> CandidateIds:
    """Those that are there already stay as they are."""
    wanted = {proposal.id: proposal for proposal in proposals}
    for attempt in range(ATTEMPTS):
        known = await queries.known_candidates(ledger.engine, caller.workspace_id, list(wanted))
        fresh = [proposal for id_, proposal in wanted.items() if id_ not in known]
        try:
            if fresh:
                await ledger.write(caller, _batch(fresh))
        except LostRace:
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - a pause, not a secret
            continue
        return CandidateIds(data=list(wanted), new=len(fresh))
    raise LostRace("These candidates are being made by many at once; try again.")


def _batch(fresh: Sequence[Proposal]) -> Batch:
    entries: list[Entry] = []
    contents: list[Text] = []
    for proposal in fresh:
        event, wording = sealed(proposal.event, proposal.content, proposal.metadata)
        entries.append(Entry(stream=CANDIDATE.stream, stream_id=proposal.id, after=0, event=event))
        contents += wording.beside.contents
    return Batch(entries=entries, beside=Beside(contents=contents))


async def _task(ledger: Ledger, workspace_id: UUID, generation_id: UUID) -> Task | None:
    state = (await ledger.found(GENERATION, workspace_id, generation_id)).state
    stored = await ledger.load(TASK, workspace_id, state.task_id) if state.task_id else None
    return stored.state if stored else None
