"""Everything that carries a person's key: in metadata, with a document, as a variable, in rows of imports."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column
from service.erasure.targets.erasure_targets import ErasureTargets

# The bytes are looked for before any JSON is read: of a million texts, few have the key.
_TEXTS = "select subject, digest, body from ledger.contents where workspace_id = $1 and position($2::bytea in body) > 0"
_STAGED = """
select batch, n, bodies from ledger.staged
where workspace_id = $1 and exists (select from unnest(bodies) as body where position($2::bytea in body) > 0)
"""
_REQUESTS = """
select id, null from telemetry.requests where workspace_id = $1 and user_hash = any($3::text[])
union all select id, metadata from telemetry.texts where workspace_id = $1 and position($2::text in metadata) > 0
"""
_KINDS = """
select 'examples', id from examples where workspace_id = $1 and id = any($2::uuid[])
union all select 'candidates', subject from candidates where workspace_id = $1 and subject = any($2::uuid[])
union all select 'documents', id from documents where workspace_id = $1 and id = any($2::uuid[])
union all select 'prompts', id from prompts where workspace_id = $1 and id = any($2::uuid[])
"""
_ERRORS = """
select c.subject, c.digest from ledger.contents c join imports i on i.workspace_id = $1 and i.id = c.subject
where c.workspace_id = $1 and position($2::bytea in c.body) > 0
"""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person's key, and the path in metadata where it stands, such as ("subject",)."""

    path: tuple[str, ...]
    value: str

    @property
    def needle(self) -> bytes:
        return msgspec.json.encode(self.value)

    def is_in(self, text: bytes | str | None) -> bool:
        """Whether the JSON has the key at the path, alone or in a list."""
        try:
            value = msgspec.json.decode(text or b"null")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        for name in self.path:
            value = value.get(name) if isinstance(value, dict) else None
        return value == self.value or (isinstance(value, list) and self.value in value)


async def find_marked(engine: AsyncEngine, workspace_id: UUID, person: Person, targets: ErasureTargets) -> None:
    """Find what carries the person's key itself; what was made of it is found by the other targets."""
    targets.needle = person.needle
    await _find_texts(engine, workspace_id, person, targets)
    rows = await fetch_all(engine, _STAGED, (workspace_id, person.needle))
    targets.import_rows |= {(row.batch, row.n) for row in rows if any(person.is_in(bytes(body)) for body in row.bodies)}
    hashes = [hashlib.sha256(person.value.encode()).hexdigest(), person.value]
    requests = await fetch_all(engine, _REQUESTS, (workspace_id, person.needle.decode(), hashes))
    targets.requests |= {id_ for id_, metadata in requests if metadata is None or person.is_in(metadata)}
    errors = await fetch_all(engine, _ERRORS, (workspace_id, person.value.encode()))
    targets.import_errors |= {(row.subject, bytes(row.digest)) for row in errors}


async def _find_texts(engine: AsyncEngine, workspace_id: UUID, person: Person, targets: ErasureTargets) -> None:
    rows = await fetch_all(engine, _TEXTS, (workspace_id, person.needle))
    marked = [row for row in rows if person.is_in(bytes(row.body))]
    kinds = await fetch_all(engine, _KINDS, (workspace_id, [row.subject for row in marked]))
    by_kind: dict[str, set[UUID]] = {}
    for kind, id_ in kinds:
        by_kind.setdefault(kind, set()).add(id_)
    targets.examples |= by_kind.get("examples", set())
    targets.candidates |= by_kind.get("candidates", set()) - targets.examples
    targets.documents |= by_kind.get("documents", set())
    prompts = by_kind.get("prompts", set())
    targets.prompts |= {(row.subject, bytes(row.digest)) for row in marked if row.subject in prompts}


async def list_ids(engine: AsyncEngine, sql: str, workspace_id: UUID, ids: Iterable[UUID], *more: Any) -> set[UUID]:
    """Run a query of ids that follow from other ids; nothing follows from none."""
    wanted: Sequence[UUID] = list(ids)
    if not wanted:
        return set()
    return {id_ for id_ in await fetch_column(engine, sql, (workspace_id, wanted, *more)) if id_ is not None}
