"""Routes of bulk changes: start, read, list, undo."""

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.datasets.bulk import commands, queries
from service.datasets.bulk.domain import BULK
from service.datasets.bulk.schemas import BulkChange, BulkChangePage, RevertDataset, SkipPage, StartBulk, UndoBulk
from service.datasets.domain import DATASET
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import to_response
from service.ledger.store import Caller, Ledger, load_many
from service.operations.domain import Operation


@post(
    "/datasets/{dataset_id:uuid}/bulk",
    operation_id="change_examples",
    opt=CARRIES_TEXTS,
    summary="Change many examples at once",
    description="Tags, moves, rates, repairs, deletes or restores the examples that match a filter, in the background."
    " Each example gets its own event. A change of an example that comes meanwhile is kept.",
    guards=[require_scope("datasets:write"), require_room("stored_bytes")],
    status_code=202,
    tags=["examples"],
)
async def change_examples(
    dataset_id: FromPath[UUID],
    data: JSON[StartBulk],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    return to_response(await commands.start_bulk(ledger, caller, dataset_id, data), Operation)


@post(
    "/datasets/{dataset_id:uuid}/revert",
    operation_id="revert_dataset",
    summary="Return a dataset to a moment",
    description="Each example becomes what it was then, by an event of its own, as a bulk change that can be undone. "
    "What was added since is deleted, what was deleted is restored; what was erased stays erased, and is listed.",
    guards=[require_scope("datasets:write")],
    status_code=202,
    tags=["datasets"],
)
async def revert_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[RevertDataset],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    return to_response(await commands.revert_dataset(ledger, caller, dataset_id, data), Operation)


@get(
    "/datasets/{dataset_id:uuid}/bulk",
    operation_id="list_bulk_changes",
    summary="List the bulk changes of a dataset, the newest first",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def list_bulk_changes(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BulkChangePage:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    before = decode_cursor(cursor, tuple[UUID])
    ids = await queries.list_bulk_ids(
        ledger.engine, caller.workspace_id, dataset_id, before=before[0] if before else None, limit=limit + 1
    )
    stored = await load_many(ledger, BULK, caller.workspace_id, ids)
    changes = [await commands.load_bulk(ledger, caller.workspace_id, stored[id_]) for id_ in ids]
    return page(BulkChangePage, changes, limit, key=lambda change: change.id)


@get(
    "/bulk/{bulk_id:uuid}",
    operation_id="get_bulk_change",
    summary="Read a bulk change",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def get_bulk_change(
    bulk_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> BulkChange:
    stored = await ledger.get(BULK, caller.workspace_id, bulk_id)
    return await commands.load_bulk(ledger, caller.workspace_id, stored)


@get(
    "/bulk/{bulk_id:uuid}/skipped",
    operation_id="list_skipped_examples",
    summary="List the examples that a bulk change could not change",
    guards=[require_scope("datasets:read")],
    tags=["examples"],
)
async def list_skipped_examples(
    bulk_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SkipPage:
    skipped = (await ledger.get(BULK, caller.workspace_id, bulk_id)).state.skipped
    after = decode_cursor(cursor, tuple[UUID])
    rows = [skip for skip in skipped if after is None or skip.example_id > after[0]]
    return page(SkipPage, rows[: limit + 1], limit, key=lambda skip: skip.example_id)


@post(
    "/bulk/{bulk_id:uuid}/undo",
    operation_id="undo_bulk_change",
    summary="Undo a bulk change",
    description="Returns each example to what it was, in the background. Those that were changed since stay as they "
    "are; the undo lists them as skipped.",
    guards=[require_scope("datasets:write")],
    status_code=202,
    tags=["examples"],
)
async def undo_bulk_change(
    bulk_id: FromPath[UUID],
    data: JSON[UndoBulk],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    return to_response(await commands.undo_bulk(ledger, caller, bulk_id, reason=data.reason), Operation)


router = Router(
    path="/",
    route_handlers=[
        change_examples,
        revert_dataset,
        list_bulk_changes,
        get_bulk_change,
        list_skipped_examples,
        undo_bulk_change,
    ],
)
