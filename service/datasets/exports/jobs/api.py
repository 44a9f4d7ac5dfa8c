"""Exports into the artifact store and elsewhere over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from service.access.auth import require_scope
from service.access.domain import is_allowed
from service.access.roles import Authority
from service.artifacts import queries as artifact_queries
from service.artifacts.schemas import ArtifactPage, from_row
from service.datasets.domain import DATASET, VERSION_NAME
from service.datasets.exports.commands import ExportRequest, LoadJudgements
from service.datasets.exports.export_options import ExportOptions
from service.datasets.exports.jobs.commands import request_export
from service.datasets.exports.jobs.domain import DatasetTarget
from service.datasets.filters.selection import Filter, FilterIn, to_filter
from service.datasets.splits import Split
from service.datasets.versions.version_selection import resolve_selection
from service.errors import Fault, Forbidden, Invalid
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import to_response
from service.integrations.schemas import NewExportTarget
from service.ledger.store import Caller, Ledger
from service.operations import projection as operations
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation


class NewDatasetTarget(NewExportTarget):
    """Where a copy goes, as a folder with a dataset card and a file for each split."""

    license: Annotated[str, Meta(pattern=r"^[A-Za-z0-9.+-]{1,60}$")] | None = None
    """The license for the card, as the Hub names it, such as `cc-by-4.0`."""


class NewDatasetExport(ExportOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to export, and how. With a recipe, a zip of data and settings."""

    version: Annotated[str, Meta(pattern=VERSION_NAME)] | None = None
    """A frozen version. Null: the moment of `as_of`."""
    as_of: Annotated[str, Meta(max_length=200)] | None = None
    """A time, a seq or a version. Null: now."""
    split: Split | None = None
    """Only this split."""
    filter: FilterIn = Filter()
    """Only examples that match."""
    strict: bool = False
    """Fail when the format cannot carry all of it."""
    to: NewDatasetTarget | None = None
    """Null: the artifact store alone. Needs the scope connections:write, since it uses an integration's keys."""


@post(
    "/datasets/{dataset_id:uuid}/exports",
    operation_id="create_dataset_export",
    summary="Export into the artifact store, or elsewhere",
    guards=[require_scope("datasets:read")],
    status_code=202,
    tags=["versions"],
)
async def create_dataset_export(
    dataset_id: FromPath[UUID],
    data: JSON[NewDatasetExport],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    judgements: NamedDependency[LoadJudgements],
) -> Response[Operation]:
    """An operation, for exports that take longer than a request. Its result names the artifact and counts losses."""
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    options = ExportOptions(**{name: getattr(data, name) for name in ExportOptions.__struct_fields__})
    options.check()
    if options.pairs == "judgements" and not is_allowed(authority.scopes, "evaluations:read"):
        raise Forbidden("Judgements need the scope evaluations:read.")
    if data.to is not None and not is_allowed(authority.scopes, "connections:write"):
        raise Forbidden("To send a copy with the keys of an integration, the scope connections:write is needed.")
    if data.version is not None and data.as_of is not None:
        fault = Fault(pointer="/as_of", detail="Give version or as_of, not both.")
        raise Invalid(fault.detail, errors=[fault])
    moment = data.version or data.as_of
    selection = await resolve_selection(
        ledger, caller.workspace_id, dataset_id, moment, parameter="/version" if data.version else "/as_of"
    )
    selection = msgspec.structs.replace(selection, split=data.split, also=to_filter(data.filter, pointer="/filter"))
    version = moment if moment is not None and moment[:1].isalpha() else None
    export = ExportRequest(selection=selection, options=options, version=version, load_judgements=judgements)
    target = None if data.to is None else msgspec.convert(data.to, DatasetTarget, from_attributes=True)
    operation_id = await request_export(ledger, caller, export, strict=data.strict, to=target)
    operation = await operations.get_operation(ledger.engine, caller.workspace_id, operation_id)
    return to_response(encode_accepted(operation), Operation)


@get(
    "/datasets/{dataset_id:uuid}/exports",
    operation_id="list_dataset_exports",
    summary="List the kept exports of a dataset",
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def list_dataset_exports(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ArtifactPage:
    """Artifacts of the kind `export`, without those that were deleted."""
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    after = decode_cursor(cursor, tuple[UUID])
    rows = await artifact_queries.list_artifacts(
        ledger.engine,
        caller.workspace_id,
        kind="export",
        of=dataset_id,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(ArtifactPage, [from_row(row) for row in rows], limit, key=lambda each: each.id)


router = Router(path="/", route_handlers=[create_dataset_export, list_dataset_exports])
