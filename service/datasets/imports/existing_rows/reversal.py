"""Set back what a cancelled import changed."""

from uuid import UUID

from service.database.rows import fetch_column
from service.datasets.examples import domain as examples
from service.datasets.examples.domain import EXAMPLE
from service.datasets.imports.domain import IMPORT, ImportReconciled, ImportState
from service.datasets.imports.existing_rows.lineages import MAX_CHANGES, load_lineages
from service.datasets.imports.existing_rows.row_comparison import Lineage
from service.ledger.decider import StreamState
from service.ledger.store import Batch, Caller, Entry, Ledger

_CHANGED = "select distinct stream_id from ledger.events where workspace_id = $1 and seq between $2 and $3"


async def revert_changes(ledger: Ledger, caller: Caller, import_: StreamState[ImportState]) -> int:
    """Set back what the import changed, but for examples that others have changed since. Returns how many."""
    ids: list[UUID] = []
    for recorded in await ledger.load_events(caller.workspace_id, IMPORT.stream, import_.id):
        event = IMPORT.decode(recorded.type, recorded.data)
        if isinstance(event, ImportReconciled) and event.written:
            values = (caller.workspace_id, recorded.seq - event.written, recorded.seq - 1)
            ids += await fetch_column(ledger.engine, _CHANGED, values)
    reverted = 0
    for start in range(0, len(ids), MAX_CHANGES):
        lineages = await load_lineages(ledger.engine, caller.workspace_id, ids[start : start + MAX_CHANGES])
        entries = [entry for lineage in lineages.values() if (entry := _build_reversal(lineage, import_.id))]
        if entries:
            await ledger.write(caller, Batch(entries=entries))
        reverted += len(entries)
    return reverted


def _build_reversal(lineage: Lineage, import_id: UUID) -> Entry | None:
    """The event that sets the example back; None if its last change is not the import's."""
    own = [getattr(event, "import_id", None) == import_id for _, event in lineage.events]
    first = own.index(True) if True in own else len(own)
    if not own[-1] or not all(own[first:]) or lineage.state.withdrawn:
        return None
    then = EXAMPLE.fold(lineage.id, [recorded for recorded, _ in lineage.events[:first]])
    if then is None:
        return None
    if then.state.deleted:
        events = examples.delete(lineage.state)
    else:
        events = examples.restore(lineage.state, then=then.state, revision=then.version)
    return (
        Entry(stream="example", stream_id=lineage.id, after=lineage.stored.version, event=events[0]) if events else None
    )
