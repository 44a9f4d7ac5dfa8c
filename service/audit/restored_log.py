"""Compare the log of a restored database with a checkpoint that somebody kept elsewhere."""

from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.log_export import EVENT_COLUMNS
from service.database.rows import fetch_dicts
from service.ledger.tables import events
from tuneledger.audit.lines import Line, leaf_of
from tuneledger.audit.merkle import Frontier
from tuneledger.audit.notes import Checkpoint, NoteRefused, checkpoint_of, opened, verifier_of

BATCH_EVENTS = 10_000


async def check_checkpoint(engine: AsyncEngine, note: str, key: str) -> list[str]:
    """Find what differs from the checkpoint `note`, signed by `key`: every leaf is computed from its event anew."""
    try:
        checkpoint = checkpoint_of(opened(note, [verifier_of(key)]))
        workspace_id = UUID(checkpoint.origin.rpartition("/")[2])
    except (NoteRefused, ValueError) as error:
        return [f"The checkpoint cannot be used: {error}"]
    tree = await _build_tree(engine, workspace_id, checkpoint)
    if tree.size < checkpoint.size:
        return [f"The log has {tree.size} events, the checkpoint {checkpoint.size}: the backup is older, or was cut."]
    return [] if tree.root() == checkpoint.root else ["The log differs from the checkpoint: its past was changed."]


async def _build_tree(engine: AsyncEngine, workspace_id: UUID, checkpoint: Checkpoint) -> Frontier:
    tree = Frontier()
    while tree.size < checkpoint.size:
        query = (
            sa.select(*EVENT_COLUMNS)
            .where(events.c.workspace_id == workspace_id, events.c.seq > tree.size, events.c.seq <= checkpoint.size)
            .order_by(events.c.seq)
            .limit(BATCH_EVENTS)
        )
        rows = await fetch_dicts(engine, query)
        if not rows:
            break
        for row in rows:
            fields = {str(name): value for name, value in row.items()}
            line = msgspec.convert(fields | {"stream_id": str(fields["stream_id"])}, Line)
            tree.add(leaf_of(str(workspace_id), line))
    return tree
