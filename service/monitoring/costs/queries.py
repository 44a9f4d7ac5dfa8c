"""Add up what a workspace has paid: tunes, deployments, work that asked models, and production."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all

CostGroup = Literal["category", "connection", "base_model", "model", "month"]
COLUMNS: dict[CostGroup, str] = {
    "category": "category",
    "connection": "connection",
    "base_model": "base_model",
    "model": "model",
    "month": "to_char(at at time zone 'UTC', 'YYYY-MM')",
}
# `known` is false where nobody knows a cost; $1 is the workspace, $2 and $3 the time.
# Costs of requests are stored as integers, a million millionth each (see service/monitoring/money.py).
LINES = """
select 'tunes' as category, t.connection_id, t.base_model, t.model, t.finished_at as at,
    coalesce(t.cost, (t.estimate ->> 'per_million')::numeric * t.trained_tokens / 1000000) as amount,
    case when t.cost is null then t.estimate ->> 'currency' else t.currency end as currency,
    t.cost is not null as by_provider, 1 as count
  from tunes t where t.workspace_id = $1 and t.finished_at >= $2 and t.finished_at < $3
union all
select 'deployments', d.connection_id, null, d.model, d.created_at,
    d.price_per_hour::numeric * extract(epoch from coalesce(d.ended_at, now()) - d.started_at) / 3600,
    coalesce(d.asked ->> 'currency', 'USD'), false, 1
  from deployments d
  where d.workspace_id = $1 and d.created_at >= $2 and d.created_at < $3 and d.started_at is not null
union all
select case r.kind when 'evaluation' then 'evaluations' when 'prompt_run' then 'prompts' else 'generation' end,
    c.connection_id, case when c.model_id is null then c.provider_model end,
    (select m.name from models m where m.workspace_id = $1 and m.id = c.model_id), max(c.recorded_at),
    sum(c.cost), c.currency, false, count(*)
  from calls c join runs r on r.workspace_id = c.workspace_id and r.id = c.run_id
  where c.workspace_id = $1 and c.recorded_at >= $2 and c.recorded_at < $3 and c.repeats is null
  group by r.kind, c.connection_id, c.model_id, c.provider_model, c.currency,
    date_trunc('month', c.recorded_at at time zone 'UTC'), c.cost is null
union all
select 'production', null, null, (select m.name from models m where m.workspace_id = $1 and m.id = q.model_id),
    max(q.at), sum(q.cost) / 1000000000000.0, q.currency, false, count(*)
  from telemetry.requests q where q.workspace_id = $1 and q.at >= $2 and q.at < $3
  group by q.model_id, q.currency, date_trunc('month', q.at at time zone 'UTC'), q.cost is null
"""
QUERY = """
with lines as ({lines})
select key, currency, sum(amount) as amount, sum(count) filter (where amount is not null)::bigint as priced,
  sum(count) filter (where amount is null)::bigint as unpriced, bool_and(by_provider) as by_provider
from (
  select {column} as key, case when amount is null then null else currency end as currency, amount, count, by_provider
  from (
    select l.*, (select c.name from connections c where c.workspace_id = $1 and c.id = l.connection_id) as connection
    from lines l
  ) named
) grouped
group by key, currency order by key nulls last, currency nulls last
"""


async def sum_costs(
    engine: AsyncEngine, workspace_id: UUID, by: CostGroup, *, begin: datetime, end: datetime
) -> Sequence[Any]:
    """Sum the costs by key and currency. Rows without a currency count what has no known cost."""
    return await fetch_all(engine, QUERY.format(lines=LINES, column=COLUMNS[by]), (workspace_id, begin, end))
