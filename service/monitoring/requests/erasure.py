"""Erase one request's texts. Its figures stay, so reports do not change."""

from uuid import UUID

import sqlalchemy as sa

from service.ledger.store import Caller, Ledger
from service.ledger.tables import contents
from service.monitoring.requests import domain
from service.monitoring.requests.domain import REQUEST
from service.monitoring.requests.queries import get_request
from service.monitoring.requests.request_tables import requests, texts

IDENTIFYING_COLUMNS = ("client_id", "user_hash")


async def erase_request(ledger: Ledger, caller: Caller, request_id: UUID, *, reason: str | None) -> None:
    """Record the erasure, then delete the texts; a repeated call finishes an interrupted one. Raises NotFound."""
    request = await get_request(ledger.engine, caller.workspace_id, request_id)
    await ledger.change(REQUEST, request_id, lambda state: domain.erase(state, reason=reason), caller=caller)
    key = {"workspace_id": caller.workspace_id, "at": request.at, "id": request_id}
    tombstone = {
        **dict.fromkeys(IDENTIFYING_COLUMNS),
        "erased_at": sa.func.coalesce(requests.c.erased_at, sa.func.now()),
    }
    feedback_texts = (contents.c.workspace_id == caller.workspace_id, contents.c.subject == request_id)
    async with ledger.engine.begin() as connection:
        same_request = [requests.c[name] == value for name, value in key.items()]
        await connection.execute(sa.update(requests).where(*same_request).values(tombstone))
        await connection.execute(sa.delete(texts).where(*[texts.c[name] == value for name, value in key.items()]))
        await connection.execute(sa.delete(contents).where(*feedback_texts))
