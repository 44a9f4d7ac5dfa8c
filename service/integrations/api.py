"""Integrations over HTTP."""

from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.database.engine import new_id
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import StoredResponse, build_response, encode_response, to_response
from service.integrations import domain, queries
from service.integrations.domain import DEFAULT_URLS, INTEGRATION, IntegrationSettings, IntegrationState
from service.integrations.integration_accounts import find_url_fault
from service.integrations.schemas import (
    Integration,
    IntegrationPage,
    IntegrationPatch,
    NewIntegration,
    build_integration,
    build_integration_from_row,
)
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Caller, Ledger


@post(
    "/integrations",
    operation_id="create_integration",
    summary="Create an integration",
    guards=[require_scope("connections:write")],
    tags=["connections"],
)
async def create_integration(
    data: JSON[NewIntegration], caller: NamedDependency[Caller], accounts: NamedDependency[Accounts]
) -> Response[Integration]:
    """Its address has to be https and public, unless an operator allows it. 422 if not."""
    integration_id = new_id()
    settings = IntegrationSettings(
        name=data.name, url=data.url or DEFAULT_URLS.get(data.kind, ""), options=data.options
    )
    domain.check_secret(data.kind, settings.url, data.secret)
    fault = await find_url_fault(data.kind, settings, accounts.policy)
    sealed = accounts.vault.seal(data.secret or "", workspace_id=caller.workspace_id, owner=integration_id)
    created = await accounts.ledger.change(
        INTEGRATION,
        integration_id,
        lambda _: domain.create(data.kind, settings, url_fault=fault),
        caller=caller,
        attachments=Attachments(secrets=[(integration_id, sealed)]),
        respond=_build_created,
    )
    return to_response(_build_created(created), Integration)


@get(
    "/integrations",
    operation_id="list_integrations",
    summary="List integrations",
    guards=[require_scope("connections:read")],
    tags=["connections"],
)
async def list_integrations(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], limit: Limit = 50, cursor: Cursor = None
) -> IntegrationPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_integrations(
        ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1
    )
    return page(IntegrationPage, [build_integration_from_row(row) for row in rows], limit, key=lambda each: each.id)


@get(
    "/integrations/{integration_id:uuid}",
    operation_id="get_integration",
    summary="Get an integration",
    guards=[require_scope("connections:read")],
    tags=["connections"],
)
async def get_integration(
    integration_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Integration]:
    stored = await ledger.get(INTEGRATION, caller.workspace_id, integration_id)
    domain.require_integration(stored.state)
    return build_response(build_integration(stored), version=stored.version)


@patch(
    "/integrations/{integration_id:uuid}",
    operation_id="update_integration",
    summary="Replace an integration's secret",
    guards=[require_scope("connections:write")],
    tags=["connections"],
)
async def update_integration(
    integration_id: FromPath[UUID],
    data: JSON[IntegrationPatch],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
) -> Response[Integration]:
    """Its other settings do not change: create another one."""
    before = await accounts.ledger.get(INTEGRATION, caller.workspace_id, integration_id)
    domain.check_secret(before.state.kind, before.state.settings.url, data.secret)
    sealed = accounts.vault.seal(data.secret, workspace_id=caller.workspace_id, owner=integration_id)
    changed = await accounts.ledger.change(
        INTEGRATION,
        integration_id,
        lambda integration: domain.replace_secret(integration, reason=data.reason),
        caller=caller,
        attachments=Attachments(secrets=[(integration_id, sealed)]),
    )
    return build_response(build_integration(changed), version=changed.version)


@delete(
    "/integrations/{integration_id:uuid}",
    operation_id="delete_integration",
    summary="Delete an integration and its secret",
    guards=[require_scope("connections:write")],
    status_code=200,
    tags=["connections"],
)
async def delete_integration(
    integration_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Integration]:
    """What was published and shown stays where it is."""
    deleted = await ledger.change(
        INTEGRATION,
        integration_id,
        domain.delete,
        caller=caller,
        attachments=Attachments(secrets=[(integration_id, b"")]),
    )
    return build_response(build_integration(deleted), version=deleted.version)


def _build_created(stored: StreamState[IntegrationState]) -> StoredResponse:
    return encode_response(
        build_integration(stored), status=201, version=stored.version, location=f"/v1/integrations/{stored.id}"
    )


router = Router(
    path="/",
    route_handlers=[create_integration, list_integrations, get_integration, update_integration, delete_integration],
)
