"""Imports from a source over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import is_allowed
from service.access.limits.room_guard import require_room
from service.access.roles import Authority
from service.connections.accounts import Accounts
from service.datasets.exports.commands import LoadJudgements
from service.datasets.imports.dry_run import preview_file
from service.datasets.imports.import_options import provide_import_options
from service.datasets.imports.staging_area import ImportOptions
from service.datasets.imports.upload import CountedBody
from service.errors import Forbidden
from service.http.bodies import JSON
from service.http.responses import to_response
from service.ledger.store import Caller, Ledger
from service.operations import projection as operations
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation
from service.settings import Settings
from service.sources.commands import SourceOpener, complete_options, open_source, start_import
from service.sources.schemas import FromRequests, ImportFromSource


@post(
    "/datasets/{dataset_id:uuid}/imports/fetch",
    operation_id="fetch_import",
    summary="Import from a source",
    description="The source is opened before the answer, and read in the background; the import records where it came "
    "from, the revision and the digest of its bytes. Keys of a connection need the scope connections:write. The "
    "parameters are those of an import of a file.",
    guards=[require_scope("datasets:write"), require_room("imports"), require_room("stored_bytes")],
    status_code=202,
    tags=["imports"],
)
async def import_from_source(
    dataset_id: FromPath[UUID],
    data: JSON[ImportFromSource],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
    accounts: NamedDependency[Accounts],
    judgements: NamedDependency[LoadJudgements],
    authority: NamedDependency[Authority],
    options: NamedDependency[ImportOptions],
    dry_run: Annotated[
        bool, QueryParameter(description="Write nothing, and answer 200 with the ImportPreview of `…/imports/preview`.")
    ] = False,
) -> Response[Operation]:
    uses_connection = getattr(data.source, "connection_id", None) is not None
    if uses_connection and not is_allowed(authority.scopes, "connections:write"):
        raise Forbidden("To read with the keys of a connection, the scope connections:write is needed.")
    if isinstance(data.source, FromRequests) and not is_allowed(authority.scopes, "requests:read"):
        raise Forbidden("To read logged requests, the scope requests:read is needed.")
    opener = SourceOpener(ledger, accounts, judgements, datetime.now(UTC))
    opened = await open_source(opener, data.source, caller, dataset_id)
    limit = settings.import_body_limit
    if dry_run:
        pieces = CountedBody(opened.pieces, limit).read_pieces()
        complete = complete_options(options, opened)
        preview: Response[Any] = Response(
            await preview_file(ledger, caller, dataset_id, pieces, options=complete), status_code=200
        )
        return preview
    import_id = await start_import(ledger, caller, dataset_id, opened, options=options, limit=limit)
    return to_response(encode_accepted(await operations.get_operation(ledger.engine, caller.workspace_id, import_id)))


router = Router(
    path="/",
    route_handlers=[import_from_source],
    dependencies={"options": Provide(provide_import_options, sync_to_thread=False)},
)
