"""Webhooks of providers over HTTP: their secret, and the route that they are sent to."""

from uuid import UUID

from litestar import Request, Router, delete, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.database.fair_pool import current_workspace
from service.http.bodies import JSON
from service.ledger.store import Caller
from service.tunes.hooks import commands
from service.tunes.hooks.schemas import ConnectionHook, HookReceipt, NewConnectionHook

MAX_BODY_BYTES = 65_536
NOBODY = UUID(int=0)


@put(
    "/connections/{connection_id:uuid}/webhook",
    operation_id="set_connection_webhook",
    summary="Take the provider's webhooks",
    guards=[require_scope("connections:write")],
    tags=["connections"],
)
async def set_connection_webhook(
    connection_id: FromPath[UUID],
    data: JSON[NewConnectionHook],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
) -> ConnectionHook:
    """For OpenAI and its like. Create the webhook there for the URL of `path`, and send its signing secret here.

    Signed messages make workers look at the connection's jobs at once; nothing else that they say is believed. A new
    secret replaces the old one.
    """
    await commands.set_hook(accounts, caller, connection_id, data.secret, reason=data.reason)
    return _build_hook(caller.workspace_id, connection_id, active=True)


@delete(
    "/connections/{connection_id:uuid}/webhook",
    operation_id="delete_connection_webhook",
    summary="Take no more of the provider's webhooks",
    guards=[require_scope("connections:write")],
    status_code=200,
    tags=["connections"],
)
async def delete_connection_webhook(
    connection_id: FromPath[UUID], caller: NamedDependency[Caller], accounts: NamedDependency[Accounts]
) -> ConnectionHook:
    """The signing secret is deleted. Jobs are followed as before, by looking."""
    await commands.set_hook(accounts, caller, connection_id, None, reason=None)
    return _build_hook(caller.workspace_id, connection_id, active=False)


@post(
    "/hooks/{workspace_id:uuid}/{connection_id:uuid}",
    operation_id="receive_provider_webhook",
    include_in_schema=False,
    status_code=200,
    request_max_body_size=MAX_BODY_BYTES,
)
async def receive_provider_webhook(
    workspace_id: FromPath[UUID],
    connection_id: FromPath[UUID],
    request: Request,  # type: ignore[type-arg]
    accounts: NamedDependency[Accounts],
) -> HookReceipt:
    """Its signature stands for an API key."""
    current_workspace.set(NOBODY)  # those who are not known yet share the connections of one workspace
    body = await request.body()
    looks_soon = await commands.receive(accounts, workspace_id, connection_id, body, request.headers)
    return HookReceipt(looks_soon=looks_soon)


def _build_hook(workspace_id: UUID, connection_id: UUID, *, active: bool) -> ConnectionHook:
    return ConnectionHook(connection_id=connection_id, path=f"/hooks/{workspace_id}/{connection_id}", active=active)


router = Router(path="/", route_handlers=[set_connection_webhook, delete_connection_webhook])
