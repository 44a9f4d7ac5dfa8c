"""Read imports: those of a dataset, those that a worker has to run, one that was running at a seq, and errors."""

from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column, fetch_value
from service.datasets.examples.queries import load_example_texts
from service.datasets.imports.domain import LEASE_KIND, OPEN_STAGES, ImportAdvanced, ImportState
from service.datasets.imports.projection import ENDS, imports
from service.datasets.imports.staging_area import RowError
from service.ledger.decider import StreamState
from service.ledger.readers.recorded_events import has_recorded
from service.ledger.store import Ledger
from service.ledger.tables import leases


def select_due_imports() -> sa.Select[Any]:
    """(workspace_id, id) of each import that is open or still has a lease: its staged rows are deleted before that."""
    key = (imports.c.workspace_id, imports.c.id)
    unfinished = sa.select(*key).where(sa.text(f"state in {OPEN_STAGES}"))
    leased = sa.select(*key).join(
        leases, sa.and_(leases.c.workspace_id == key[0], leases.c.id == key[1], leases.c.kind == LEASE_KIND)
    )
    due = sa.union(unfinished, leased).subquery()
    return sa.select(due.c.workspace_id, due.c.id)


async def find_running_import(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int) -> UUID | None:
    """An import that had added some of its rows at `seq`, and not all; None if there was none."""
    query = sa.select(imports.c.id).where(
        imports.c.workspace_id == workspace_id,
        imports.c.dataset_id == dataset_id,
        has_recorded(workspace_id, imports.c.id, (ImportAdvanced,), until=seq),
        ~has_recorded(workspace_id, imports.c.id, ENDS, until=seq),
    )
    import_id: UUID | None = await fetch_value(engine, query.limit(1))
    return import_id


async def count_open_imports(engine: AsyncEngine, workspace_id: UUID) -> int:
    """Count the imports that are being received or added."""
    query = sa.select(sa.func.count()).where(imports.c.workspace_id == workspace_id, sa.text(f"state in {OPEN_STAGES}"))
    return int(await fetch_value(engine, query))


async def list_import_ids(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, before: UUID | None, limit: int
) -> list[UUID]:
    """The newest first."""
    query = sa.select(imports.c.id).where(imports.c.workspace_id == workspace_id, imports.c.dataset_id == dataset_id)
    if before is not None:
        query = query.where(imports.c.id < before)
    return list(await fetch_column(engine, query.order_by(imports.c.id.desc()).limit(limit)))


async def load_errors(
    ledger: Ledger, workspace_id: UUID, import_: StreamState[ImportState], positions: range
) -> list[RowError]:
    """The errors at these positions of the list, which is stored in texts."""
    texts = await load_example_texts(ledger.engine, workspace_id, import_.id)
    stored = [texts.bodies.get(digest, b"[]") for digest in import_.state.errors]
    errors = [error for text in stored for error in msgspec.json.decode(text, type=list[RowError])]
    return errors[positions.start : positions.stop]
