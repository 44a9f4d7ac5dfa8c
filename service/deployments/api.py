"""Deployments over HTTP. Workers talk to the providers."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.connections.domain import CONNECTION, require_connection
from service.database.engine import new_id
from service.deployments import domain, queries, schemas
from service.deployments.domain import DEPLOYMENT, DeploymentPhase, DeploymentRecord, DeploymentRequested
from service.deployments.schemas import Deployment, DeploymentPage, NewDeployment
from service.errors import Fault, NotFound
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import StoredResponse, build_response, encode_response, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.providers.kinds import TRAITS

StateFilter = Annotated[
    DeploymentPhase | None, QueryParameter(name="state", description="Only deployments in this state.")
]
OfConnection = Annotated[UUID | None, QueryParameter(description="Only deployments of this connection.")]


@post(
    "/deployments",
    operation_id="create_deployment",
    summary="Deploy a model",
    guards=[require_scope("tunes:write")],
    tags=["deployments"],
)
async def create_deployment(
    data: JSON[NewDeployment], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Deployment]:
    """A worker starts it exactly once. From then on requests to the model go there, and it costs by the hour.

    It is stopped by `DELETE`, by the provider's idle time, and after `stop_after_hours` at the latest.
    """
    stored = await ledger.find(CONNECTION, caller.workspace_id, data.connection_id)
    if stored is None or stored.state.deleted:
        detail = f"No such connection: {data.connection_id}."
        raise NotFound(detail, errors=[Fault(pointer="/connection_id", detail=detail)])
    kind = require_connection(stored.state).kind
    domain.require_deployable(kind, deployment=TRAITS[kind].deployment)
    fields = {name: getattr(data, name) for name in data.__struct_fields__ if name != "stop_after_hours"}
    event = DeploymentRequested(
        **fields,
        connection_kind=kind,
        stop_after=datetime.now(UTC) + timedelta(hours=data.stop_after_hours),
        request_id=caller.request_id,
    )
    made = await ledger.change(DEPLOYMENT, new_id(), lambda _: [event], caller=caller, respond=_encode_created)
    return to_response(_encode_created(made), Deployment)


@get(
    "/deployments",
    operation_id="list_deployments",
    summary="List deployments, newest first",
    guards=[require_scope("tunes:read")],
    tags=["deployments"],
)
async def list_deployments(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: StateFilter = None,
    connection_id: OfConnection = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeploymentPage:
    before = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_deployments(
        ledger.engine,
        caller.workspace_id,
        state=in_state,
        connection_id=connection_id,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    return page(DeploymentPage, [schemas.from_row(row) for row in rows], limit, key=lambda each: each.id)


@get(
    "/deployments/{deployment_id:uuid}",
    operation_id="get_deployment",
    summary="Get a deployment, now or as of a time",
    guards=[require_scope("tunes:read")],
    tags=["deployments"],
)
async def get_deployment(
    deployment_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Deployment]:
    """The state that workers saw last, with its hours and cost until now."""
    stored = await get_as_of(ledger, DEPLOYMENT, caller.workspace_id, deployment_id, as_of=as_of)
    return build_response(schemas.from_stored(stored), version=stored.version)


@delete(
    "/deployments/{deployment_id:uuid}",
    operation_id="stop_deployment",
    summary="Stop a deployment",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["deployments"],
)
async def stop_deployment(
    deployment_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Deployment]:
    """A worker stops it at the provider; it is `stopped` once nothing is paid any more. Stopping it again is fine."""
    now = datetime.now(UTC)
    stored = await ledger.change(
        DEPLOYMENT, deployment_id, lambda record: domain.stop(record, reason=None, at=now), caller=caller
    )
    return build_response(schemas.from_stored(stored), version=stored.version)


@get(
    "/deployments/{deployment_id:uuid}/history",
    operation_id="get_deployment_history",
    summary="List a deployment's history",
    guards=[require_scope("tunes:read")],
    tags=["deployments"],
)
async def get_deployment_history(
    deployment_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(ledger.engine, DEPLOYMENT, caller.workspace_id, deployment_id, limit=limit, cursor=cursor)


def _encode_created(stored: StreamState[DeploymentRecord]) -> StoredResponse:
    location = f"/v1/deployments/{stored.id}"
    return encode_response(schemas.from_stored(stored), status=201, version=stored.version, location=location)


router = Router(
    path="/",
    route_handlers=[create_deployment, list_deployments, get_deployment, stop_deployment, get_deployment_history],
)
