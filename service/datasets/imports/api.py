"""Imports over HTTP: upload a file, watch it, list its bad rows."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.datasets.domain import DATASET
from service.datasets.imports import queries
from service.datasets.imports.containers import Unreadable
from service.datasets.imports.domain import IMPORT
from service.datasets.imports.dry_run import preview_file
from service.datasets.imports.import_options import provide_import_options
from service.datasets.imports.schemas import Import, ImportPage, ImportPreview, RowErrorPage, from_state
from service.datasets.imports.staging_area import MAX_ERRORS, ImportOptions
from service.datasets.imports.upload import CountedBody, receive_file
from service.errors import UnsupportedMediaType
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import build_response, to_response
from service.ledger.store import Caller, Ledger, load_many
from service.operations import projection as operations
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation
from service.settings import Settings

FILE_BODY = RequestBody(
    required=True,
    description="The file itself, streamed; not a form.",
    content={
        media_type: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        for media_type in ("application/x-ndjson", "application/json", "text/csv", "application/octet-stream")
    },
)


ErrorPosition = Annotated[int, msgspec.Meta(ge=0, le=MAX_ERRORS)]


@dataclass
class FileOperation(OpenAPIOperation):
    """Adds the request body to the OpenAPI document: the handler reads it from the request itself."""

    def __post_init__(self) -> None:
        self.request_body = FILE_BODY


@post(
    "/datasets/{dataset_id:uuid}/imports",
    operation_id="import_examples",
    operation_class=FileOperation,
    summary="Import a file",
    description="Answers when the whole file was received and checked; the examples are added in the background. "
    "With on_error=abort one bad row means that nothing is added; with skip the good rows are. The operation's result "
    "says the format and what became of the rows.",
    guards=[require_scope("datasets:write"), require_room("imports"), require_room("stored_bytes")],
    status_code=202,
    request_max_body_size=None,
    opt={"streamed_body": True},
    tags=["imports"],
)
async def import_examples(
    dataset_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
    options: NamedDependency[ImportOptions],
    dry_run: Annotated[
        bool, QueryParameter(description="Write nothing, and answer 200 with the ImportPreview of `…/imports/preview`.")
    ] = False,
) -> Response[Operation]:
    refuse_forms(request)
    limit, body = settings.import_body_limit, request.stream()
    if dry_run:
        preview: Response[Any] = await _preview(request, dataset_id, caller, ledger, settings, options)
        return preview
    import_id = await receive_file(ledger, caller, dataset_id, body, options=options, limit=limit)
    return to_response(encode_accepted(await operations.get_operation(ledger.engine, caller.workspace_id, import_id)))


@post(
    "/datasets/{dataset_id:uuid}/imports/preview",
    operation_id="preview_import",
    operation_class=FileOperation,
    summary="Preview an import",
    description="Reads the whole file and writes nothing: the first 20 rows as they would come in, what they would "
    "lose, and the first bad rows with all their faults.",
    guards=[require_scope("datasets:read")],
    status_code=200,
    request_max_body_size=None,
    opt={"streamed_body": True},
    tags=["imports"],
)
async def preview_import(
    dataset_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
    options: NamedDependency[ImportOptions],
) -> Response[ImportPreview]:
    refuse_forms(request)
    return await _preview(request, dataset_id, caller, ledger, settings, options)


@get(
    "/datasets/{dataset_id:uuid}/imports",
    operation_id="list_imports",
    summary="List the imports of a dataset",
    guards=[require_scope("datasets:read")],
    tags=["imports"],
)
async def list_imports(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImportPage:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    before = decode_cursor(cursor, tuple[UUID])
    ids = await queries.list_import_ids(
        ledger.engine, caller.workspace_id, dataset_id, before=before[0] if before else None, limit=limit + 1
    )
    imports = await load_many(ledger, IMPORT, caller.workspace_id, ids)
    return page(ImportPage, [from_state(imports[id_]) for id_ in ids], limit, key=lambda import_: import_.id)


@get(
    "/imports/{import_id:uuid}",
    operation_id="get_import",
    summary="Read an import",
    guards=[require_scope("datasets:read")],
    tags=["imports"],
)
async def get_import(
    import_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Import]:
    stored = await ledger.get(IMPORT, caller.workspace_id, import_id)
    return build_response(from_state(stored), version=stored.version)


@get(
    "/imports/{import_id:uuid}/errors",
    operation_id="list_import_errors",
    summary="List the rows that were not taken",
    guards=[require_scope("datasets:read")],
    tags=["imports"],
)
async def list_import_errors(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RowErrorPage:
    stored = await ledger.get(IMPORT, caller.workspace_id, import_id)
    after = decode_cursor(cursor, tuple[ErrorPosition])
    start = after[0] if after else 0
    errors = await queries.load_errors(ledger, caller.workspace_id, stored, range(start, start + limit + 1))
    return page(RowErrorPage, errors, limit, key=lambda _: start + limit)


async def _preview(
    request: Request[Any, Any, Any],
    dataset_id: UUID,
    caller: Caller,
    ledger: Ledger,
    settings: Settings,
    options: ImportOptions,
) -> Response[ImportPreview]:
    counted = CountedBody(request.stream(), settings.import_body_limit)
    try:
        preview = await preview_file(ledger, caller, dataset_id, counted.read_pieces(), options=options)
    except Unreadable:
        async for _ in counted.read_pieces():  # a client that still sends does not hear why
            pass
        raise
    return Response(preview, status_code=200)


def refuse_forms(request: Request[Any, Any, Any]) -> None:
    media_type, _ = request.content_type
    if media_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise UnsupportedMediaType("Send the file itself as the body, for example with curl --data-binary @file.")


router = Router(
    path="/",
    route_handlers=[import_examples, preview_import, list_imports, get_import, list_import_errors],
    dependencies={"options": Provide(provide_import_options, sync_to_thread=False)},
)
