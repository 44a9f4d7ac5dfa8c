"""Connections: accounts at providers."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.auth import require_scope
from service.connections import domain, queries, schemas
from service.connections.accounts import Accounts, find_base_url_addresses
from service.connections.domain import CONNECTION
from service.connections.schemas import (
    Connection,
    ConnectionCheck,
    ConnectionPage,
    ConnectionPatch,
    NewConnection,
    to_connection,
)
from service.database.engine import new_id
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, Named, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Caller, Ledger

# Whether tunes run on a connection. The application injects it, since connections may not import tunes.
InUse: TypeAlias = Callable[[AsyncEngine, UUID, UUID], Awaitable[bool]]


@post(
    "/connections",
    operation_id="create_connection",
    summary="Create a connection to a provider",
    guards=[require_scope("connections:write")],
    tags=["connections"],
)
async def create_connection(
    data: JSON[NewConnection],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
) -> Response[Connection]:
    """The base_url has to be https with a public address, unless an operator allows it. 422 if not."""
    connection_id, settings = new_id(), schemas.build_settings(data, machine=accounts.label)
    sealed = accounts.vault.seal(schemas.check_secret(data), workspace_id=caller.workspace_id, owner=connection_id)
    addresses = await find_base_url_addresses(settings.base_url)
    created = await accounts.ledger.change(
        CONNECTION,
        connection_id,
        lambda _: domain.create(kind=data.kind, settings=settings, policy=accounts.policy, addresses=addresses),
        caller=caller,
        attachments=Attachments(secrets=[(connection_id, sealed)]),
        respond=_encode_created,
    )
    return to_response(_encode_created(created), Connection)


@get(
    "/connections",
    operation_id="list_connections",
    summary="List connections",
    guards=[require_scope("connections:read")],
    tags=["connections"],
)
async def list_connections(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: Named = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ConnectionPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_connections(
        ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1, name=name
    )
    connections = [schemas.row_to_connection(row) for row in rows]
    return page(ConnectionPage, connections, limit, key=lambda connection: connection.id)


@get(
    "/connections/{connection_id:uuid}",
    operation_id="get_connection",
    summary="Get a connection",
    guards=[require_scope("connections:read")],
    tags=["connections"],
)
async def get_connection(
    connection_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Connection]:
    stored = await get_as_of(ledger, CONNECTION, caller.workspace_id, connection_id, as_of=as_of)
    domain.require_connection(stored.state)
    return build_response(to_connection(stored), version=stored.version)


@patch(
    "/connections/{connection_id:uuid}",
    operation_id="update_connection",
    summary="Update a connection or replace its secret",
    guards=[require_scope("connections:write")],
    tags=["connections"],
)
async def update_connection(
    connection_id: FromPath[UUID],
    data: JSON[ConnectionPatch],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
    in_use: NamedDependency[InUse],
    if_match: IfMatch = None,
) -> Response[Connection]:
    has_running_tunes = await in_use(accounts.ledger.engine, caller.workspace_id, connection_id)
    new_secret = data.secret is not UNSET
    secret = schemas.seal_secret(data, accounts.vault, caller.workspace_id, connection_id)
    addresses = await find_base_url_addresses(data.base_url or "")
    changed = await accounts.ledger.change(
        CONNECTION,
        connection_id,
        lambda connection: domain.change(
            connection,
            changes=schemas.build_changes(data),
            new_secret=new_secret,
            in_use=has_running_tunes,
            reason=data.reason,
            policy=accounts.policy,
            addresses=addresses,
        ),
        caller=caller,
        expected=parse_if_match(if_match),
        attachments=secret,
    )
    return build_response(to_connection(changed), version=changed.version)


@delete(
    "/connections/{connection_id:uuid}",
    operation_id="delete_connection",
    summary="Delete a connection and its secret",
    guards=[require_scope("connections:write")],
    status_code=200,
    tags=["connections"],
)
async def delete_connection(
    connection_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_use: NamedDependency[InUse],
    if_match: IfMatch = None,
) -> Response[Connection]:
    """Fails with 409 while tunes run on the connection. Its models and its history stay."""
    has_running_tunes = await in_use(ledger.engine, caller.workspace_id, connection_id)
    hook_id = (await ledger.get(CONNECTION, caller.workspace_id, connection_id)).state.hook_secret_id
    deleted = await ledger.change(
        CONNECTION,
        connection_id,
        lambda connection: domain.delete(connection, in_use=has_running_tunes, reason=None),
        caller=caller,
        expected=parse_if_match(if_match),
        attachments=Attachments(secrets=[(id_, b"") for id_ in (connection_id, hook_id) if id_]),
    )
    return build_response(to_connection(deleted), version=deleted.version)


@get(
    "/connections/{connection_id:uuid}/history",
    operation_id="list_connection_history",
    summary="List a connection's history",
    guards=[require_scope("connections:read")],
    tags=["connections"],
)
async def list_connection_history(
    connection_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    """Also works for a deleted connection. A replaced secret shows as a new `secret_number`."""
    return await history(
        ledger.engine,
        CONNECTION,
        caller.workspace_id,
        connection_id,
        limit=limit,
        cursor=cursor,
        shown=schemas.history_fields,
    )


@post(
    "/connections/{connection_id:uuid}/check",
    operation_id="check_connection",
    summary="Check that a connection works",
    guards=[require_scope("connections:write")],
    status_code=200,
    tags=["connections"],
)
async def check_connection(
    connection_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
) -> ConnectionCheck:
    """Send the provider a request. 502 with its message if it refuses for good, 503 if it cannot be reached."""
    async with accounts.open(caller.workspace_id, connection_id) as provider:
        account = await provider.check()
    return ConnectionCheck(
        connection_id=connection_id, ok=True, models=list(account.models), checked_at=datetime.now(UTC)
    )


def _encode_created(stored: StreamState[domain.ConnectionState]) -> StoredResponse:
    return encode_response(
        to_connection(stored), status=201, version=stored.version, location=f"/v1/connections/{stored.id}"
    )


router = Router(
    path="/",
    route_handlers=[
        create_connection,
        list_connections,
        get_connection,
        update_connection,
        delete_connection,
        list_connection_history,
        check_connection,
    ],
)
