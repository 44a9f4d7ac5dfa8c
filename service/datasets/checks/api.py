"""Checks over HTTP: start, list, read, and page through the examples of a finding."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.datasets.checks import queries
from service.datasets.checks.check_comparison import compare_checks
from service.datasets.checks.commands import LoadModels, find_targets, request_check
from service.datasets.checks.domain import CHUNK_RECORDS, RECORD_BYTES, CheckFinding
from service.datasets.checks.finding_catalog import FINDINGS
from service.datasets.checks.queries import CheckRow
from service.datasets.checks.schemas import (
    FIRST_ROWS,
    DatasetCheck,
    DatasetCheckPage,
    FindingRowPage,
    StartCheck,
    build_check,
    build_rows,
)
from service.datasets.domain import DATASET
from service.datasets.filters.selection import Filter, Selection, to_filter
from service.datasets.projection import load_version
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Fault, Invalid, NotFound
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, encode_cursor, page
from service.http.responses import to_response
from service.ledger.store import Caller, Ledger
from service.operations import projection as operations
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation

Start = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


@post(
    "/datasets/{dataset_id:uuid}/checks",
    operation_id="check_dataset",
    summary="Check whether examples are ready to be tuned on",
    guards=[require_scope("datasets:write")],
    status_code=202,
    tags=["checks"],
)
async def check_dataset(
    dataset_id: FromPath[UUID],
    data: JSON[StartCheck],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    load_models: NamedDependency[LoadModels],
) -> Response[Operation]:
    """An operation; its resource is the check with its report. It changes no example."""
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    selection = await _select(ledger, caller.workspace_id, dataset_id, data)
    targets = find_targets(
        [each.build() for each in data.targets], await load_models(ledger.engine, caller.workspace_id)
    )
    check_id = await request_check(ledger, caller, selection, version_name=data.version, targets=targets)
    operation = await operations.get_operation(ledger.engine, caller.workspace_id, check_id)
    return to_response(encode_accepted(operation), Operation)


@get(
    "/datasets/{dataset_id:uuid}/checks",
    operation_id="list_dataset_checks",
    summary="List a dataset's checks",
    guards=[require_scope("datasets:read")],
    tags=["checks"],
)
async def list_dataset_checks(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DatasetCheckPage:
    """The newest first. Findings come without their examples."""
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    before = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_checks(
        ledger.engine, caller.workspace_id, dataset_id, before=before[0] if before else None, limit=limit + 1
    )
    return page(DatasetCheckPage, [build_check(row, {}) for row in rows], limit, key=lambda check: check.id)


@get(
    "/datasets/{dataset_id:uuid}/checks/{check_id:uuid}",
    operation_id="get_dataset_check",
    summary="Read a check and its report",
    guards=[require_scope("datasets:read")],
    tags=["checks"],
)
async def get_dataset_check(
    dataset_id: FromPath[UUID],
    check_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    compare: Annotated[
        UUID | None, QueryParameter(description="Another check of the dataset: the report says what has changed since.")
    ] = None,
) -> DatasetCheck:
    engine, workspace_id = ledger.engine, caller.workspace_id
    row = await queries.load_check(engine, workspace_id, dataset_id, check_id)
    comparison = None
    if compare is not None:
        other = await queries.load_check(engine, workspace_id, dataset_id, compare)
        comparison = await compare_checks(engine, workspace_id, row, other)
    digests = [finding.records[0] for finding in row.findings or () if finding.records]
    records = await queries.load_first_records(engine, workspace_id, check_id, digests, limit=FIRST_ROWS)
    return build_check(row, records, comparison=comparison)


@get(
    "/datasets/{dataset_id:uuid}/checks/{check_id:uuid}/findings/{code:str}",
    operation_id="list_finding_rows",
    summary="List the examples of a finding",
    guards=[require_scope("datasets:read")],
    tags=["checks"],
)
async def list_finding_rows(
    dataset_id: FromPath[UUID],
    check_id: FromPath[UUID],
    code: FromPath[str],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    target: Annotated[
        str | None,
        QueryParameter(max_length=700, pattern=NO_NUL, description="The finding's target, where it has one."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FindingRowPage:
    row = await queries.load_check(ledger.engine, caller.workspace_id, dataset_id, check_id)
    finding = _find_finding(row, code, target)
    position = decode_cursor(cursor, tuple[Start])
    start = position[0] if position else 0
    chunk, inside = divmod(start, CHUNK_RECORDS)
    if chunk >= len(finding.records):
        return FindingRowPage(data=[], next_cursor=None)
    size = min(limit, CHUNK_RECORDS - inside)
    records = await queries.load_records(
        ledger.engine, caller.workspace_id, check_id, finding.records[chunk], start=inside, limit=size
    )
    end = start + len(records) // RECORD_BYTES
    has_more = bool(records) and end < sum(finding.kind_counts)
    return FindingRowPage(data=build_rows(records, finding.kinds), next_cursor=encode_cursor(end) if has_more else None)


def _find_finding(row: CheckRow, code: str, target: str | None) -> CheckFinding:
    """Without a target, the first finding of that code. A finding that the check does not have has no rows."""
    if code not in FINDINGS:
        raise NotFound(f"There is no finding {code[:100]!r}.")
    empty = CheckFinding(code=code, severity="info", count=0)
    matches = (each for each in row.findings or () if each.code == code and target in (None, each.target))
    return next(matches, empty)


async def _select(ledger: Ledger, workspace_id: UUID, dataset_id: UUID, data: StartCheck) -> Selection:
    given = to_filter(data.filter)
    if data.version is None:
        seq = await resolve_as_of_in(ledger, workspace_id, dataset_id, data.as_of, parameter="/as_of")
        return Selection(dataset_id=dataset_id, seq=seq, filter=given, split=data.split)
    if data.as_of is not None:
        fault = Fault(pointer="/as_of", detail="Give version or as_of, not both.")
        raise Invalid(fault.detail, errors=[fault])
    version = await load_version(ledger.engine, workspace_id, dataset_id, data.version)
    selection = version.selection(data.split)
    return selection if given == Filter() else msgspec.structs.replace(selection, also=given)


router = Router(
    path="/",
    route_handlers=[check_dataset, list_dataset_checks, get_dataset_check, list_finding_rows],
)
