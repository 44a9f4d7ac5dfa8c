"""Changing the secret key: every stored secret that an older key encrypted is encrypted anew with the first one."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.projection import api_keys
from service.connections.domain import CONNECTION
from service.database.rows import execute, fetch_all, fetch_column, fetch_value
from service.ledger.store import Ledger
from service.ledger.tables import heads, secrets
from service.vault.vault import SecretUnreadable, Vault, key_name
from service.webhooks.domain import WEBHOOK
from service.webhooks.queries import find_webhook_by_secret

BATCH = 500  # secrets read at a time


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` says what does not work without it, as "connection" or "webhook" with an id; `key` is a key's name."""

    workspace_id: UUID
    owner: str
    key: bytes
    why: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How many secrets need each of the vault's keys, by name, and how many were encrypted `anew`."""

    needed: dict[bytes, int]
    anew: int
    unreadable: tuple[Unreadable, ...]

    @property
    def done(self) -> bool:
        """Whether the first key is all that is needed."""
        return not self.unreadable and not any(list(self.needed.values())[1:])

    def lines(self) -> Iterator[str]:
        for number, (key, count) in enumerate(self.needed.items(), start=1):
            yield f"secrets that need key {number} ({key.hex()}): {count}"
        for each in self.unreadable:
            yield f"not readable: {each.owner}, workspace {each.workspace_id}, key {each.key.hex()}. {each.why}"
        fine = sum(self.needed.values()) - self.anew
        yield f"{self.anew} encrypted anew, {fine} left as they were, {len(self.unreadable)} not readable."


async def reencrypt(ledger: Ledger, vault: Vault, *, check: bool = False) -> Report:
    """Encrypt what needs an older key with the first one; to `check`, only count. It may be killed and run again.

    Each secret is replaced by itself and only where it is still the one that was read, so one that somebody changes
    meanwhile stays as it was changed, and no request waits for more than one of them.
    """
    run = _Run(ledger, vault, check=check)
    workspaces = await fetch_column(ledger.engine, sa.select(heads.c.workspace_id))
    for workspace_id in workspaces:
        async for secret_id, sealed in _sealed(ledger.engine, workspace_id):
            await run.take(workspace_id, secret_id, sealed)
    return Report(needed=run.needed, anew=run.anew, unreadable=tuple(run.unreadable))


class _Run:
    def __init__(self, ledger: Ledger, vault: Vault, *, check: bool) -> None:
        self.needed = dict.fromkeys(vault.key_names, 0)
        self.anew = 0
        self.unreadable: list[Unreadable] = []
        self._ledger = ledger
        self._vault = vault
        self._first = vault.key_names[0]
        self._check = check

    async def take(self, workspace_id: UUID, secret_id: UUID, sealed: bytes) -> None:
        try:
            while sealed and not await self._settled(workspace_id, secret_id, sealed):
                sealed = await _value(self._ledger.engine, workspace_id, secret_id)
        except SecretUnreadable as error:
            owner = await _owner(self._ledger, workspace_id, secret_id)
            if owner:
                lost = Unreadable(workspace_id=workspace_id, owner=owner, key=key_name(sealed), why=error.detail)
                self.unreadable.append(lost)

    async def _settled(self, workspace_id: UUID, secret_id: UUID, sealed: bytes) -> bool:
        """False when somebody changed it meanwhile."""
        secret = self._vault.open(sealed, workspace_id=workspace_id, owner=secret_id)
        key = key_name(sealed)
        if key != self._first and not self._check:
            anew = self._vault.seal(secret, workspace_id=workspace_id, owner=secret_id)
            if not await _replace(self._ledger.engine, workspace_id, secret_id, old=sealed, new=anew):
                return False
            key = self._first
            self.anew += 1
        self.needed[key] += 1
        return True


async def _sealed(engine: AsyncEngine, workspace_id: UUID) -> AsyncIterator[tuple[UUID, bytes]]:
    """All but the hashes of API keys, which lie in the same table, and what was emptied when its owner was deleted."""
    digest = sa.exists().where(api_keys.c.workspace_id == secrets.c.workspace_id, api_keys.c.id == secrets.c.id)
    query = sa.select(secrets.c.id, secrets.c.value).where(
        secrets.c.workspace_id == workspace_id,
        secrets.c.id > sa.bindparam("after", type_=sa.Uuid),
        secrets.c.value != b"",
        ~digest,
    )
    after, rows = UUID(int=0), None
    while rows is None or len(rows) == BATCH:
        rows = await fetch_all(engine, query.order_by(secrets.c.id).limit(BATCH), {"after": after})
        for after, value in rows:
            yield after, bytes(value)


async def _value(engine: AsyncEngine, workspace_id: UUID, secret_id: UUID) -> bytes:
    query = sa.select(secrets.c.value).where(secrets.c.workspace_id == workspace_id, secrets.c.id == secret_id)
    return bytes(await fetch_value(engine, query) or b"")


async def _replace(engine: AsyncEngine, workspace_id: UUID, secret_id: UUID, *, old: bytes, new: bytes) -> bool:
    query = sa.update(secrets).where(
        secrets.c.workspace_id == workspace_id, secrets.c.id == secret_id, secrets.c.value == old
    )
    return await execute(engine, query.values(value=new)) == 1


async def _owner(ledger: Ledger, workspace_id: UUID, secret_id: UUID) -> str | None:
    """Who cannot do without this secret; None for one that a webhook has replaced."""
    if await ledger.find(CONNECTION, workspace_id, secret_id):
        return f"connection {secret_id}"
    webhook_id = await find_webhook_by_secret(ledger.engine, workspace_id, secret_id)
    if webhook_id is None:
        return f"secret {secret_id}"
    webhook = await ledger.get(WEBHOOK, workspace_id, webhook_id)
    signs = not webhook.state.deleted and secret_id in webhook.state.signing_secrets(datetime.now(UTC))
    return f"webhook {webhook_id}" if signs else None
