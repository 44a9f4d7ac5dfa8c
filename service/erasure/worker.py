"""Carry out erasures, in passes, until one finds nothing more. Each step is recorded before its texts are deleted."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import msgspec

from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.commands import delete_artifact, delete_orphans
from service.audit.worker import load_signer
from service.database.rows import fetch_all
from service.datasets.examples import domain as examples_domain
from service.datasets.examples.domain import EXAMPLE
from service.datasets.exports.queries import list_exports
from service.erasure import domain, queries
from service.erasure.criteria import Criteria, find_everything, restore_targets
from service.erasure.domain import ERASURE, ErasureEvent, ErasureState, Kind, TextsErased
from service.erasure.receipt import sign_receipt
from service.erasure.targets import stored_texts
from service.erasure.targets.erasure_targets import WHOLE, ErasureTargets
from service.erasure.targets.holders import find_holders
from service.erasure.targets.provider_copies import delete_answers, delete_files, delete_models
from service.http.answers.erased_answers import Traces, list_values, replace_answers
from service.ledger.decider import StreamState
from service.ledger.store import Batch, Caller, Entry, load_many
from service.ledger.texts import load_texts
from service.monitoring.requests.erasure import erase_requests
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

WAIT_SECONDS = 1.0
_REQUEST_TEXTS = """
select input, output, tool_calls, metadata from telemetry.texts where workspace_id = $1 and id = any($2::uuid[])
"""
Decide = Callable[[ErasureState | None], list[ErasureEvent]]


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Carry out erasures until `stop` is set."""
    task = LeasedTask(kind="erasure", candidates=queries.select_open, do=erase, base=2, cap=600, concurrency=2)
    await run_task(context, task, stop)


