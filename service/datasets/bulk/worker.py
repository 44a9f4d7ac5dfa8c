"""Carry out bulk changes in batches. One that was killed goes on after its last batch; nothing is done twice."""

import asyncio
from functools import partial
from uuid import UUID

import msgspec

from service.datasets.bulk import domain, queries
from service.datasets.bulk.actions.bulk_order import DealSplits, DropDuplicates, RevertExamples
from service.datasets.bulk.actions.same_contents import find_exact_repeats, find_near_repeats
from service.datasets.bulk.actions.split_deal import plan_deal
from service.datasets.bulk.bulk_batch import BatchRules, DecidedBatch, decide_batch
from service.datasets.bulk.domain import (
    BULK,
    MAX_SAMPLES,
    OPEN_STAGES,
    BulkAdvanced,
    BulkCancelled,
    BulkEvent,
    BulkPlanned,
    BulkState,
)
from service.datasets.bulk.projection import KIND
from service.datasets.bulk.queries import BulkTexts, load_bulk_texts
from service.datasets.bulk.rules import load_rules
from service.datasets.filters.selection import Filter, Selection
from service.datasets.versions.diff import list_changed_ids
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.ledger.texts import SubjectTexts, load_texts
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

MAX_ATTEMPTS = 20
BATCH_EXAMPLES = 500  # other writers of the workspace wait while one batch is written


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Carry out bulk changes until `stop` is set."""
    task = LeasedTask(kind=KIND, candidates=queries.select_open, do=carry_out, base=0.5, cap=60, concurrency=2)
    await run_task(context, task, stop)


async def carry_out(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Plan the change, and make it batch by batch."""
    stored = await context.ledger.get(BULK, leased_job.workspace_id, leased_job.id)
    if leased_job.lease.attempts > MAX_ATTEMPTS:
        failure = partial(domain.fail, code="gave_up", detail=leased_job.lease.last_error or "It failed too often.")
        caller = Caller(workspace_id=leased_job.workspace_id, actor=stored.created_by, request_id=stored.state.asked_in)
        await context.ledger.change(BULK, stored.id, failure, caller=caller)
        return None
    job = BulkJob(context.ledger, leased_job.workspace_id, stored)
    while await job.advance():
        pass
    return None


class BulkJob:
    """One bulk change at work. What it records, it records for who asked for it."""

    def __init__(self, ledger: Ledger, workspace_id: UUID, stored: StreamState[BulkState]) -> None:
        self._ledger, self._workspace_id, self._id = ledger, workspace_id, stored.id
        self._actor = stored.created_by
        self._caller = Caller(workspace_id=workspace_id, actor=self._actor, request_id=stored.state.asked_in)
        self._texts: BulkTexts | None = None
        self._rules: BatchRules | None = None

    async def advance(self) -> bool:
        """Make one step in one transaction. Returns whether there are more."""
        await self._ledger.change_many(self._caller, self._gather, subject="the examples of the bulk change")
        return (await self._load()).state.stage in OPEN_STAGES

    async def _load(self) -> StreamState[BulkState]:
        return await self._ledger.get(BULK, self._workspace_id, self._id)

    async def _gather(self) -> Batch:
        stored = await self._load()
        bulk = stored.state
        if bulk.stage not in OPEN_STAGES:
            return Batch(entries=[])
        if bulk.cancel_requested:
            return self._build_batch(stored, BulkCancelled(changed=bulk.changed))
        if bulk.stage == "queued":
            return await self._plan(stored)
        self._texts = self._texts or await load_bulk_texts(self._ledger.engine, self._workspace_id, self._id, bulk)
        page = await queries.list_next_ids(
            self._ledger.engine, self._workspace_id, bulk, self._texts, limit=BATCH_EXAMPLES
        )
        if page.end is None:
            return self._build_batch(stored, domain.finish(bulk))
        self._rules = self._rules or await self._load_rules(bulk, self._texts)
        decided = await decide_batch(self._ledger, self._workspace_id, self._rules, page.ids)
        samples = [change.before.id for change in decided.changes][: MAX_SAMPLES - len(bulk.samples)]
        advanced = BulkAdvanced(
            through=page.end,
            done=len(page.ids),
            changed=len(decided.changes),
            skipped=tuple(decided.skipped),
            samples=tuple(samples) if bulk.dry_run else (),
        )
        return self._build_batch(stored, advanced, decided=None if bulk.dry_run else decided)

    def _build_batch(
        self, stored: StreamState[BulkState], event: BulkEvent, *, decided: DecidedBatch | None = None
    ) -> Batch:
        changes = decided.changes if decided else []
        entries = [
            Entry(stream="example", stream_id=change.before.id, after=change.before.version, event=change.event)
            for change in changes
        ]
        contents = [text for change in changes if change.texts for text in change.texts.attachments.contents]
        own = Entry(stream=BULK.stream, stream_id=self._id, after=stored.version, event=event)
        return Batch(entries=[*entries, own], attachments=Attachments(contents=contents))

    async def _plan(self, stored: StreamState[BulkState]) -> Batch:
        """Count the examples; list those that the filter alone does not tell."""
        engine, bulk = self._ledger.engine, stored.state
        texts = await load_bulk_texts(engine, self._workspace_id, self._id, bulk)
        if isinstance(texts.order.action, DropDuplicates | DealSplits | RevertExamples):
            own_texts = (await load_texts(engine, self._workspace_id, [self._id]))[self._id]
            batch = self._build_batch(stored, await self._find_meant(bulk, texts, own_texts))
            return msgspec.structs.replace(batch, attachments=own_texts.attachments)
        if texts.ids is not None:
            return self._build_batch(stored, BulkPlanned(total=len(texts.ids), ids=bulk.ids))
        total = await queries.count_selected(engine, self._workspace_id, bulk, texts.order)
        return self._build_batch(stored, BulkPlanned(total=total))

    async def _find_meant(self, bulk: BulkState, texts: BulkTexts, own_texts: SubjectTexts) -> BulkPlanned:
        """List the examples that repeat others, that get a new split, or that are not as they were."""
        engine, action = self._ledger.engine, texts.order.action
        selection = Selection(dataset_id=bulk.dataset_id, seq=bulk.moment, filter=texts.order.filter or Filter())
        if isinstance(action, DealSplits):
            moves = await plan_deal(self._ledger, self._workspace_id, selection, action, ids=texts.ids)
            ids, moved = own_texts.add_json(sorted(moves)), own_texts.add_json(moves)
            return BulkPlanned(total=len(moves), ids=ids, moves=moved)
        if isinstance(action, RevertExamples):
            then = Selection(dataset_id=bulk.dataset_id, seq=action.moment)
            found = await list_changed_ids(engine, self._workspace_id, then, selection)
        else:
            is_near = isinstance(action, DropDuplicates) and action.near
            find_same = find_near_repeats if is_near else find_exact_repeats
            found = await find_same(engine, self._workspace_id, selection, ids=texts.ids)
        return BulkPlanned(total=len(found), ids=own_texts.add_json(found))

    async def _load_rules(self, bulk: BulkState, texts: BulkTexts) -> BatchRules:
        return await load_rules(self._ledger, self._workspace_id, self._id, bulk, texts=texts, actor=self._actor)
