"""From a connection to an account that can be asked: its settings, and its secret out of the vault."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from service.connections import projection as views
from service.connections.domain import CONNECTION, DEFAULT_URLS, ConnectionState, require_connection
from service.errors import NotFound
from service.ledger.store import Ledger
from service.providers.adapters import connect
from service.providers.provider import Account, Capabilities, TuningProvider
from service.vault.vault import Vault


async def load_account(ledger: Ledger, vault: Vault, workspace_id: UUID, connection_id: UUID) -> Account:
    """Raises NotFound when there is no such connection (any more), SecretUnreadable when the vault's key is another."""
    stored = await ledger.find(CONNECTION, workspace_id, connection_id)
    connection = require_connection(stored.state if stored else None)
    sealed = await views.find_sealed_secret(ledger.engine, workspace_id, connection_id)
    if not sealed:
        raise NotFound("No such connection.")
    settings = connection.settings
    return Account(
        kind=connection.kind,
        base_url=settings.base_url,
        secret=vault.open(sealed, workspace_id=workspace_id, owner=connection_id),
        header_name=settings.header_name,
        header_prefix=settings.header_prefix,
        capabilities=resolve_capabilities(connection),
        timeout_seconds=settings.timeout_seconds,
        extra_body=settings.extra_body,
    )


def resolve_capabilities(connection: ConnectionState) -> Capabilities:
    """What its server offers; whether it keeps chat answers is known of OpenAI itself and of the sandbox."""
    said = connection.settings.capabilities
    if said.stored_completions is not None:
        return said
    keeps = connection.kind == "sandbox" or connection.settings.base_url == DEFAULT_URLS["openai"]
    return msgspec.structs.replace(said, stored_completions=keeps)


@asynccontextmanager
async def open_provider(
    ledger: Ledger, vault: Vault, workspace_id: UUID, connection_id: UUID
) -> AsyncIterator[TuningProvider]:
    """The provider behind a connection, closed again at the end. Raises what `account` raises."""
    provider = connect(await load_account(ledger, vault, workspace_id, connection_id))
    try:
        yield provider
    finally:
        await provider.aclose()
