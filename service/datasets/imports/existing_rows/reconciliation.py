"""Compare rows of an import with the examples that are in the dataset already, and take over what the file changed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.domain import ExampleAdded
from service.datasets.imports.domain import ImportReconciled, ImportState
from service.datasets.imports.existing_rows.lineages import MAX_CHANGES, load_lineages
from service.datasets.imports.existing_rows.row_comparison import Comparison, FileRow, Outcome
from service.datasets.imports.staging_area import RowError
from service.ledger.store import Entry, Ledger, StoredText
from service.ledger.texts import SubjectTexts

MAX_BYTES = 16 * 1024 * 1024
MAX_ERROR_TEXTS = 20
# The rows of a range that the import did not add, each with the example that has its key, and whether it is the same.
_EXISTING = """
select s.n, x.id, pg_column_size(s.bodies) as size,
  r.example_id is not null
  and c.body is not distinct from s.bodies[1]
  and (s.data->'tags' is null or s.data->'tags' = to_jsonb(r.tags))
  and (s.data->'rating' is null or s.data->'rating' = r.ratings -> (s.data->>'rater'))
  and (s.data->'ratings' is null or s.data->'ratings' = r.ratings)
  and (s.data->'label' is null or s.data->'label' = r.label)
  and (s.data->'metadata' is null or m.body = any(s.bodies))
  and e.data->>'import_id' is distinct from $2::text as same
from (select n, key, stream_id, data::jsonb as data, bodies from ledger.staged
      where workspace_id = $1 and batch = $2 and n > $4 and n <= $5) s
left join lateral (
  select id from examples where workspace_id = $1 and dataset_id = $3
    and external_id = case when left(s.key, 2) = 'e:' then substr(s.key, 3) end
  union all
  select id from examples where workspace_id = $1 and dataset_id = $3
    and substr(fingerprint, 1, 16) = case when left(s.key, 2) = 'f:' then decode(substr(s.key, 3, 32), 'hex') end
  union all
  select id from examples where workspace_id = $1 and dataset_id = $3 and id = s.stream_id
  limit 1
) x on true
left join example_revisions r
  on r.workspace_id = $1 and r.dataset_id = $3 and r.example_id = x.id and r.seq_to is null
left join ledger.contents c on c.workspace_id = $1 and c.subject = x.id and c.digest = r.content
left join ledger.contents m on m.workspace_id = $1 and m.subject = x.id and m.digest = r.metadata
left join ledger.events e on e.workspace_id = $1 and e.stream_id = x.id and e.version = r.version
where not exists (select from examples a where a.workspace_id = $1 and a.id = s.stream_id
                  and a.source->>'import_id' = $2::text)
order by s.n
"""
_ROWS = """
select n, data::text as data, digests, bodies from ledger.staged
where workspace_id = $1 and batch = $2 and n = any($3::bigint[]) order by n
"""
ADDED = msgspec.json.Decoder(ExampleAdded)


class Reconciled(msgspec.Struct, frozen=True):
    """What to write: changes of examples, their texts, and the import's own event."""

    entries: list[Entry]
    texts: list[StoredText]
    event: ImportReconciled


async def reconcile(
    ledger: Ledger, workspace_id: UUID, import_id: UUID, import_: ImportState, *, rater: str
) -> Reconciled:
    """Compare the next rows. Some need several events, one after the other: their range comes again until then."""
    after = import_.reconciled.through
    rows = await fetch_all(
        ledger.engine, _EXISTING, (workspace_id, import_id, import_.dataset_id, after, import_.through)
    )
    taken, through = _take_range(rows, import_.through)
    counts: Counter[Outcome] = Counter()
    entries: list[Entry] = []
    texts: list[StoredText] = []
    errors: list[RowError] = []
    pending = False
    different = [row for row in taken if not row.same]
    counts["unchanged"] = len(taken) - len(different)
    file_rows = await _load_rows(ledger.engine, workspace_id, import_id, [row.n for row in different])
    lineages = await load_lineages(ledger.engine, workspace_id, [row.id for row in different if row.id])
    for row in different:
        comparison = Comparison(import_id, import_, file_rows.get(row.n), lineages.get(row.id), rater)
        event, again = comparison.decide()
        if event is not None and comparison.lineage:
            entries.append(
                Entry(stream="example", stream_id=row.id, after=comparison.lineage.stored.version, event=event)
            )
            texts += comparison.lineage.texts.attachments.contents
            pending = pending or again
        outcome = comparison.get_outcome(event)
        counts[outcome] += 1
        if outcome == "deleted" and len(import_.errors) < MAX_ERROR_TEXTS:
            errors.append(comparison.build_error())
    if pending:  # the same rows again: each has what it needs first
        unmoved = msgspec.structs.replace(import_.reconciled, written=len(entries), errors=())
        return Reconciled(entries, texts, unmoved)
    return _advance(import_.reconciled, through, counts, entries, texts, import_id=import_id, errors=errors)


async def list_existing_lines(
    engine: AsyncEngine, workspace_id: UUID, import_id: UUID, import_: ImportState, *, limit: int = 20
) -> list[int]:
    """The lines of the first rows that are in the dataset already."""
    values = (workspace_id, import_id, import_.dataset_id, import_.reconciled.through, import_.through)
    numbers = [row.n for row in (await fetch_all(engine, _EXISTING, values))[:limit]]
    rows = await _load_rows(engine, workspace_id, import_id, numbers)
    return [row.event.source.line or 0 for row in rows.values()]


def _advance(
    before: ImportReconciled,
    through: int,
    counts: Counter[Outcome],
    entries: list[Entry],
    texts: list[StoredText],
    *,
    import_id: UUID,
    errors: list[RowError],
) -> Reconciled:
    own = SubjectTexts(import_id)
    digests = (own.add_json(errors),) if errors else ()
    totals = {name: getattr(before, name) + count for name, count in counts.items()}
    event = msgspec.structs.replace(before, through=through, written=len(entries), errors=digests, **totals)
    return Reconciled(entries, [*texts, *own.attachments.contents], event)


def _take_range(rows: Sequence[Any], through: int) -> tuple[list[Any], int]:
    """The rows of one step, and the number up to which it goes: it ends before an example comes a second time."""
    seen: set[UUID] = set()
    taken: list[Any] = []
    size = changes = 0
    for row in rows:
        size += 0 if row.same else row.size
        changes += not row.same
        if taken and (row.id in seen or changes > MAX_CHANGES or size > MAX_BYTES):
            return taken, row.n - 1
        taken.append(row)
        seen.add(row.id)
    return taken, through


async def _load_rows(
    engine: AsyncEngine, workspace_id: UUID, import_id: UUID, numbers: list[int]
) -> dict[int, FileRow]:
    """The staged rows by number, without those whose texts were erased."""
    rows: dict[int, FileRow] = {}
    for row in await fetch_all(engine, _ROWS, (workspace_id, import_id, numbers)) if numbers else []:
        bodies = {bytes(digest).hex(): bytes(body) for digest, body in zip(row.digests, row.bodies, strict=True)}
        if bodies:
            event = ADDED.decode(row.data)
            rows[row.n] = FileRow(event, bodies[event.content], bodies[event.metadata] if event.metadata else None)
    return rows
