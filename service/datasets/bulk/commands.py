"""Start, cancel and undo bulk changes, and show what one would do."""

from uuid import UUID

from service.database.engine import new_id
from service.datasets.bulk import domain
from service.datasets.bulk.actions import rewrites
from service.datasets.bulk.actions.bulk_order import (
    ApplyRun,
    BulkOrder,
    RateExamples,
    RevertExamples,
    Rewrite,
    UndoChange,
)
from service.datasets.bulk.bulk_batch import DecidedChange, decide_batch
from service.datasets.bulk.domain import BULK, BulkStarted, BulkState, BulkUndoStarted
from service.datasets.bulk.projection import KIND
from service.datasets.bulk.queries import BulkTexts, find_open_undo, load_bulk_texts
from service.datasets.bulk.rules import load_rules
from service.datasets.bulk.run_answers import check_run
from service.datasets.bulk.schemas import BulkChange, BulkSample, RevertDataset, StartBulk, from_bulk
from service.datasets.domain import DATASET, require_active
from service.datasets.examples.domain import EXAMPLE, ExampleState
from service.datasets.examples.schemas import in_words
from service.datasets.examples.validation import find_rating_faults
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Fault, Unprocessable
from service.extras import require_extra
from service.http.as_of import resolve_as_of
from service.http.responses import StoredResponse, fill_recorded_at
from service.ledger.decider import PENDING, RecordedEvent, StreamState
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.ledger.texts import SubjectTexts, load_texts
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation, Progress
from service.tasks.domain import TASK


async def start_bulk(ledger: Ledger, caller: Caller, dataset_id: UUID, data: StartBulk) -> StoredResponse:
    """Record what is to be done with which examples as of now; a worker does it."""
    dataset = require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    order = data.build_order()
    if isinstance(order.action, ApplyRun):
        await check_run(ledger.engine, caller.workspace_id, dataset_id, order.action.run_id)
    elif isinstance(order.action, Rewrite):
        rewrites.check_rewrite(order.action)
    if getattr(order.action, "near", False):
        require_extra("checks")
    if isinstance(order.action, RateExamples):
        await _check_rating(ledger, caller.workspace_id, order.action, dataset.task_id)
    bulk_id, texts = _store_order(order)
    started = BulkStarted(
        dataset_id=dataset_id,
        action=str(order.action.__struct_config__.tag),
        order=texts.add_json(order),
        moment=await resolve_as_of(ledger.engine, caller.workspace_id, None),
        asked_in=caller.request_id,
        dry_run=data.dry_run,
        reason=data.reason,
    )
    entry = Entry(stream=BULK.stream, stream_id=bulk_id, after=0, event=started)
    return await _write(ledger, caller, [entry], texts)


async def revert_dataset(ledger: Ledger, caller: Caller, dataset_id: UUID, data: RevertDataset) -> StoredResponse:
    """Start the change that returns each example to what it was at a moment."""
    require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    moment = await resolve_as_of_in(ledger, caller.workspace_id, dataset_id, data.to, parameter="/to")
    bulk_id, texts = _store_order(order := BulkOrder(action=RevertExamples(moment=moment)))
    started = BulkStarted(
        dataset_id=dataset_id,
        action="revert",
        order=texts.add_json(order),
        moment=await resolve_as_of(ledger.engine, caller.workspace_id, None),
        asked_in=caller.request_id,
        dry_run=data.dry_run,
        reason=data.reason,
    )
    entry = Entry(stream=BULK.stream, stream_id=bulk_id, after=0, event=started)
    return await _write(ledger, caller, [entry], texts)


async def undo_bulk(ledger: Ledger, caller: Caller, bulk_id: UUID, *, reason: str | None) -> StoredResponse:
    """Start the change that returns each example to what it was. Raises Conflict when there is nothing to undo."""
    stored = await ledger.get(BULK, caller.workspace_id, bulk_id)
    open_undo = await find_open_undo(ledger.engine, caller.workspace_id, stored.state.undo_ids)
    bulk = domain.check_undoable(stored.state, open_undo=open_undo)
    require_active((await ledger.get(DATASET, caller.workspace_id, bulk.dataset_id)).state)
    before = await load_bulk_texts(ledger.engine, caller.workspace_id, bulk_id, bulk)
    order = BulkOrder(
        action=UndoChange(bulk_id=bulk_id),
        filter=before.order.filter,
        ids=None if before.ids is None else list(before.ids),
        is_of_deleted=before.order.is_of_deleted,
    )
    undo_id, texts = _store_order(order)
    started = BulkStarted(
        dataset_id=bulk.dataset_id,
        action="undo",
        order=texts.add_json(order),
        moment=bulk.moment,
        asked_in=caller.request_id,
        undoes=bulk_id,
        reason=reason,
    )
    entries = [
        Entry(stream=BULK.stream, stream_id=undo_id, after=0, event=started),
        Entry(stream=BULK.stream, stream_id=bulk_id, after=stored.version, event=BulkUndoStarted(undo_id=undo_id)),
    ]
    return await _write(ledger, caller, entries, texts)


