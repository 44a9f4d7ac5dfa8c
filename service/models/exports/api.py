"""The export of a model version over HTTP."""

from uuid import UUID

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import convert

from service.access.auth import require_scope
from service.http.bodies import JSON
from service.http.responses import to_response
from service.integrations.domain import ExportTarget
from service.ledger.store import Caller, Ledger
from service.models.exports.commands import request_export
from service.models.exports.schemas import NewModelExport
from service.models.schemas import VersionOrAlias
from service.operations import projection as operations
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation


@post(
    "/models/{model_id:uuid}/versions/{version:str}/export",
    operation_id="export_model_version",
    summary="Export a model version's weights",
    guards=[require_scope("models:write")],
    status_code=202,
    tags=["models"],
)
async def export_model_version(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    data: JSON[NewModelExport],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    """An operation; its result names the artifacts, and the forms that were skipped with the reasons.

    Weights are downloaded from the provider first. An adapter's other forms need its base model on the server. 409
    where the provider keeps the weights.
    """
    target = None if data.to is None else convert(data.to, ExportTarget, from_attributes=True)
    operation_id = await request_export(ledger, caller, model_id, version, forms=data.forms, to=target)
    operation = await operations.get_operation(ledger.engine, caller.workspace_id, operation_id)
    return to_response(encode_accepted(operation), Operation)


router = Router(path="/", route_handlers=[export_model_version])
