"""Fork datasets, merge what changed, decide what both sides changed, and cancel."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets import domain as datasets
from service.datasets.domain import DATASET, ForkedFrom, require_active
from service.datasets.examples import chat_content
from service.datasets.examples.validation import find_all_schema_faults, to_mismatches
from service.datasets.merges import domain, queries
from service.datasets.merges.domain import MERGE, Decision, MergeBase, MergeStarted, MergeState
from service.datasets.merges.schemas import Decide, ForkDataset, MergeDecision, StartMerge
from service.datasets.merges.three_way import MergeSides
from service.datasets.versions.version_selection import resolve_selection
from service.errors import Conflict, Fault, Unprocessable
from service.http.as_of import resolve_as_of
from service.http.responses import StoredResponse, fill_recorded_at
from service.ledger.decider import PENDING, StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, StoredText
from service.ledger.texts import SubjectTexts, load_texts
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation, Progress
from service.tasks.domain import TASK


async def fork_dataset(ledger: Ledger, caller: Caller, dataset_id: UUID, data: ForkDataset) -> StoredResponse:
    """Create the new dataset; a worker copies the examples into it."""
    dataset = (await ledger.get(DATASET, caller.workspace_id, dataset_id)).state
    selection = await resolve_selection(ledger, caller.workspace_id, dataset_id, data.at, parameter="/at")
    version = data.at if data.at and data.at[:1].isalpha() else None
    origin = ForkedFrom(dataset_id=dataset_id, seq=selection.seq, version=version)
    created = datasets.fork(dataset, name=data.name, description=data.description, origin=origin)
    fork_id, merge_id = new_id(), new_id()
    started = MergeStarted(
        kind="fork",
        dataset_id=fork_id,
        source_id=dataset_id,
        moment=selection.seq,
        version=version,
        asked_in=caller.request_id,
        reason=data.reason,
    )
    return await _write(
        ledger,
        caller,
        merge_id,
        started,
        entries=[Entry(stream=DATASET.stream, stream_id=fork_id, after=0, event=created)],
    )


async def start_merge(ledger: Ledger, caller: Caller, dataset_id: UUID, data: StartMerge) -> StoredResponse:
    """Record what is to be merged as of now, with the decisions about conflicts; a worker does it."""
    data.check_decisions()
    await _check_mergeable(ledger, caller.workspace_id, dataset_id, data.source_id)
    merge_id = new_id()
    moment = await resolve_as_of(ledger.engine, caller.workspace_id, None)
    decided = await _store_decisions(ledger, caller, dataset_id, merge_id, data.decisions, seq=moment)
    started = MergeStarted(
        kind="merge",
        dataset_id=dataset_id,
        source_id=data.source_id,
        moment=moment,
        asked_in=caller.request_id,
        decisions=decided.digest,
        others=data.others,
        dry_run=data.dry_run,
        reason=data.reason,
    )
    return await _write(ledger, caller, merge_id, started, contents=decided.contents)


async def decide_conflicts(ledger: Ledger, caller: Caller, merge_id: UUID, data: Decide) -> StoredResponse:
    """Merge once more, with the decisions of this merge and these. Raises Conflict unless conflicts ended it."""
    data.check_decisions()
    stored = await ledger.get(MERGE, caller.workspace_id, merge_id)
    before = domain.require_undecided(stored.state)
    order = before.order
    await _check_mergeable(ledger, caller.workspace_id, order.dataset_id, order.source_id)
    moment = await resolve_as_of(ledger.engine, caller.workspace_id, None)
    next_id = new_id()
    earlier = await queries.load_decisions(ledger.engine, caller.workspace_id, merge_id, before)
    decided = await _store_decisions(
        ledger, caller, order.dataset_id, next_id, data.decisions, seq=moment, earlier=earlier
    )
    started = msgspec.structs.replace(
        order,
        moment=moment,
        asked_in=caller.request_id,
        decisions=decided.digest,
        others=data.others or order.others,
        dry_run=False,
        continues=merge_id,
    )
    return await _write(ledger, caller, next_id, started, contents=decided.contents)


async def cancel_merge(ledger: Ledger, caller: Caller, merge_id: UUID) -> StreamState[MergeState]:
    """Ask a worker to stop it; what came over stays. Raises NotCancellable when it has ended."""
    return await ledger.change(MERGE, merge_id, domain.cancel, caller=caller)


async def list_conflicts(
    ledger: Ledger, workspace_id: UUID, merge_id: UUID, *, past: UUID | None, limit: int
) -> Sequence[Any]:
    """The conflicts as they were when the merge was planned; none before that."""
    merge = (await ledger.get(MERGE, workspace_id, merge_id)).state
    if merge.plan is None or merge.order.kind == "fork":
        return []
    sides = await load_sides(ledger, workspace_id, merge_id, merge, seq=merge.plan.seq, base=merge.plan.base)
    return await queries.list_conflicts(ledger.engine, sides, past=past, limit=limit)


async def load_sides(
    ledger: Ledger, workspace_id: UUID, merge_id: UUID, merge: MergeState, *, seq: int, base: MergeBase | None
) -> MergeSides:
    """Load what the merge is about, with our side as it was at `seq`."""
    dataset = (await ledger.get(DATASET, workspace_id, merge.order.dataset_id)).state
    return await queries.build_sides(
        ledger.engine, workspace_id, merge_id, merge, seq=seq, base=base, origin=dataset.forked_from
    )


async def _check_mergeable(ledger: Ledger, workspace_id: UUID, dataset_id: UUID, source_id: UUID) -> None:
    require_active((await ledger.get(DATASET, workspace_id, dataset_id)).state)
    await ledger.get(DATASET, workspace_id, source_id)
    for id_ in (dataset_id, source_id):
        if open_id := await queries.find_open_merge(ledger.engine, workspace_id, id_):
            raise Conflict(f"Operation {open_id} is writing to dataset {id_}; merge when it has ended.")
    if await queries.find_base(ledger.engine, workspace_id, dataset_id, source_id) is None:
        detail = "One of the two has to be a whole fork of the other; merge others over the dataset they came from."
        raise Unprocessable(detail, errors=[Fault(pointer="/source_id", detail=detail, code="not_a_fork")])


class StoredDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of the list of decisions, None without any, and the texts to be stored with it."""

    digest: str | None
    contents: Sequence[StoredText] = ()


