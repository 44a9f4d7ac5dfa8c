"""Take webhooks of providers. Nothing that they say is believed: they only make the next look come sooner."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from standardwebhooks import Webhook, WebhookVerificationError

from service.connections import domain
from service.connections.accounts import Accounts
from service.connections.domain import CONNECTION, ConnectionState
from service.database.engine import new_id
from service.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from service.ledger.decider import StreamState
from service.ledger.leases import wake
from service.ledger.store import Attachments, Caller
from service.providers.kinds import TRAITS
from service.tunes.hooks import queries
from service.tunes.queries import POLL
from service.vault.vault import Vault

ID = "webhook-id"
MAX_ID_LENGTH = 200


async def set_hook(
    accounts: Accounts, caller: Caller, connection_id: UUID, secret: str | None, *, reason: str | None
) -> StreamState[ConnectionState]:
    """Store the signing secret, or forget it. Raises Conflict where the provider sends no webhooks."""
    stored = await accounts.ledger.get(CONNECTION, caller.workspace_id, connection_id)
    traits = TRAITS[domain.require_connection(stored.state).kind]
    if not traits.webhooks:
        raise Conflict(f"{traits.name} sends no webhooks. Its jobs are looked at every few seconds anyway.")
    secret_id = None if secret is None else new_id()
    sealed = []
    if stored.state.hook_secret_id is not None:
        sealed.append((stored.state.hook_secret_id, b""))
    if secret is not None and secret_id is not None:
        _check_secret(secret)
        sealed.append((secret_id, accounts.vault.seal(secret, workspace_id=caller.workspace_id, owner=secret_id)))
    return await accounts.ledger.change(
        CONNECTION,
        connection_id,
        partial(domain.set_hook, secret_id=secret_id, reason=reason),
        caller=caller,
        expected=stored.version,
        attachments=Attachments(secrets=sealed),
    )


async def receive(
    accounts: Accounts, workspace_id: UUID, connection_id: UUID, body: bytes, headers: Mapping[str, str]
) -> bool:
    """Look at the connection's jobs at once. Returns whether any are followed.

    Raises NotFound without a secret, Forbidden for what is not signed or too old, Conflict for what came before.
    """
    engine = accounts.ledger.engine
    stored = await queries.find_hook_secret(engine, workspace_id, connection_id)
    if stored is None:
        raise NotFound("There is no webhook of a provider here.")
    secret_id, sealed = stored
    _verify(accounts.vault, workspace_id, secret_id, sealed, body, headers)
    if not await queries.is_new(engine, workspace_id, connection_id, headers[ID][:MAX_ID_LENGTH]):
        raise Conflict("This message came before.", errors=[Fault(pointer=ID, detail="Seen before.", code="replayed")])
    return await wake(engine, workspace_id, POLL, connection_id)


def _verify(
    vault: Vault, workspace_id: UUID, secret_id: UUID, sealed: bytes, body: bytes, headers: Mapping[str, str]
) -> None:
    secret = vault.open(sealed, workspace_id=workspace_id, owner=secret_id)
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):  # ValueError: neither JSON nor a signature
        raise Forbidden("The message is not signed with this connection's secret, or is too old.") from None


def _check_secret(secret: str) -> None:
    try:
        Webhook(secret)
    except (RuntimeError, ValueError):
        detail = "Not a signing secret: it is base64, after whsec_."
        raise Invalid(detail, errors=[Fault(pointer="/secret", detail=detail)]) from None
