"""Datasets over HTTP: create, read, list and edit them, their split policy and statistics."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.engine import new_id
from service.datasets import domain, stats
from service.datasets import projection as queries
from service.datasets.domain import DATASET
from service.datasets.splits import GroupEnd, GroupKey, Pins, SplitPolicy
from service.datasets.versions import version_as_of
from service.http.archive import ARCHIVED, ArchiveChange, ArchivedItems
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON, Body, Name, Reason, Text
from service.http.history_pages import HistoryPage, history, to_fields
from service.http.pagination import Cursor, Limit, Named, Page, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.tasks.commands import check_task


class SplitPolicyIn(Body):
    """Shares of new examples, which sum to 1. The seed says which example goes where."""

    train: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.8
    """Share of new examples for training."""
    validation: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    """Share of new examples for validation."""
    test: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    """Share of new examples for testing."""
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    """Decides which example goes into which split."""
    split_by: Literal["dataset", "content"] = "dataset"
    """With `content`, the same text has the same split in every dataset of the same shares and seed."""
    group_by: GroupKey | None = None
    """Examples with the same value here share a split: `external_id`, or a path such as `metadata.customer.id`."""
    group_until: GroupEnd | None = None
    """Only what stands before the first of this counts, such as `-` where ids are `customer-1` and `customer-2`."""
    pins: Pins | None = None
    """Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them there."""
    reason: Reason | None = None
    """Why; shown in the history."""

    def policy(self) -> SplitPolicy:
        fields = {name: getattr(self, name) for name in SplitPolicy.__struct_fields__ if hasattr(self, name)}
        return SplitPolicy(**fields)


class NewDataset(Body):
    name: Annotated[Name, msgspec.Meta(description="Unique in the workspace.")]
    description: Text = ""
    """Notes for people."""
    task_id: UUID | None = None
    """The task its examples are checked against."""
    split_policy: SplitPolicyIn = msgspec.field(default_factory=SplitPolicyIn)
    """How new examples are split."""


class EditDataset(Body):
    """The fields to change; absent ones stay. Null in `task_id` removes the task."""

    name: Name | None = None
    """Unique in the workspace."""
    description: Text | None = None
    """Notes for people."""
    task_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    """The task its examples are checked against; null for none."""
    reason: Reason | None = None
    """Why; shown in the history."""


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of examples for a task. Its split policy applies to examples added from now on."""

    id: UUID
    """The dataset's id."""
    name: str
    """Unique in the workspace."""
    description: str
    """Notes for people."""
    task_id: UUID | None
    """The task its examples are checked against; null for none."""
    split_policy: SplitPolicy
    """How new examples are split."""
    version: int
    """Number of changes so far; also the ETag."""
    created_at: datetime
    """When the dataset was created."""
    created_by: str
    """Who created the dataset."""
    updated_at: datetime
    """When the dataset last changed."""
    archived_at: datetime | None
    """When it was archived; null unless it is."""
    forked_from: domain.ForkedFrom | None
    """What it was forked from; null if it was not."""


class DatasetPage(Page[Dataset], frozen=True, kw_only=True):
    """One page of datasets, the oldest first."""


@post(
    "/datasets",
    operation_id="create_dataset",
    summary="Create a dataset",
    guards=[require_scope("datasets:write")],
    tags=["datasets"],
)
async def create_dataset(
    data: JSON[NewDataset], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Dataset]:
    await check_task(ledger, caller.workspace_id, data.task_id)
    events = domain.create(
        name=data.name, description=data.description, task_id=data.task_id, split_policy=data.split_policy.policy()
    )
    created = await ledger.change(DATASET, new_id(), lambda _: events, caller=caller, respond=_build_created)
    return to_response(_build_created(created), Dataset)


