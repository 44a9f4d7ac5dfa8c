"""Routes of forks and merges."""

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.datasets.domain import DATASET
from service.datasets.merges import commands, queries
from service.datasets.merges.domain import MERGE
from service.datasets.merges.schemas import (
    ConflictPage,
    Decide,
    ForkDataset,
    Merge,
    MergePage,
    StartMerge,
    from_conflict,
    from_merge,
)
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import to_response
from service.ledger.store import Caller, Ledger, load_many
from service.operations.domain import Operation


@post(
    "/datasets/{dataset_id:uuid}/fork",
    operation_id="fork_dataset",
    summary="Fork a dataset",
    description="Creates a dataset with the examples of a version or a moment of this one, in the background. Each "
    "remembers what it is a copy of. Changes come back with a merge.",
    guards=[require_scope("datasets:write"), require_room("stored_bytes")],
    status_code=202,
    tags=["datasets"],
)
async def fork_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[ForkDataset],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    return to_response(await commands.fork_dataset(ledger, caller, dataset_id, data), Operation)


@post(
    "/datasets/{dataset_id:uuid}/merge",
    operation_id="merge_dataset",
    opt=CARRIES_TEXTS,
    summary="Merge the changes of a fork, or of what it was forked from",
    description="What the other side alone changed since both were the same comes over, in the background. Where both "
    "sides changed an example, decide; until all are decided, nothing changes. Merging again changes nothing.",
    guards=[require_scope("datasets:write"), require_room("stored_bytes")],
    status_code=202,
    tags=["datasets"],
)
async def merge_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[StartMerge],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    return to_response(await commands.start_merge(ledger, caller, dataset_id, data), Operation)


@get(
    "/datasets/{dataset_id:uuid}/merges",
    operation_id="list_merges",
    summary="List the merges into a dataset, the newest first",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def list_merges(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MergePage:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    before = decode_cursor(cursor, tuple[UUID])
    ids = await queries.list_merge_ids(
        ledger.engine, caller.workspace_id, dataset_id, before=before[0] if before else None, limit=limit + 1
    )
    stored = await load_many(ledger, MERGE, caller.workspace_id, ids)
    return page(MergePage, [from_merge(stored[id_]) for id_ in ids], limit, key=lambda merge: merge.id)


@get(
    "/merges/{merge_id:uuid}",
    operation_id="get_merge",
    summary="Read a merge or a fork",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def get_merge(
    merge_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Merge:
    return from_merge(await ledger.get(MERGE, caller.workspace_id, merge_id))


@get(
    "/merges/{merge_id:uuid}/conflicts",
    operation_id="list_merge_conflicts",
    summary="List the examples that both sides of a merge changed",
    description="Each with what it was when both sides were the same, what it is on both, and what was decided.",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def list_merge_conflicts(
    merge_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ConflictPage:
    past = decode_cursor(cursor, tuple[UUID])
    rows = await commands.list_conflicts(
        ledger, caller.workspace_id, merge_id, past=past[0] if past else None, limit=limit + 1
    )
    return page(ConflictPage, [from_conflict(row) for row in rows], limit, key=lambda conflict: conflict.example_id)


@post(
    "/merges/{merge_id:uuid}/decisions",
    operation_id="decide_merge_conflicts",
    opt=CARRIES_TEXTS,
    summary="Decide conflicts, and merge once more",
    description="The decisions of this merge and these are those of a new one. Where both name an example, the later "
    "counts.",
    guards=[require_scope("datasets:write"), require_room("stored_bytes")],
    status_code=202,
    tags=["datasets"],
)
async def decide_merge_conflicts(
    merge_id: FromPath[UUID],
    data: JSON[Decide],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    return to_response(await commands.decide_conflicts(ledger, caller, merge_id, data), Operation)


router = Router(
    path="/",
    route_handlers=[
        fork_dataset,
        merge_dataset,
        list_merges,
        get_merge,
        list_merge_conflicts,
        decide_merge_conflicts,
    ],
)
