"""A queue's progress at a past seq, counted from the events of its items: the read table has only today's."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_one
from service.labeling.queues.schemas import QueueProgress

COUNT = """
select count(*) filter (where i.known is null) as examples,
  count(*) filter (where i.known is not null) as honeypots,
  count(*) filter (where last.labelled >= i.overlap) as done,
  coalesce(sum(last.labelled) filter (where i.known is null), 0) as labels
from queue_items i
join ledger.events queued
  on (queued.workspace_id, queued.stream_id, queued.version) = (i.workspace_id, i.id, 1) and queued.seq <= $3
left join lateral (
  select (e.data ->> 'labelled')::int as labelled from ledger.events e
  where e.workspace_id = i.workspace_id and e.stream_id = i.id and e.seq <= $3
    and e.type in ('ItemSubmitted', 'ItemWithdrawn', 'ItemSentBack')
  order by e.version desc limit 1
) last on true
where i.workspace_id = $1 and i.queue_id = $2
"""


async def count_progress_at(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID, *, seq: int) -> QueueProgress:
    row = await fetch_one(engine, COUNT, (workspace_id, queue_id, seq))
    return QueueProgress(examples=row.examples, honeypots=row.honeypots, done=row.done, labels=row.labels)
