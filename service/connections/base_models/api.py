"""The catalogue of base models, with the workspace's own entries and what an account lists."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.connections.base_models import domain, queries
from service.connections.base_models.domain import BASE_MODEL
from service.connections.base_models.queries import Entry
from service.connections.base_models.schemas import (
    BaseModel,
    BaseModelPage,
    DescribeBaseModel,
    build_model,
    to_base_model,
)
from service.connections.domain import CONNECTION, require_connection
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.problems import refusals
from service.http.responses import build_response
from service.ledger.store import Caller, Ledger
from service.providers import catalog
from service.providers.provider import Kind, Method

KindFilter = Annotated[Kind | None, QueryParameter(name="kind", description="Only models for this kind of connection.")]
ProviderFilter = Annotated[
    str | None, QueryParameter(name="provider", max_length=60, pattern=NO_NUL, description="Only this provider's.")
]
MethodFilter = Annotated[Method | None, QueryParameter(name="method", description="Only models with this method.")]
OfConnection = Annotated[
    UUID | None,
    QueryParameter(description="Only models of this connection's provider, and whether its account lists them now."),
]


@get(
    "/base-models",
    operation_id="list_base_models",
    summary="List base models and their prices",
    guards=[require_scope("connections:read")],
    responses=refusals(404, 502),  # of the connection that is asked
    tags=["connections"],
)
async def list_base_models(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    accounts: NamedDependency[Accounts],
    kind: KindFilter = None,
    provider: ProviderFilter = None,
    method: MethodFilter = None,
    connection_id: OfConnection = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BaseModelPage:
    """The catalogue, with the workspace's own entries in place of its rows. It does not limit you: a tune may use any
    model that the provider knows.

    With `connection_id` the account is asked which models it lists; those that the catalogue lacks are added.
    """
    after = decode_cursor(cursor, tuple[str, str])
    entries = await queries.list_entries(ledger.engine, caller.workspace_id)
    listed: frozenset[str] | None = None
    if connection_id is not None:
        provider, listed, entries = await _ask_account(ledger, accounts, caller.workspace_id, connection_id, entries)
    rows = [
        to_base_model(entry, listed=None if listed is None else entry.model.id in listed)
        for entry in entries
        if kind in (None, entry.model.kind)
        and provider in (None, entry.model.provider)
        and (method is None or method in entry.model.methods)
        and (after is None or (entry.model.provider, entry.model.id) > after)
    ]
    return page(BaseModelPage, rows[: limit + 1], limit, key=lambda model: (model.provider, model.id))


@put(
    "/base-models",
    operation_id="describe_base_model",
    summary="Add a base model, or override one",
    guards=[require_scope("connections:write")],
    tags=["connections"],
)
async def describe_base_model(
    data: JSON[DescribeBaseModel], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[BaseModel]:
    """Estimates and checks use the entry in place of the catalogue's row with the same provider and id."""
    model = build_model(data, today=datetime.now(UTC).date())
    entry_id = domain.derive_entry_id(caller.workspace_id, model.provider, model.id)
    stored = await ledger.change(
        BASE_MODEL, entry_id, lambda entry: domain.describe(entry, model, reason=data.reason), caller=caller
    )
    body = to_base_model(Entry(model=model, entry_id=entry_id), listed=None)
    return build_response(body, version=stored.version)


@delete(
    "/base-models/{entry_id:uuid}",
    operation_id="forget_base_model",
    summary="Remove the workspace's entry of a base model",
    guards=[require_scope("connections:write")],
    status_code=204,
    tags=["connections"],
)
async def forget_base_model(
    entry_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> None:
    """What the catalogue says of the model counts again."""
    await ledger.change(BASE_MODEL, entry_id, lambda entry: domain.forget(entry, reason=None), caller=caller)


async def _ask_account(
    ledger: Ledger, accounts: Accounts, workspace_id: UUID, connection_id: UUID, entries: list[Entry]
) -> tuple[str, frozenset[str], list[Entry]]:
    """The connection's provider, the ids that its account lists, and the entries with those that were missing."""
    stored = await ledger.find(CONNECTION, workspace_id, connection_id)
    connection = require_connection(stored.state if stored else None)
    provider = catalog.name_provider(connection.kind, connection.settings.base_url)
    async with accounts.open(workspace_id, connection_id) as account:
        listed = frozenset(await account.base_models())
    known = {entry.model.id for entry in entries if entry.model.provider == provider}
    missing = [
        Entry(model=catalog.build_unknown(name, provider, connection.kind, today=datetime.now(UTC).date()))
        for name in listed - known
    ]
    return provider, listed, sorted([*entries, *missing], key=lambda entry: (entry.model.provider, entry.model.id))


router = Router(path="/", route_handlers=[list_base_models, describe_base_model, forget_base_model])
