"""The texts of many subjects at once."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database import autocommit
from service.datasets.wording import Wording

TEXTS = "select subject, digest, salt, body from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"


async def wordings(engine: AsyncEngine, workspace_id: UUID, subjects: Iterable[UUID]) -> dict[UUID, Wording]:
    """All texts that are kept of each subject; those that were erased are not among them."""
    known: dict[UUID, dict[str, tuple[bytes, bytes]]] = {subject: {} for subject in subjects}
    async with autocommit(engine).connect() as connection:
        result = await connection.exec_driver_sql(TEXTS, (workspace_id, list(known)))
        rows: Sequence[Any] = result.all()
    for subject, digest, salt, body in rows:
        known[subject][bytes(digest).hex()] = (bytes(salt), bytes(body))
    return {subject: Wording(subject, texts) for subject, texts in known.items()}
