"""Models at providers over HTTP: import those tuned elsewhere, and delete those no longer wanted."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.http.bodies import CARRIES_TEXTS, JSON, Reason
from service.http.responses import build_response, to_response
from service.ledger.store import Caller, Ledger
from service.models import queries
from service.models.domain import get_version
from service.models.provider_models import commands
from service.models.provider_models.schemas import ImportModel, build_imported_response
from service.models.schemas import ModelVersion, VersionOrAlias, build_model_version


@post(
    "/models/import",
    operation_id="import_model",
    opt=CARRIES_TEXTS,
    summary="Import a model that was tuned elsewhere",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def import_model(
    data: JSON[ImportModel], caller: NamedDependency[Caller], accounts: NamedDependency[Accounts]
) -> Response[ModelVersion]:
    """Asks the provider whether the connection's account has it, and makes it a version without a tune.

    Its `lineage` is `unknown`. If you know the job that made it, adopt that instead: `POST /v1/tunes/adopt`.
    """
    stored = await commands.import_model(accounts, caller, data)
    return to_response(build_imported_response(stored), ModelVersion)


@delete(
    "/models/{model_id:uuid}/versions/{version:str}/provider-model",
    operation_id="delete_provider_model",
    summary="Delete a version's model at its provider",
    guards=[require_scope("models:write")],
    status_code=200,
    tags=["models"],
)
async def delete_provider_model(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    force: Annotated[
        bool, QueryParameter(description="Delete it although an alias is at it or a deployment runs it.")
    ] = False,
    reason: Annotated[Reason | None, QueryParameter(max_length=2_000)] = None,
) -> Response[ModelVersion]:
    """A worker deletes it, for good: from now on nobody can run this version. The version and its history stay.

    Refused (409) while an alias is at it or a deployment runs it; `force` does not stop the deployment.
    """
    stored = await commands.request_deletion(ledger, caller, model_id, version, force=force, reason=reason)
    name = get_version(stored.state, version).model_version
    row = await queries.get_version(ledger.engine, caller.workspace_id, model_id, name)
    return build_response(build_model_version(row), version=stored.version)


router = Router(path="/", route_handlers=[import_model, delete_provider_model])
