"""Frozen versions over HTTP: freeze, list, read."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.datasets import domain
from service.datasets import projection as dataset_queries
from service.datasets.checks.queries import Readiness, find_readiness
from service.datasets.domain import DATASET, VERSION_NAME, DatasetVersionFrozen
from service.datasets.examples.queries import count_erased, count_examples
from service.datasets.filters.selection import Filter, FilterIn, to_filter
from service.datasets.projection import DatasetVersionRow
from service.datasets.versions.commands import gather_freeze_facts
from service.datasets.versions.version_as_of import Number
from service.http.bodies import JSON, Body, Text
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.http.responses import StoredResponse, build_response, encode_response, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger

FOUND = ("erased", "readiness")  # what a version's row does not have
VersionName = Annotated[str, msgspec.Meta(pattern=VERSION_NAME, description="Such as v1; unique in the dataset.")]


class FreezeVersion(Body):
    """The version to freeze: all present examples, or those that match the filter."""

    name: VersionName
    notes: Text = ""
    """Notes on the version."""
    filter: FilterIn = Filter()
    """Which examples belong to the version, as an expression or as fields; all by default."""


class DatasetVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A named, frozen state of a dataset. `digest` is SHA-256 over its sorted content digests, in hex."""

    dataset_id: UUID
    """The dataset."""
    name: str
    """The name of the version, unique in its dataset."""
    seq: int
    """The position in the event log that the version froze."""
    filter: Filter
    """Which examples belong to the version."""
    digest: str
    """SHA-256 over the sorted content digests of the examples, in hex; `incomplete: n erased` once some were erased."""
    examples: int
    """How many examples the version has."""
    erased: int
    """How many of them were erased since."""
    splits: dict[str, int]
    """Number of examples by split."""
    notes: str
    """Notes on the version."""
    readiness: Readiness | None
    """What the last check of the same examples said. Null if they were never checked."""
    created_at: datetime
    """When the version was frozen."""
    created_by: str
    """The actor who froze it."""


class DatasetVersionPage(Page[DatasetVersion], frozen=True, kw_only=True):
    """One page of versions, the newest first."""


@post(
    "/datasets/{dataset_id:uuid}/versions",
    operation_id="freeze_dataset_version",
    summary="Freeze a version",
    guards=[require_scope("datasets:write")],
    tags=["versions"],
)
async def freeze_dataset_version(
    dataset_id: FromPath[UUID],
    data: JSON[FreezeVersion],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[DatasetVersion]:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    facts = await gather_freeze_facts(
        ledger, caller.workspace_id, dataset_id, name=data.name, notes=data.notes, filter_=to_filter(data.filter)
    )
    frozen = facts.frozen
    readiness = await find_readiness(ledger.engine, caller.workspace_id, dataset_id, frozen.digest, frozen.splits)
    build_answer = partial(_build_answer, dataset_id, frozen, readiness)
    change = partial(domain.freeze, frozen=frozen, unfinished=facts.unfinished)
    stored = await ledger.change(DATASET, dataset_id, change, caller=caller, respond=build_answer)
    return to_response(build_answer(stored), DatasetVersion)


@get(
    "/datasets/{dataset_id:uuid}/versions",
    operation_id="list_dataset_versions",
    summary="List versions",
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def list_dataset_versions(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DatasetVersionPage:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    before = decode_cursor(cursor, tuple[Number])
    rows = await dataset_queries.list_versions(
        ledger.engine, caller.workspace_id, dataset_id, before=before[0] if before else None, limit=limit + 1
    )
    result = page(DatasetVersionPage, rows, limit, key=lambda row: row.number)
    versions = [await _load_out(ledger, caller.workspace_id, row) for row in rows[:limit]]
    return msgspec.structs.replace(result, data=versions)


@get(
    "/datasets/{dataset_id:uuid}/versions/{name:str}",
    operation_id="get_dataset_version",
    summary="Read a version",
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def get_dataset_version(
    dataset_id: FromPath[UUID],
    name: FromPath[str],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[DatasetVersion]:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    row = await dataset_queries.load_version(ledger.engine, caller.workspace_id, dataset_id, name)
    return build_response(await _load_out(ledger, caller.workspace_id, row))


async def _load_out(ledger: Ledger, workspace_id: UUID, row: DatasetVersionRow) -> DatasetVersion:
    """The version, with what was erased of it. Its digest says so then, since the texts cannot prove it any more."""
    selection = row.selection()
    if not selection.reads_texts:
        erased = await count_erased(ledger.engine, workspace_id, selection)
    else:  # what was erased has no text to match any more
        erased = row.examples - await count_examples(ledger.engine, workspace_id, selection)
    fields = {name: getattr(row, name) for name in DatasetVersion.__struct_fields__ if name not in FOUND}
    if erased:
        fields["digest"] = f"incomplete: {erased} erased"
    readiness = await find_readiness(ledger.engine, workspace_id, row.dataset_id, row.digest, row.splits)
    return DatasetVersion(**fields, erased=erased, readiness=readiness)


def _build_answer(
    dataset_id: UUID,
    frozen: DatasetVersionFrozen,
    readiness: Readiness | None,
    stored: StreamState[domain.DatasetState],
) -> StoredResponse:
    version = DatasetVersion(
        dataset_id=dataset_id,
        name=frozen.name,
        seq=frozen.moment,
        filter=frozen.filter,
        digest=frozen.digest,
        examples=frozen.examples,
        erased=0,
        splits=frozen.splits,
        notes=frozen.notes,
        readiness=readiness,
        created_at=stored.updated_at,
        created_by=stored.updated_by,
    )
    return encode_response(version, status=201, location=f"/v1/datasets/{dataset_id}/versions/{frozen.name}")


router = Router(
    path="/",
    route_handlers=[
        freeze_dataset_version,
        list_dataset_versions,
        get_dataset_version,
    ],
)
