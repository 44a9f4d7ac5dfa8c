"""Sum the calls of a version and of another model, in evaluations, prompts, generation and production."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column
from service.monitoring.reports.savings import (
    MIN_CALLS,
    CallSums,
    Role,
    Saving,
    add,
    compare_costs,
    compare_latencies,
    describe,
)

TEACHERS = """
select distinct c.provider_model from calls c
where c.workspace_id = $1 and c.model_id is null and c.state = 'answered' and c.run_id in (
  select k.run_id from candidates k join generations g on g.workspace_id = k.workspace_id and g.id = k.generation_id
  where g.workspace_id = $1 and g.dataset_id = $2 and k.run_id is not null)
order by 1
"""
# Of calls that were answered, and not taken over from earlier ones. Costs of requests are in millionths of millionths.
SUMS = """
with calls_of_both as (
  select c.run_id, c.model_id is not null as is_version, c.cost::float8 as cost, c.currency, c.latency_ms
  from calls c where c.workspace_id = $1 and c.state = 'answered' and c.repeats is null
    and ((c.model_id = $2 and c.model_version = $3) or (c.model_id is null and c.provider_model = $4))
  union all
  select null, true, q.cost / 1e12, q.currency, q.latency_ms from telemetry.requests q
  where q.workspace_id = $1 and q.model_id = $2 and q.model_version = $3 and q.error_code is null
), shared as (
  select run_id from calls_of_both where run_id is not null
  group by run_id having bool_or(is_version) and not bool_and(is_version)
)
select is_version, run_id in (select run_id from shared) is true as is_shared, coalesce(currency, 'USD') as currency,
  count(cost) as costs, coalesce(sum(cost), 0) as cost_sum, coalesce(sum(cost * cost), 0) as cost_squares,
  count(latency_ms) as latencies, coalesce(sum(ln(greatest(latency_ms, 1)::float8)), 0) as log_sum,
  coalesce(sum(ln(greatest(latency_ms, 1)::float8) ^ 2), 0) as log_squares
from calls_of_both group by 1, 2, 3
"""
Key = tuple[bool, bool]  # whether it is the version, and whether the run has both


async def find_savings(engine: AsyncEngine, workspace_id: UUID, version: Any, *, against: str | None) -> list[Saving]:
    """The version, given by its row, beside its base, its teachers, and `against`, in this order."""
    roles: dict[str, Role] = {version.base_model: "base"}
    if version.dataset_id is not None:
        for name in await fetch_column(engine, TEACHERS, (workspace_id, version.dataset_id)):
            roles.setdefault(name, "teacher")
    if against is not None:
        roles.setdefault(against, "other")
    return [await _compare(engine, workspace_id, version, name, role) for name, role in roles.items()]


async def _compare(engine: AsyncEngine, workspace_id: UUID, version: Any, name: str, role: Role) -> Saving:
    rows = await fetch_all(engine, SUMS, (workspace_id, version.model_id, version.name, name))
    currency = choose_currency(rows)
    sums: dict[Key, list[CallSums]] = {}
    for row in rows:
        sums.setdefault((row.is_version, row.is_shared), []).append(_build_sums(row, currency))
    same_questions = all(_count(sums, (is_version, True)) >= MIN_CALLS for is_version in (True, False))
    places = (True,) if same_questions else (True, False)
    ours, theirs = (
        add(each for is_shared in places for each in sums.get((is_version, is_shared), ()))
        for is_version in (True, False)
    )
    cheaper, faster = compare_costs(ours, theirs), compare_latencies(ours, theirs)
    return Saving(
        against=name,
        role=role,
        same_questions=same_questions,
        currency=currency,
        cheaper=cheaper,
        faster=faster,
        verdict=describe(name, cheaper, faster),
    )


def choose_currency(rows: Sequence[Any]) -> str:
    """The currency of most of the version's priced calls; those in others count for the latency alone."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.is_version:
            counts[row.currency] = counts.get(row.currency, 0) + row.costs
    return max(counts, key=lambda currency: counts[currency], default="USD")


def _build_sums(row: Any, currency: str) -> CallSums:
    names = CallSums.__struct_fields__ if row.currency == currency else ("latencies", "log_sum", "log_squares")
    return CallSums(**{name: getattr(row, name) for name in names})


def _count(sums: Mapping[Key, Sequence[CallSums]], key: Key) -> int:
    return add(sums.get(key, ())).latencies
