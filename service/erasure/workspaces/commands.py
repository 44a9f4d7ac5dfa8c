"""End a workspace: record its last signed head in the operator's log, then delete its rows from every table."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.auth import CACHE_SECONDS
from service.access.domain import WORKSPACE
from service.artifacts.artifact_store import ArtifactStore
from service.audit.worker import find_checkpoint
from service.database.rows import fetch_all, fetch_value
from service.erasure.workspaces import domain
from service.erasure.workspaces.domain import WORKSPACE_END, WorkspaceEnded
from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.ledger.store import Caller, Ledger

BATCH_ROWS = 10_000
# Partitions and not their parents: a row's ctid is that of its own table.
_TABLES = """
select c.oid::regclass::text from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
where c.relkind = 'r' and n.nspname in ('public', 'ledger', 'telemetry')
order by c.relname <> 'api_keys', c.relname in ('events', 'heads'), 1
"""
_DELETE = "select ledger.delete_workspace_rows($1, $2::text::regclass, $3)"
_HEAD = "select seq from ledger.heads where workspace_id = $1"


async def end_workspace(
    ledger: Ledger, caller: Caller, workspace_id: UUID, *, confirm: str, artifact_store: ArtifactStore
) -> WorkspaceEnded:
    """Delete everything of a workspace. A repeat finishes one that was interrupted.

    Raises NotFound, Unprocessable when `confirm` is not its name, Conflict for one's own or one that is not sealed.
    """
    if workspace_id == caller.workspace_id:
        raise Conflict("This key belongs to that workspace; end it with an operator's key of another one.")
    ended = await _load_end(ledger, caller, workspace_id)
    if confirm != ended.name:
        detail = "Confirm with the workspace's name, exactly as it is written."
        raise Unprocessable(detail, errors=[Fault(pointer="/confirm", detail=detail, code="not_confirmed")])
    await ledger.change(WORKSPACE_END, workspace_id, lambda state: domain.end(state, ended), caller=caller)
    tables = [row[0] for row in await fetch_all(ledger.engine, _TABLES)]
    await _delete_rows(ledger.engine, workspace_id, tables[:1])
    await asyncio.sleep(CACHE_SECONDS)  # until no process accepts one of its keys any more
    while await _delete_rows(ledger.engine, workspace_id, tables):
        pass  # what was at work meanwhile may have written once more
    await artifact_store.delete_workspace(workspace_id)
    return ended


async def _load_end(ledger: Ledger, caller: Caller, workspace_id: UUID) -> WorkspaceEnded:
    """What its end is recorded as; of one that was interrupted, what was recorded then."""
    begun = await ledger.find(WORKSPACE_END, caller.workspace_id, workspace_id)
    head: Any = await fetch_value(ledger.engine, _HEAD, (workspace_id,))
    if begun is not None and head is not None:
        return begun.state.ended
    workspace = await ledger.find(WORKSPACE, workspace_id, workspace_id)
    if workspace is None:
        raise NotFound(f"No such workspace: {workspace_id}.")
    checkpoint = await find_checkpoint(ledger.engine, workspace_id, at_least=head)
    if checkpoint is None:
        raise Conflict("Its last events are not signed yet; a running worker signs them within seconds. Try again.")
    return WorkspaceEnded(name=workspace.state.name, size=checkpoint.size, note=checkpoint.note)


async def _delete_rows(engine: AsyncEngine, workspace_id: UUID, tables: list[str]) -> int:
    """Delete its rows from each table, some thousand at a time. Returns how many."""
    total = 0
    for table in tables:
        while deleted := int(await fetch_value(engine, _DELETE, (workspace_id, table, BATCH_ROWS))):
            total += deleted
    return total
