"""An integration with its secret and its checked address, to be used by a worker."""

from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from service.connections.accounts import find_base_url_addresses
from service.connections.domain import DEFAULT_PORTS
from service.connections.queries import find_sealed_secret
from service.errors import Conflict, Fault
from service.integrations.domain import INTEGRATION, IntegrationKind, IntegrationSettings, require_integration
from service.network.address_policy import AddressPolicy
from service.settings import parse_connections_policy
from service.worker.context import WorkerContext


class IntegrationAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is empty where none is needed."""

    kind: IntegrationKind
    settings: IntegrationSettings
    secret: str

    def __repr__(self) -> str:
        """Never with the secret."""
        return f"IntegrationAccount({self.kind}, {self.settings.name})"


async def open_integration(
    context: WorkerContext, workspace_id: UUID, integration_id: UUID, *kinds: IntegrationKind
) -> IntegrationAccount:
    """Load an integration of these kinds. Raises NotFound, Unprocessable, or Conflict for an address not allowed."""
    stored = await context.ledger.find(INTEGRATION, workspace_id, integration_id)
    integration = require_integration(stored.state if stored else None, *kinds)
    fault = await find_url_fault(integration.kind, integration.settings, parse_connections_policy(context.settings))
    if fault is not None:
        raise Conflict(fault.detail)
    sealed = await find_sealed_secret(context.engine, workspace_id, integration_id)
    secret = context.vault.open(sealed, workspace_id=workspace_id, owner=integration_id) if sealed else ""
    return IntegrationAccount(kind=integration.kind, settings=integration.settings, secret=secret)


async def find_url_fault(kind: IntegrationKind, settings: IntegrationSettings, policy: AddressPolicy) -> Fault | None:
    """Find why the address may not be asked: as a connection's, it is public and https, or the operator allows it."""
    is_store = kind == "object_store"
    field = "options/endpoint" if is_store else "url"
    url = settings.options.get("endpoint") if is_store else settings.url
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.username or parts.query or parts.fragment:
        detail = "Give an http or https URL with a host, and no user, query or fragment."
        return Fault(pointer=f"/{field}", detail=detail)
    addresses = await find_base_url_addresses(url)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    fault = policy.find_fault(parts.scheme, parts.hostname, port, addresses)
    return None if fault is None else Fault(pointer=f"/{field}", detail=fault.detail, code=fault.code)