@get(
    "/datasets",
    operation_id="list_datasets",
    summary="List datasets",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def list_datasets(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
    name: Named = None,
    task_id: Annotated[UUID | None, QueryParameter(description="Only datasets of this task.")] = None,
    archived: ArchivedItems = "false",
) -> DatasetPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_datasets(
        ledger.engine,
        caller.workspace_id,
        after=after[0] if after else None,
        limit=limit + 1,
        name=name,
        task_id=task_id,
        archived=ARCHIVED[archived],
    )
    return page(DatasetPage, [_from_row(row) for row in rows], limit, key=lambda dataset: dataset.id)


@get(
    "/datasets/{dataset_id:uuid}",
    operation_id="get_dataset",
    summary="Read a dataset",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def get_dataset(
    dataset_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Dataset]:
    stored = await get_as_of(ledger, DATASET, caller.workspace_id, dataset_id, as_of=as_of)
    return build_response(_from_state(stored), version=stored.version)


@patch(
    "/datasets/{dataset_id:uuid}",
    operation_id="update_dataset",
    summary="Edit a dataset",
    guards=[require_scope("datasets:write")],
    tags=["datasets"],
)
async def update_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[EditDataset],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Dataset]:
    task_id = None if data.task_id is msgspec.UNSET else data.task_id
    await check_task(ledger, caller.workspace_id, task_id)
    changes = {"name": data.name, "description": data.description, "task_id": task_id}
    edited = await ledger.change(
        DATASET,
        dataset_id,
        lambda dataset: domain.edit(dataset, reason=data.reason, detach=data.task_id is None, **changes),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(_from_state(edited), version=edited.version)


@put(
    "/datasets/{dataset_id:uuid}/split-policy",
    operation_id="set_split_policy",
    summary="Change how new examples are split",
    description="Existing examples keep their split.",
    guards=[require_scope("datasets:write")],
    tags=["datasets"],
)
async def set_split_policy(
    dataset_id: FromPath[UUID],
    data: JSON[SplitPolicyIn],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Dataset]:
    changed = await ledger.change(
        DATASET,
        dataset_id,
        lambda dataset: domain.change_split_policy(dataset, split_policy=data.policy(), reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(_from_state(changed), version=changed.version)


@post(
    "/datasets/{dataset_id:uuid}/archive",
    operation_id="archive_dataset",
    summary="Archive a dataset",
    description="It leaves the lists and takes no new work: edits, examples, imports, versions, tunes and labels are "
    "refused (409 `archived`). Reads, exports, history and lineage go on, and its name is free for another.",
    guards=[require_scope("datasets:write")],
    status_code=200,
    tags=["datasets"],
)
async def archive_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Dataset]:
    decide = partial(domain.archive, at=datetime.now(UTC), reason=data.reason)
    stored = await ledger.change(DATASET, dataset_id, decide, caller=caller)
    return build_response(_from_state(stored), version=stored.version)


@post(
    "/datasets/{dataset_id:uuid}/unarchive",
    operation_id="unarchive_dataset",
    summary="Bring an archived dataset back",
    description="Refused (409) while another dataset has its name.",
    guards=[require_scope("datasets:write")],
    status_code=200,
    tags=["datasets"],
)
async def unarchive_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Dataset]:
    stored = await ledger.change(DATASET, dataset_id, partial(domain.unarchive, reason=data.reason), caller=caller)
    return build_response(_from_state(stored), version=stored.version)


@get(
    "/datasets/{dataset_id:uuid}/stats",
    operation_id="get_dataset_stats",
    summary="Get a dataset's statistics",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def get_dataset_stats(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    as_of: version_as_of.AsOf = None,
) -> stats.DatasetStats:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    seq = await version_as_of.resolve_as_of_in(ledger, caller.workspace_id, dataset_id, as_of) if as_of else None
    return await stats.load_stats(ledger.engine, caller.workspace_id, dataset_id, seq=seq)


@get(
    "/datasets/{dataset_id:uuid}/history",
    operation_id="list_dataset_history",
    summary="List a dataset's history",
    description="Changes of the dataset and its frozen versions; each example has its own history.",
    guards=[require_scope("datasets:read")],
    tags=["datasets"],
)
async def get_dataset_history(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(
        ledger.engine, DATASET, caller.workspace_id, dataset_id, limit=limit, cursor=cursor, shown=_describe
    )


def _describe(state: domain.DatasetState) -> dict[str, Any]:
    return {**to_fields(state), "versions": sorted(state.versions)}


def _build_created(stored: StreamState[domain.DatasetState]) -> StoredResponse:
    return encode_response(
        _from_state(stored), status=201, version=stored.version, location=f"/v1/datasets/{stored.id}"
    )


def _from_state(stored: StreamState[domain.DatasetState]) -> Dataset:
    state = stored.state
    return Dataset(
        id=stored.id,
        name=state.name,
        description=state.description,
        task_id=state.task_id,
        split_policy=state.split_policy,
        version=stored.version,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        archived_at=state.archived_at,
        forked_from=state.forked_from,
    )


def _from_row(row: Any) -> Dataset:
    fields = {name: getattr(row, name) for name in Dataset.__struct_fields__}
    forked_from = row.forked_from and msgspec.convert(row.forked_from, domain.ForkedFrom)
    fields |= {"split_policy": msgspec.convert(row.split_policy, SplitPolicy), "forked_from": forked_from}
    return Dataset(**fields)


router = Router(
    path="/",
    route_handlers=[
        create_dataset,
        list_datasets,
        get_dataset,
        update_dataset,
        set_split_policy,
        archive_dataset,
        unarchive_dataset,
        get_dataset_stats,
        get_dataset_history,
    ],
)
