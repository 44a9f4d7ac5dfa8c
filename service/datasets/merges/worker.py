"""Carry out merges and forks: plan all events in one statement, then append them chunk by chunk.

One that was killed goes on after its last chunk. When somebody changes an example between plan and chunk, or Postgres
loses the plan, it is planned again: what came over is the same on both sides by then.
"""

import asyncio
from functools import partial
from uuid import UUID

import msgspec

from service.datasets.examples.domain import EXAMPLE
from service.datasets.merges import domain, queries
from service.datasets.merges.commands import load_sides
from service.datasets.merges.domain import (
    MERGE,
    OPEN_STAGES,
    MergeAdvanced,
    MergeCancelled,
    MergeEvent,
    MergePlanned,
    MergeState,
)
from service.datasets.merges.plan import EVENTS, store_plan
from service.datasets.merges.projection import LEASE_KIND
from service.errors import Conflict, Stale
from service.http.as_of import resolve_as_of
from service.ledger.decider import StreamState
from service.ledger.event_plan import PlannedChunk, append_planned, count_planned, delete_planned
from service.ledger.retry import LostRace
from service.ledger.store import Caller, Ledger
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

MAX_ATTEMPTS = 20
CHUNK_EXAMPLES = 500  # others wait while one is written; Postgres joins its texts row by row, without statistics


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Carry out merges until `stop` is set."""
    task = LeasedTask(kind=LEASE_KIND, candidates=queries.select_open, do=carry_out, base=0.5, cap=60, concurrency=2)
    await run_task(context, task, stop)


async def carry_out(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    job = MergeJob(context.ledger, leased_job.workspace_id, leased_job.id)
    if leased_job.lease.attempts > MAX_ATTEMPTS:
        await job.give_up(leased_job.lease.last_error or "It failed too often.")
        return None
    while await job.advance():
        pass
    await delete_planned(context.engine, leased_job.workspace_id, leased_job.id)
    return None


class MergeJob:
    """One merge at work. What it records, it records for who asked for it."""

    def __init__(self, ledger: Ledger, workspace_id: UUID, merge_id: UUID) -> None:
        self._ledger, self._workspace_id, self._id = ledger, workspace_id, merge_id

    async def advance(self) -> bool:
        """Make one step. Returns whether there are more."""
        stored = await self._ledger.get(MERGE, self._workspace_id, self._id)
        merge, plan = stored.state, stored.state.plan
        if merge.stage not in OPEN_STAGES:
            return False
        if merge.cancel_requested:
            await self._record(stored, MergeCancelled(done=merge.earlier + merge.through))
        elif plan is None:
            await self._plan(stored)
        elif plan.conflicts or merge.order.dry_run or merge.through >= merge.total:
            await self._record(stored, domain.finish(merge, plan))
        else:
            await self._append_chunk(stored, merge)
        return True

    async def give_up(self, detail: str) -> None:
        stored = await self._ledger.get(MERGE, self._workspace_id, self._id)
        failure = partial(domain.fail, code="gave_up", detail=detail)
        await self._ledger.change(MERGE, self._id, failure, caller=self._caller(stored))

    async def _plan(self, stored: StreamState[MergeState]) -> None:
        engine, order = self._ledger.engine, stored.state.order
        seq = await resolve_as_of(engine, self._workspace_id, None)
        base = None
        if order.kind == "merge":
            base = await queries.find_base(engine, self._workspace_id, order.dataset_id, order.source_id)
        sides = await load_sides(self._ledger, self._workspace_id, self._id, stored.state, seq=seq, base=base)
        counts = await store_plan(engine, sides, self._id, reason=order.reason, dry_run=order.dry_run)
        planned = MergePlanned(seq=seq, base=base, **msgspec.structs.asdict(counts))
        if not await self._record(stored, planned):
            await delete_planned(engine, self._workspace_id, self._id)  # another worker's plan counts; it sees the gap

    async def _append_chunk(self, stored: StreamState[MergeState], merge: MergeState) -> None:
        through = min(merge.through + CHUNK_EXAMPLES, merge.total)
        ready = await count_planned(
            self._ledger.engine, self._workspace_id, self._id, after=merge.through, through=through
        )
        if ready < through - merge.through:
            await self._plan(stored)
            return
        chunk = PlannedChunk(
            batch=self._id,
            after=merge.through,
            through=through,
            stream=EXAMPLE.stream,
            types=tuple(kind.__name__ for kind in EVENTS.values()),
            own_stream=MERGE.stream,
            own_type=MergeAdvanced.__name__,
            own_version=stored.version + 1,
        )
        try:
            await append_planned(self._ledger, self._caller(stored), chunk)
        except (LostRace, Conflict):  # somebody changed one of them, took an external id, or cancelled the merge
            await self._plan(stored)

    async def _record(self, stored: StreamState[MergeState], event: MergeEvent) -> bool:
        """Record the event. Returns whether it did: not if the merge has gone on meanwhile, as the next step sees."""
        try:
            await self._ledger.change(
                MERGE, self._id, lambda _: [event], caller=self._caller(stored), expected=stored.version
            )
        except (LostRace, Stale):
            return False
        return True

    def _caller(self, stored: StreamState[MergeState]) -> Caller:
        return Caller(workspace_id=self._workspace_id, actor=stored.created_by, request_id=stored.state.order.asked_in)
