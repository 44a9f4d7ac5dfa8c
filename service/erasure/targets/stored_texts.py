"""Texts in `ledger.contents` and rows of imports in `ledger.staged`: read for their digests, then deleted."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import execute, fetch_all
from service.erasure.targets.erasure_targets import StagedKey, TextKey

BATCH_SUBJECTS = 1_000
_DIGESTS = "select subject, digest from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"
_BODIES = "select body from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"
_DELETE = "delete from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"
_PRESENT = """
select subject, digest from ledger.contents
where workspace_id = $1 and (subject, digest) in (select * from unnest($2::uuid[], $3::bytea[]))
"""
_DELETE_SINGLE = """
delete from ledger.contents
where workspace_id = $1 and (subject, digest) in (select * from unnest($2::uuid[], $3::bytea[]))
"""
# The row stays with a key that makes it a duplicate: an import adds its rows by number, and a gap would end it.
_BLANK_STAGED = """
update ledger.staged set data = '{}', key = 'x:erased', salt = '', digests = '{}', bodies = '{}'
where workspace_id = $1 and (batch, n) in (select * from unnest($2::uuid[], $3::bigint[]))
"""


async def load_digests(engine: AsyncEngine, workspace_id: UUID, subjects: Sequence[UUID]) -> list[TextKey]:
    rows = await fetch_all(engine, _DIGESTS, (workspace_id, list(subjects)))
    return [(row.subject, bytes(row.digest)) for row in rows]


async def load_bodies(engine: AsyncEngine, workspace_id: UUID, subjects: Sequence[UUID]) -> list[bytes]:
    rows = await fetch_all(engine, _BODIES, (workspace_id, list(subjects)))
    return [bytes(row.body) for row in rows]


async def delete_texts(engine: AsyncEngine, workspace_id: UUID, subjects: Sequence[UUID]) -> None:
    """Delete all texts of at most BATCH_SUBJECTS subjects, with their salts."""
    await execute(engine, _DELETE, (workspace_id, list(subjects)))


async def list_present(engine: AsyncEngine, workspace_id: UUID, texts: Iterable[TextKey]) -> list[TextKey]:
    """Those of the single texts that are still stored."""
    rows = await fetch_all(engine, _PRESENT, (workspace_id, *_columns(texts)))
    return [(row.subject, bytes(row.digest)) for row in rows]


async def delete_single_texts(engine: AsyncEngine, workspace_id: UUID, texts: Iterable[TextKey]) -> None:
    await execute(engine, _DELETE_SINGLE, (workspace_id, *_columns(texts)))


async def blank_import_rows(engine: AsyncEngine, workspace_id: UUID, rows: Iterable[StagedKey]) -> int:
    """Blank rows of unfinished imports. The import skips them as duplicates. Returns how many."""
    return await execute(engine, _BLANK_STAGED, (workspace_id, *_columns(rows)))


def split_batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """Split into batches of one statement each, in the order of the ids, so that two erasures cannot deadlock."""
    ordered = sorted(ids)
    return (ordered[start : start + BATCH_SUBJECTS] for start in range(0, len(ordered), BATCH_SUBJECTS))


def _columns(pairs: Iterable[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    listed = list(pairs)
    return [first for first, _ in listed], [second for _, second in listed]