async def erase(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """One pass. Raises ProviderUnavailable while a provider that has copies cannot be reached: tried again later."""
    stored = await context.ledger.get(ERASURE, leased_job.workspace_id, leased_job.id)
    if stored.state.note is not None:
        return None
    erasure_pass = ErasurePass(context, leased_job.workspace_id, stored)
    open_work = await queries.count_open_work(context.engine, leased_job.workspace_id, before=stored.created_at)
    await erasure_pass.erase_all()
    await erasure_pass.delete_copies()
    if open_work:  # it may write what it made of texts that it had read before
        return WAIT_SECONDS
    await erasure_pass.complete()
    return None


class ErasurePass:
    """One pass of an erasure. What it records, it records for who asked for it."""

    def __init__(self, context: WorkerContext, workspace_id: UUID, stored: StreamState[ErasureState]) -> None:
        self._context, self._workspace_id, self._id = context, workspace_id, stored.id
        self._engine, self._ledger = context.engine, context.ledger
        self._state = stored.state
        self._caller = Caller(
            workspace_id=workspace_id, actor=stored.created_by, request_id=stored.state.order.asked_in
        )

    async def erase_all(self) -> None:
        criteria = await self._load_criteria()
        known = restore_targets(self._state)
        targets = await find_everything(self._engine, self._workspace_id, self._state.order, criteria, known)
        holders = await find_holders(self._engine, self._workspace_id, targets.examples)
        await self._record(lambda state: domain.note_holders(state, holders))
        await self._replace_answers(targets)
        await self._mark_examples(targets)
        await self._delete_exports(targets)
        for kind in WHOLE:
            await self._erase_subjects(kind, getattr(targets, kind))
        await self._erase_single_texts("prompts", targets)
        await self._erase_single_texts("import_errors", targets)
        await self._erase_requests(targets)
        if targets.import_rows:
            await self._record_count("import_rows", len(targets.import_rows))
            await stored_texts.blank_import_rows(self._engine, self._workspace_id, targets.import_rows)

    async def delete_copies(self) -> None:
        """Delete what providers have. Raises ProviderUnavailable."""
        async for gone in delete_files(self._context, self._workspace_id, self._state.open_files):
            await self._record(lambda state, gone=gone: domain.note_copies(state, gone))  # type: ignore[misc]
        models = delete_models(
            self._context, self._caller, self._state.models_to_delete, reason=self._state.order.reason
        )
        async for gone in models:
            await self._record(lambda state, gone=gone: domain.note_copies(state, gone))  # type: ignore[misc]
        calls = [id_ for id_ in self._state.ids_of("calls") if ("answer", str(id_)) not in self._state.copies]
        async for gone in delete_answers(self._context, self._workspace_id, calls):
            await self._record(lambda state, gone=gone: domain.note_copies(state, gone))  # type: ignore[misc]

    async def complete(self) -> None:
        """Forget what was asked for, and sign the receipt."""
        await stored_texts.delete_texts(self._engine, self._workspace_id, [self._id])
        signer = load_signer(self._context.settings)
        note = sign_receipt(signer, self._workspace_id, self._id, self._state)
        await self._record(lambda state: domain.complete(state, note=note))

    async def _load_criteria(self) -> Criteria:
        digest = self._state.order.criteria
        texts = await load_texts(self._engine, self._workspace_id, [self._id])
        body = texts[self._id].bodies.get(digest) if digest else None
        return msgspec.json.decode(body, type=Criteria) if body is not None else Criteria()

    async def _record(self, decide: Decide) -> None:
        stored = await self._ledger.change(ERASURE, self._id, decide, caller=self._caller)
        self._state = stored.state

    async def _record_count(self, kind: Kind, count: int) -> None:
        await self._record(lambda state: domain.note_texts(state, TextsErased(kind=kind, count=count)))

    async def _replace_answers(self, targets: ErasureTargets) -> None:
        """Before the texts go, since their values give away the responses that hold them."""
        subjects = set[UUID]().union(*targets.subjects.values())
        values: set[str] = set()
        for batch in stored_texts.split_batches(subjects | targets.requests):
            for body in await stored_texts.load_bodies(self._engine, self._workspace_id, batch):
                values.update(list_values(body))
        for batch in stored_texts.split_batches(targets.requests):
            for row in await fetch_all(self._engine, _REQUEST_TEXTS, (self._workspace_id, batch)):
                values.update(value for text in row if text for value in list_values(text.encode()))
        ids = subjects | targets.requests | {subject for subject, _ in targets.prompts}
        traces = Traces(ids=ids, values=values, text=targets.needle)
        if count := await replace_answers(self._engine, self._workspace_id, traces):
            await self._record_count("answers", count)

    async def _mark_examples(self, targets: ErasureTargets) -> None:
        for batch in stored_texts.split_batches(targets.examples - self._state.ids_of("examples")):

            async def gather(ids: list[UUID] = batch) -> Batch:
                stored = await load_many(self._ledger, EXAMPLE, self._workspace_id, ids)
                entries = [
                    Entry(stream=EXAMPLE.stream, stream_id=id_, after=example.version, event=event)
                    for id_, example in stored.items()
                    for event in examples_domain.erase(example.state, erasure_id=self._id)
                ]
                return Batch(entries=entries)

            await self._ledger.change_many(self._caller, gather, subject="these examples")

    async def _delete_exports(self, targets: ErasureTargets) -> None:
        """Delete the kept exports of the datasets; whoever asks gets a new one, without these examples."""
        store = ArtifactStore(self._context.settings)
        for artifact in await list_exports(self._engine, self._workspace_id, targets.examples):
            gone = TextsErased(kind="exports", ids=(artifact.id,), digests=(artifact.digest,))
            await self._record(lambda state, gone=gone: domain.note_texts(state, gone))  # type: ignore[misc]
            await delete_artifact(self._ledger, store, self._caller, artifact.id, reason=self._state.order.reason)
        await delete_orphans(self._engine, store, self._workspace_id)

    async def _erase_subjects(self, kind: Kind, subjects: set[UUID]) -> None:
        for batch in stored_texts.split_batches(subjects):
            texts = await stored_texts.load_digests(self._engine, self._workspace_id, batch)
            ids = batch if kind == "examples" else sorted({subject for subject, _ in texts})
            gone = TextsErased(kind=kind, ids=tuple(ids), digests=tuple(sorted(digest.hex() for _, digest in texts)))
            await self._record(lambda state, gone=gone: domain.note_texts(state, gone))  # type: ignore[misc]
            await stored_texts.delete_texts(self._engine, self._workspace_id, batch)

    async def _erase_single_texts(self, kind: Kind, targets: ErasureTargets) -> None:
        texts = await stored_texts.list_present(self._engine, self._workspace_id, getattr(targets, kind))
        if texts:
            ids, digests = sorted({subject for subject, _ in texts}), sorted(digest.hex() for _, digest in texts)
            gone = TextsErased(kind=kind, ids=tuple(ids), digests=tuple(digests))
            await self._record(lambda state: domain.note_texts(state, gone))
            await stored_texts.delete_single_texts(self._engine, self._workspace_id, texts)

    async def _erase_requests(self, targets: ErasureTargets) -> None:
        for batch in stored_texts.split_batches(targets.requests):
            feedback = await stored_texts.load_digests(self._engine, self._workspace_id, batch)
            digests = tuple(sorted(digest.hex() for _, digest in feedback))
            gone = TextsErased(kind="requests", ids=tuple(batch), digests=digests)
            await self._record(lambda state, gone=gone: domain.note_texts(state, gone))  # type: ignore[misc]
            await erase_requests(self._ledger, self._caller, batch, reason=self._state.order.reason)
