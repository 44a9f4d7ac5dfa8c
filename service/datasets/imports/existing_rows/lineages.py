"""Load examples with all their events and texts, to decide what a file changes in them."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.domain import EXAMPLE
from service.datasets.imports.existing_rows.row_comparison import Lineage
from service.ledger.decider import RecordedEvent
from service.ledger.texts import load_texts

MAX_CHANGES = 500  # examples that are changed in one statement
_EVENTS = """
select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events
where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = 'example' order by stream_id, version
"""


async def load_lineages(engine: AsyncEngine, workspace_id: UUID, ids: list[UUID]) -> dict[UUID, Lineage]:
    if not ids:
        return {}
    events: dict[UUID, list[RecordedEvent]] = {}
    for id_, *recorded in await fetch_all(engine, _EVENTS, (workspace_id, ids)):
        events.setdefault(id_, []).append(RecordedEvent(*recorded))
    texts = await load_texts(engine, workspace_id, ids)
    lineages = {}
    for id_, log in events.items():
        stored = EXAMPLE.fold(id_, log)
        if stored is not None:
            decoded = [(recorded, EXAMPLE.decode(recorded.type, recorded.data)) for recorded in log]
            lineages[id_] = Lineage(id_, decoded, stored, texts[id_])
    return lineages
