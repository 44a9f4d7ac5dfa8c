"""Find a connection's signing secret, and count each message once."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.database.rows import execute, find_one

ROUTE = "provider webhook"
_FIND = """
select c.hook_secret_id, s.value from connections c
join ledger.secrets s on s.workspace_id = c.workspace_id and s.id = c.hook_secret_id
where c.workspace_id = $1 and c.id = $2
"""
# Beside the answers of Idempotency-Keys, and deleted with them: a message is too old to be believed long before.
_COUNT = """
insert into ledger.answers (workspace_id, key_id, route, key, fingerprint, token) values ($1, $2, $3, $4, '', $5)
on conflict do nothing
"""


async def find_hook_secret(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID) -> tuple[UUID, bytes] | None:
    """Find the secret's id and the encrypted secret; None where there is none, or no such connection."""
    row: Any = await find_one(engine, _FIND, (workspace_id, connection_id))
    return (row.hook_secret_id, row.value) if row is not None and row.value else None


async def is_new(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID, message_id: str) -> bool:
    """Whether this message came for the first time."""
    return await execute(engine, _COUNT, (workspace_id, connection_id, ROUTE, message_id, new_id())) == 1