async def cancel_bulk(ledger: Ledger, caller: Caller, bulk_id: UUID) -> StreamState[BulkState]:
    """Ask a worker to stop it; what was changed stays so. Raises NotCancellable when it has ended."""
    return await ledger.change(BULK, bulk_id, domain.cancel, caller=caller)


async def load_bulk(ledger: Ledger, workspace_id: UUID, stored: StreamState[BulkState]) -> BulkChange:
    """The change with what was ordered and, of a dry run, the first examples before and after."""
    texts = await load_bulk_texts(ledger.engine, workspace_id, stored.id, stored.state)
    samples = await _build_samples(ledger, workspace_id, stored, texts) if stored.state.samples else []
    return from_bulk(stored, texts.order, samples)


async def _build_samples(
    ledger: Ledger, workspace_id: UUID, stored: StreamState[BulkState], texts: BulkTexts
) -> list[BulkSample]:
    """What the change would do now to those that it found; one that was changed meanwhile may be missing."""
    rules = await load_rules(ledger, workspace_id, stored.id, stored.state, texts=texts, actor=stored.created_by)
    decided = await decide_batch(ledger, workspace_id, rules, stored.state.samples)
    stored_texts = await load_texts(ledger.engine, workspace_id, stored.state.samples)
    return [_build_sample(change, stored_texts[change.before.id]) for change in decided.changes]


def _build_sample(change: DecidedChange, texts: SubjectTexts) -> BulkSample:
    before = change.before
    envelope = RecordedEvent(
        seq=0, version=before.version + 1, type="", data="", actor=before.updated_by, recorded_at=PENDING
    )
    after = EXAMPLE.apply(before.id, before, change.event, envelope)
    bodies = texts.bodies | (change.texts.bodies if change.texts else {})

    def show(example: ExampleState) -> dict[str, object] | None:
        return None if example.deleted else in_words(example, bodies) | {"split": example.split}

    return BulkSample(example_id=before.id, before=show(before.state), after=show(after.state))


async def _check_rating(ledger: Ledger, workspace_id: UUID, action: RateExamples, task_id: UUID | None) -> None:
    task = await ledger.find(TASK, workspace_id, task_id) if task_id else None
    faults = list(find_rating_faults(action.rating, task, at="/action/rating"))
    if action.rating.overall is None and not action.rating.requirements:
        faults.append(Fault(pointer="/action/rating", detail="A rating needs a mark.", code="empty"))
    if faults:
        raise Unprocessable("The rating is invalid; see `errors`.", errors=faults)


def _store_order(order: BulkOrder) -> tuple[UUID, SubjectTexts]:
    bulk_id = new_id()
    texts = SubjectTexts(bulk_id)
    texts.add_json(order)
    return bulk_id, texts


async def _write(ledger: Ledger, caller: Caller, entries: list[Entry], texts: SubjectTexts) -> StoredResponse:
    response = _build_response(texts.subject, caller)
    batch = Batch(entries=entries, attachments=texts.attachments, response=response if caller.claim else None)
    written = await ledger.write(caller, batch)
    return fill_recorded_at(response, written.recorded_at)


def _build_response(bulk_id: UUID, caller: Caller) -> StoredResponse:
    queued = Operation(
        id=bulk_id,
        kind=KIND,
        state="queued",
        progress=Progress(done=0, total=None, unit="examples"),
        result=None,
        error=None,
        resource=f"/v1/bulk/{bulk_id}",
        cancel_requested=False,
        created_at=PENDING,
        created_by=caller.actor,
        updated_at=PENDING,
        finished_at=None,
    )
    return encode_accepted(queued)
