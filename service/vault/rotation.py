"""Key rotation: re-encrypt stored secrets with the first key."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.projection import api_keys
from service.connections.domain import CONNECTION
from service.database.rows import execute, fetch_all, fetch_column, fetch_value
from service.integrations.domain import INTEGRATION
from service.ledger.store import Ledger
from service.ledger.tables import heads, secrets
from service.vault.vault import SecretUnreadable, Vault, get_key_name
from service.webhooks.domain import WEBHOOK
from service.webhooks.queries import find_webhook_by_secret

BATCH_ROWS = 500  # secrets read at a time


class UnreadableSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that no key decrypts. `owner` is the connection or webhook that needs it; `key` is the key's name."""

    workspace_id: UUID
    owner: str
    key: bytes
    why: str


class RotationReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many secrets need each key, by name, and how many were re-encrypted."""

    needed: dict[bytes, int]
    reencrypted: int
    unreadable: tuple[UnreadableSecret, ...]

    @property
    def done(self) -> bool:
        """Whether all secrets can be read with the first key."""
        return not self.unreadable and not any(list(self.needed.values())[1:])

    def lines(self) -> Iterator[str]:
        for number, (key, count) in enumerate(self.needed.items(), start=1):
            yield f"secrets that need key {number} ({key.hex()}): {count}"
        for each in self.unreadable:
            yield f"not readable: {each.owner}, workspace {each.workspace_id}, key {each.key.hex()}. {each.why}"
        unchanged = sum(self.needed.values()) - self.reencrypted
        yield f"{self.reencrypted} encrypted anew, {unchanged} left as they were, {len(self.unreadable)} not readable."


async def reencrypt(ledger: Ledger, vault: Vault, *, check: bool = False) -> RotationReport:
    """Re-encrypt secrets that need an older key; with `check`, only count. It may be killed and run again.

    Each secret is replaced in its own statement, and only if it has not changed since it was read.
    """
    rotation = _Rotation(ledger, vault, check=check)
    workspaces = await fetch_column(ledger.engine, sa.select(heads.c.workspace_id))
    for workspace_id in workspaces:
        async for secret_id, sealed in _load_sealed(ledger.engine, workspace_id):
            await rotation.reencrypt(workspace_id, secret_id, sealed)
    return RotationReport(
        needed=rotation.needed, reencrypted=rotation.reencrypted, unreadable=tuple(rotation.unreadable)
    )


class _Rotation:
    def __init__(self, ledger: Ledger, vault: Vault, *, check: bool) -> None:
        self.needed = dict.fromkeys(vault.key_names, 0)
        self.reencrypted = 0
        self.unreadable: list[UnreadableSecret] = []
        self._ledger = ledger
        self._vault = vault
        self._first = vault.key_names[0]
        self._check = check

    async def reencrypt(self, workspace_id: UUID, secret_id: UUID, sealed: bytes) -> None:
        try:
            while sealed and not await self._try_reencrypt(workspace_id, secret_id, sealed):
                sealed = await _load_value(self._ledger.engine, workspace_id, secret_id)
        except SecretUnreadable as error:
            owner = await _find_owner(self._ledger, workspace_id, secret_id)
            if owner:
                unreadable = UnreadableSecret(
                    workspace_id=workspace_id, owner=owner, key=get_key_name(sealed), why=error.detail
                )
                self.unreadable.append(unreadable)

    async def _try_reencrypt(self, workspace_id: UUID, secret_id: UUID, sealed: bytes) -> bool:
        """Returns False when the secret has changed since it was read."""
        secret = self._vault.open(sealed, workspace_id=workspace_id, owner=secret_id)
        key = get_key_name(sealed)
        if key != self._first and not self._check:
            resealed = self._vault.seal(secret, workspace_id=workspace_id, owner=secret_id)
            if not await _replace(self._ledger.engine, workspace_id, secret_id, old=sealed, new=resealed):
                return False
            key = self._first
            self.reencrypted += 1
        self.needed[key] += 1
        return True


async def _load_sealed(engine: AsyncEngine, workspace_id: UUID) -> AsyncIterator[tuple[UUID, bytes]]:
    """Load the encrypted secrets: not the hashes of API keys in the same table, nor those emptied at a deletion."""
    digest = sa.exists().where(api_keys.c.workspace_id == secrets.c.workspace_id, api_keys.c.id == secrets.c.id)
    query = sa.select(secrets.c.id, secrets.c.value).where(
        secrets.c.workspace_id == workspace_id,
        secrets.c.id > sa.bindparam("after", type_=sa.Uuid),
        secrets.c.value != b"",
        ~digest,
    )
    after, rows = UUID(int=0), None
    while rows is None or len(rows) == BATCH_ROWS:
        rows = await fetch_all(engine, query.order_by(secrets.c.id).limit(BATCH_ROWS), {"after": after})
        for after, value in rows:
            yield after, bytes(value)


async def _load_value(engine: AsyncEngine, workspace_id: UUID, secret_id: UUID) -> bytes:
    query = sa.select(secrets.c.value).where(secrets.c.workspace_id == workspace_id, secrets.c.id == secret_id)
    return bytes(await fetch_value(engine, query) or b"")


async def _replace(engine: AsyncEngine, workspace_id: UUID, secret_id: UUID, *, old: bytes, new: bytes) -> bool:
    query = sa.update(secrets).where(
        secrets.c.workspace_id == workspace_id, secrets.c.id == secret_id, secrets.c.value == old
    )
    return await execute(engine, query.values(value=new)) == 1


async def _find_owner(ledger: Ledger, workspace_id: UUID, secret_id: UUID) -> str | None:
    """Find the connection, integration or webhook that needs this secret; None when a webhook has replaced it."""
    if await ledger.find(CONNECTION, workspace_id, secret_id):
        return f"connection {secret_id}"
    if await ledger.find(INTEGRATION, workspace_id, secret_id):
        return f"integration {secret_id}"
    webhook_id = await find_webhook_by_secret(ledger.engine, workspace_id, secret_id)
    if webhook_id is None:
        return f"secret {secret_id}"
    webhook = await ledger.get(WEBHOOK, workspace_id, webhook_id)
    signs = not webhook.state.deleted and secret_id in webhook.state.signing_secrets(datetime.now(UTC))
    return f"webhook {webhook_id}" if signs else None
