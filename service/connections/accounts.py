"""Open the provider of a connection, with its settings and its decrypted secret."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from service.connections import queries
from service.connections.domain import CONNECTION, ConnectionState, find_host, require_connection
from service.errors import NotFound
from service.ledger.store import Ledger
from service.network.address_policy import Address
from service.network.resolver import find_addresses
from service.providers.abilities import Provider
from service.providers.kinds import DEFAULT_URLS
from service.providers.local.local_machine import Machine
from service.providers.provider import Account, Capabilities
from service.providers.provider_pool import PROVIDERS
from service.settings import Settings, get_machine_label, parse_connections_policy
from service.vault.vault import Vault
from service.worker.context import WorkerContext

RESOLVE_SECONDS = 2.0
JOB_SECONDS = 60.0  # a call about a job is answered at once; only completions take as long as the connection allows


class Accounts:
    """Opens the accounts of connections. `policy` says which servers they may be at.

    `label` names this machine, whether it may train or not.
    """

    def __init__(self, ledger: Ledger, vault: Vault, settings: Settings) -> None:
        self.ledger = ledger
        self.vault = vault
        self.policy = parse_connections_policy(settings)
        self.label = get_machine_label(settings)
        self.machines = build_machines(settings)

    async def load(self, workspace_id: UUID, connection_id: UUID) -> tuple[int, Account]:
        """Load an account with its secret, and the connection's version.

        Raises NotFound, or SecretUnreadable when the vault has another key.
        """
        stored = await self.ledger.find(CONNECTION, workspace_id, connection_id)
        connection = require_connection(stored.state if stored else None)
        version = stored.version if stored else 0
        sealed = await queries.find_sealed_secret(self.ledger.engine, workspace_id, connection_id)
        if not sealed:
            raise NotFound("No such connection.")
        settings = connection.settings
        return version, Account(
            kind=connection.kind,
            base_url=settings.base_url,
            secret=self.vault.open(sealed, workspace_id=workspace_id, owner=connection_id),
            header_name=settings.header_name,
            header_prefix=settings.header_prefix,
            capabilities=resolve_capabilities(connection),
            timeout_seconds=settings.timeout_seconds,
            extra_body=settings.extra_body,
            query=settings.query,
            options=settings.options,
            policy=self.policy,
            machine=self._find_machine(connection.kind, connection_id),
        )

    @asynccontextmanager
    async def open(
        self, workspace_id: UUID, connection_id: UUID, *, patience: float = math.inf, version: int | None = None
    ) -> AsyncIterator[Provider]:
        """Use the connection's provider, which this process keeps open. Raises what `load` raises.

        It has the connection's timeout to answer, and at most `patience` seconds. Settings and secret are those that
        hold now: a provider that was opened with earlier ones is replaced. `version`: the connection's, if just read.
        """

        async def load() -> tuple[int, Account]:
            loaded, account = await self.load(workspace_id, connection_id)
            seconds = min(account.timeout_seconds, patience)
            return loaded, msgspec.structs.replace(account, timeout_seconds=seconds)

        if version is None:
            version = await queries.get_version(self.ledger.engine, workspace_id, connection_id)
        async with PROVIDERS.use((workspace_id, connection_id, patience), version=version, load=load) as provider:
            yield provider

    def _find_machine(self, kind: str, connection_id: UUID) -> Machine | None:
        machine = self.machines.get(kind)
        return machine and msgspec.structs.replace(machine, room=str(connection_id))


def open_accounts(context: WorkerContext) -> Accounts:
    """The accounts as a worker opens them."""
    return Accounts(context.ledger, context.vault, context.settings)


def build_machines(settings: Settings) -> dict[str, Machine]:
    """Where this process may train, by kind: those that its operator gave a folder."""
    label, folders = get_machine_label(settings), {"local": settings.local_directory, "ray": settings.ray_directory}
    return {
        kind: Machine(label=label, folder=folder.expanduser().absolute(), slots=settings.local_slots)
        for kind, folder in folders.items()
        if folder is not None
    }


async def find_base_url_addresses(base_url: str) -> list[Address]:
    """Resolve the host of a URL. Empty when it is an address, or cannot be resolved now."""
    target = find_host(base_url)
    return await find_addresses(*target, seconds=RESOLVE_SECONDS) if target else []


def resolve_capabilities(connection: ConnectionState) -> Capabilities:
    """The capabilities, with the default for `stored_completions`: true for OpenAI itself and for the sandbox."""
    capabilities = connection.settings.capabilities
    if capabilities.stored_completions is not None:
        return capabilities
    stores_completions = connection.kind == "sandbox" or connection.settings.base_url == DEFAULT_URLS["openai"]
    return msgspec.structs.replace(capabilities, stored_completions=stores_completions)