async def _store_decisions(
    ledger: Ledger,
    caller: Caller,
    dataset_id: UUID,
    merge_id: UUID,
    decisions: Sequence[MergeDecision],
    *,
    seq: int,
    earlier: Sequence[Decision] = (),
) -> StoredDecisions:
    """Given contents become texts of their examples, so that an erasure reaches them."""
    if not decisions and not earlier:
        return StoredDecisions(digest=None)
    given = [decision for decision in decisions if decision.content is not None]
    texts = await load_texts(ledger.engine, caller.workspace_id, [decision.example_id for decision in given])
    contents = await _check_contents(ledger, caller.workspace_id, dataset_id, given, texts, seq=seq)
    decided = {each.example_id: each for each in earlier}
    for decision in decisions:
        plain = Decision(example_id=decision.example_id, take=decision.take, seq=seq)
        decided[decision.example_id] = contents.get(decision.example_id, plain)
    own = SubjectTexts(merge_id)
    digest = own.add_json(list(decided.values()))
    stored = [text for each in (own, *texts.values()) for text in each.attachments.contents]
    return StoredDecisions(digest=digest, contents=stored)


async def _check_contents(
    ledger: Ledger,
    workspace_id: UUID,
    dataset_id: UUID,
    given: Sequence[MergeDecision],
    texts: dict[UUID, SubjectTexts],
    *,
    seq: int,
) -> dict[UUID, Decision]:
    """Raises Unprocessable with each content that is none; one that fails the task's schema is marked."""
    dataset = (await ledger.get(DATASET, workspace_id, dataset_id)).state
    task = await ledger.find(TASK, workspace_id, dataset.task_id) if dataset.task_id else None
    known = await queries.find_examples_of(ledger.engine, workspace_id, dataset_id, list(texts))
    contents = [decision.content for decision in given if decision.content is not None]
    faults = []
    for number, (decision, content) in enumerate(zip(given, contents, strict=True)):
        at = f"/decisions/{number}"
        faults += chat_content.find_faults(content, at=f"{at}/content", unanswered="keep")
        if decision.example_id not in known:
            detail = "This dataset has no such example."
            faults.append(Fault(pointer=f"{at}/example_id", detail=detail, code="not_found"))
    if faults:
        raise Unprocessable("The decisions are invalid; see `errors`.", errors=faults)
    schema_faults = await find_all_schema_faults(workspace_id, contents, task, at=["/output"] * len(contents))
    return {
        decision.example_id: Decision(
            example_id=decision.example_id,
            take="content",
            seq=seq,
            content=texts[decision.example_id].add(chat_content.encode_canonical(content)),
            invalid=to_mismatches(list(found), at="/output"),
            task_version=task.version if task else None,
            unanswered=chat_content.is_unanswered(content),
        )
        for decision, content, found in zip(given, contents, schema_faults, strict=True)
    }


async def _write(
    ledger: Ledger,
    caller: Caller,
    merge_id: UUID,
    started: MergeStarted,
    *,
    entries: Sequence[Entry] = (),
    contents: Sequence[StoredText] = (),
) -> StoredResponse:
    response = _build_response(merge_id, caller, started)
    batch = Batch(
        entries=[*entries, Entry(stream=MERGE.stream, stream_id=merge_id, after=0, event=started)],
        attachments=Attachments(contents=contents),
        response=response if caller.claim else None,
    )
    written = await ledger.write(caller, batch)
    return fill_recorded_at(response, written.recorded_at)


def _build_response(merge_id: UUID, caller: Caller, started: MergeStarted) -> StoredResponse:
    queued = Operation(
        id=merge_id,
        kind=started.kind,
        state="queued",
        progress=Progress(done=0, total=None, unit="examples"),
        result=None,
        error=None,
        resource=f"/v1/merges/{merge_id}",
        cancel_requested=False,
        created_at=PENDING,
        created_by=caller.actor,
        updated_at=PENDING,
        finished_at=None,
    )
    return encode_accepted(queued)
