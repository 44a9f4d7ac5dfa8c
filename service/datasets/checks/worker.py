"""Check datasets: stream their rows to a scan, and record its report. A worker that died is followed by another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from service.datasets.checks import domain, queries
from service.datasets.checks.domain import (
    CHECK,
    CHUNK_RECORDS,
    RECORD_BYTES,
    CheckEvent,
    CheckFailed,
    CheckFinding,
    CheckReported,
    CheckState,
    CheckTarget,
)
from service.datasets.checks.finding_catalog import FINDINGS
from service.datasets.checks.scan_input import ScanFinding, ScanPlan, ScanResult, ScanTarget
from service.datasets.checks.scan_process import ScanFailed, run_scan
from service.datasets.domain import DATASET
from service.datasets.examples.queries import count_examples
from service.datasets.filters.selection import Selection
from service.datasets.versions.digests.queries import compute_digest
from service.ledger.store import Attachments, Caller
from service.ledger.texts import SubjectTexts
from service.providers.kinds import TRAITS
from service.providers.training_rows.model_tokenizer import Tokenizer, find_tokenizer
from service.tasks.domain import TASK, TaskState
from service.tasks.json_schema import encode_schema
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

CONCURRENCY = 1  # of a process; each scan takes a processor
MAX_ATTEMPTS = 3
STOP_SECONDS = 1.0  # how often a running check looks whether it is to stop
STEPS = 20  # how often it records how far it is
MAX_SECONDS = 3_600.0

Decide = Callable[[CheckState | None], Sequence[CheckEvent]]


class CheckStopped(Exception):  # noqa: N818 - it names a state
    """The check was asked to stop"""


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Check datasets until `stop` is set. Any number of processes share the work."""
    task = LeasedTask(
        kind=queries.LEASE_KIND,
        candidates=queries.select_open,
        do=check_dataset,
        base=2.0,
        cap=60.0,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


async def check_dataset(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Run one check to its end."""
    stored = await context.ledger.get(CHECK, leased_job.workspace_id, leased_job.id)
    if stored.state.ended:
        return None
    check = Check(context, leased_job, stored.state)
    try:
        async with asyncio.timeout(MAX_SECONDS):
            await _run_until_stopped(check)
    except CheckStopped:
        await check.record(domain.finish_cancel)
    except TimeoutError:
        await check.fail("too_slow", "The check took more than an hour. Check a split or a filter of the dataset.")
    except ScanFailed as failure:
        if leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        await check.fail("scan_failed", f"{failure} Does the worker have too little memory?")
    return None


async def _run_until_stopped(check: "Check") -> None:
    """Raises CheckStopped soon after it was asked for."""
    work = asyncio.ensure_future(check.run())
    try:
        while not (await asyncio.wait([work], timeout=STOP_SECONDS))[0]:
            if await check.is_to_stop():
                raise CheckStopped
        await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


class Check:
    """One check of one selection."""

    def __init__(self, context: WorkerContext, leased_job: LeasedJob, state: CheckState) -> None:
        asked = state.asked
        self._engine = context.engine
        self._folder = context.settings.local_directory
        self._ledger = context.ledger
        self._id = leased_job.id
        self._asked = asked
        self._caller = Caller(workspace_id=leased_job.workspace_id, actor=asked.asked_by, request_id=asked.asked_in)
        self._selection = Selection(
            dataset_id=asked.dataset_id,
            seq=asked.moment,
            filter=asked.filter,
            also=asked.also,
            split=asked.split,
            answered=asked.version_name is not None,
        )
        self._total = 0

    async def run(self) -> None:
        """Raises CheckStopped, also when it was asked to stop before, and ScanFailed."""
        workspace_id = self._caller.workspace_id
        self._total = await count_examples(self._engine, workspace_id, self._selection)
        await self._advance(0)
        task, task_version = await self._load_task()
        whole = self._asked.split is None
        plan = build_plan(task, self._asked.targets, self._folder, whole=whole)
        result = await run_scan(plan, self._stream())
        digest = await compute_digest(self._engine, workspace_id, self._selection)
        texts = SubjectTexts(self._id)
        report = build_report(result, texts, digest=digest.digest, task_version=task_version)
        await self.record(lambda check: domain.finish(check, report), attachments=texts.attachments)

    async def is_to_stop(self) -> bool:
        stored = await self._ledger.get(CHECK, self._caller.workspace_id, self._id)
        return stored.state.state == "cancelling"

    async def fail(self, code: str, detail: str) -> None:
        failure = CheckFailed(code=code, detail=detail)
        await self.record(lambda check: domain.finish(check, failure))

    async def record(self, decide: Decide, *, attachments: Attachments | None = None) -> CheckState:
        changed = await self._ledger.change(
            CHECK, self._id, decide, caller=self._caller, attachments=attachments or Attachments()
        )
        return changed.state

    async def _load_task(self) -> tuple[TaskState | None, int | None]:
        """The task as it is now: that is what new answers are held to."""
        dataset = await self._ledger.get(DATASET, self._caller.workspace_id, self._asked.dataset_id)
        task_id = dataset.state.task_id
        task = await self._ledger.find(TASK, self._caller.workspace_id, task_id) if task_id else None
        return (task.state, task.version) if task else (None, None)

    async def _stream(self) -> AsyncIterator[bytes]:
        """The rows; the next piece is asked for when the scan has taken most of the one before."""
        done = recorded = 0
        async for piece in queries.stream_rows(self._engine, self._caller.workspace_id, self._selection):
            yield piece
            done += piece.count(b"\n")
            if done - recorded >= max(self._total // STEPS, 1_000):
                recorded = done
                await self._advance(done)

    async def _advance(self, done: int) -> None:
        total = max(self._total, done)
        state = await self.record(lambda check: domain.advance(check, done=done, total=total))
        if state.state == "cancelling":
            raise CheckStopped


def build_plan(task: TaskState | None, targets: Sequence[CheckTarget], folder: Path | None, *, whole: bool) -> ScanPlan:
    return ScanPlan(
        targets=tuple(map(_build_target, targets)),
        tokenizer=_choose_tokenizer(targets, folder),
        input_schema=encode_schema(task.input_schema) if task and task.input_schema is not None else None,
        output_schema=encode_schema(task.output_schema) if task and task.output_schema is not None else None,
        questions=task.questions if task else (),
        whole=whole,
    )


def _choose_tokenizer(targets: Sequence[CheckTarget], folder: Path | None) -> Tokenizer:
    """That of all targets; where they have several, none counts for all."""
    found = {find_tokenizer(target.provider, target.base_model, folder) for target in targets}
    if not found:
        return Tokenizer(exact=True)
    return found.pop() if len(found) == 1 else Tokenizer()


def _build_target(target: CheckTarget) -> ScanTarget:
    traits = TRAITS.get(target.kind or "")
    return ScanTarget(
        name=target.name,
        method=target.method,
        format=traits.formats.get(target.method) if traits else None,
        max_tokens=target.max_tokens,
        tools=traits.tools if traits else True,
        weights=traits.weights_per_message if traits else True,
        min_examples=traits.min_examples if traits else 1,
        max_examples=traits.max_examples if traits else None,
        max_file_bytes=traits.max_file_bytes if traits else None,
    )


def build_report(result: ScanResult, texts: SubjectTexts, *, digest: str, task_version: int | None) -> CheckReported:
    """The report as it is recorded. The rows of its findings are added to `texts`, and stand in it as digests."""
    findings = tuple(_build_finding(finding, texts) for finding in result.findings)
    return CheckReported(
        verdict=domain.decide_verdict(findings),
        digest=digest,
        figures=result.figures,
        findings=findings,
        task_version=task_version,
    )


def _build_finding(finding: ScanFinding, texts: SubjectTexts) -> CheckFinding:
    size = CHUNK_RECORDS * RECORD_BYTES
    chunks = [finding.records[start : start + size] for start in range(0, len(finding.records), size)]
    return CheckFinding(
        code=finding.code,
        severity=FINDINGS[finding.code].severity,
        count=finding.count,
        target=finding.target,
        kinds=finding.kinds,
        kind_counts=finding.kind_counts,
        values=finding.values,
        records=tuple(texts.add(chunk) for chunk in chunks),
    )
