"""The facts of a gate, taken from the newest evaluations that fit its policy."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.evaluations import queries
from service.evaluations.comparisons.comparison import compare_shared_rows
from service.evaluations.domain import Plan, ScorerUsed, TargetSummary, TargetUsed
from service.evaluations.judges import agreement_stats as standing
from service.evaluations.scorers.scorer_registry import SCORERS
from service.models.gates.domain import (
    UNMEASURED,
    CostPerThousand,
    Facts,
    GatePolicy,
    MeasuredGain,
    MeasuredScore,
    MeasuredVersion,
)
from service.models.queries import get_version


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version, or its base model, was measured: the newest that fits."""

    row: Any
    plan: Plan
    target: TargetUsed
    summary: TargetSummary
    used: ScorerUsed | None


async def load_gate_facts(
    engine: AsyncEngine,
    workspace_id: UUID,
    model_id: UUID,
    version: str,
    policy: GatePolicy | None,
    *,
    current: str | None,
) -> Facts:
    """Of the candidate's newest evaluation, and of base and current version in the same, or in one on the same rows."""
    ours = {"model_id": str(model_id), "model_version": version}
    candidate = await newest_comparable(engine, workspace_id, ours, policy, beside=None)
    if candidate is None:
        return UNMEASURED
    made = await get_version(engine, workspace_id, model_id, version)
    base = await newest_comparable(engine, workspace_id, {"provider_model": made.base_model}, policy, beside=candidate)
    versions = {version: await _measured(engine, workspace_id, candidate)}
    standing_there = None
    if current is not None and current != version:
        theirs = {"model_id": str(model_id), "model_version": current}
        standing_there = await newest_comparable(engine, workspace_id, theirs, policy, beside=candidate)
        if standing_there is not None:
            versions[current] = await _measured(engine, workspace_id, standing_there)
    higher = None if candidate.used is None else SCORERS[candidate.used.name].higher_is_better
    return Facts(
        versions=versions,
        base=None if base is None else await _measured(engine, workspace_id, base),
        over_base=await _gain(engine, workspace_id, base, candidate),
        over_current=await _gain(engine, workspace_id, standing_there, candidate),
        higher_is_better=higher is not False,
    )


async def newest_comparable(
    engine: AsyncEngine,
    workspace_id: UUID,
    served: dict[str, str],
    policy: GatePolicy | None,
    *,
    beside: Measurement | None,
) -> Measurement | None:
    """Beside another one it is on the same rows, and in the same evaluation where it is there, so that they compare."""
    rows = await _rows(engine, workspace_id, served, policy, beside)
    if beside is not None:
        rows = sorted(rows, key=lambda row: row.id != beside.row.id)  # a stable sort: the newest stay first
    for row in rows:
        plan = queries.parse_plan(row)
        used = _scorer(plan, policy)
        if policy is not None and used is None:
            continue
        if beside is not None and beside.used is not None and (used is None or used.digest != beside.used.digest):
            continue
        # One that is asked the same way goes first, and what had seen the rows before says nothing of itself.
        for target in sorted(queries.find_targets(plan, served), key=lambda each: not _alike(each, beside)):
            if not plan.leak_of(target.name).leaks:
                summary = next(each for each in queries.parse_summaries(row) or () if each.target == target.name)
                return Measurement(row=row, plan=plan, target=target, summary=summary, used=used)
    return None


async def _rows(
    engine: AsyncEngine,
    workspace_id: UUID,
    served: dict[str, str],
    policy: GatePolicy | None,
    beside: Measurement | None,
) -> Sequence[Any]:
    if beside is not None:
        same = {name: getattr(beside.row, name) for name in ("dataset_id", "dataset_version", "split")}
        return await queries.find_finished(engine, workspace_id, served, **same)
    if policy is None:
        return await queries.find_finished(engine, workspace_id, served)
    wanted = policy.evaluation
    if wanted.suite is not None:
        return await queries.find_finished(engine, workspace_id, served, name=wanted.suite)
    return await queries.find_finished(
        engine,
        workspace_id,
        served,
        dataset_id=wanted.dataset_id,
        dataset_version=wanted.dataset_version,
        split=wanted.split,
    )


def _scorer(plan: Plan, policy: GatePolicy | None) -> ScorerUsed | None:
    """The one that the gate asks for: by its label, or by its name where only one has it."""
    if policy is None:
        return None
    wanted = policy.evaluation.scorer
    labelled = [used for used in plan.columns if used.label == wanted]
    named = [used for used in plan.columns if used.name == wanted]
    found = labelled or (named if len(named) == 1 else [])
    return found[0] if found else None


def _alike(target: TargetUsed, beside: Measurement | None) -> bool:
    return beside is None or target.prompt == beside.target.prompt


async def _measured(engine: AsyncEngine, workspace_id: UUID, found: Measurement) -> MeasuredVersion:
    """What the evaluation says of the target, with what people say of its answers by now."""
    used = found.used
    rated = [standing.parse_rated_result(row) for row in await queries.load_ratings(engine, workspace_id, found.row.id)]
    ratings = {each.target: each for each in standing.summarize_ratings(found.plan, rated)}
    people = ratings.get(found.target.name)
    return MeasuredVersion(
        score=None if used is None else _score(found, used),
        others=tuple(_score(found, each) for each in found.plan.columns if each != used),
        format_validity=found.summary.format_validity,
        human_rating=people.mean if people else None,
        human_ratings=people.ratings if people else 0,
        cost_per_thousand=_cost(found.summary),
        latency_p95_ms=found.summary.latency_ms.p95,
    )


def _score(found: Measurement, used: ScorerUsed) -> MeasuredScore:
    figures = found.summary.scores.get(used.label, {})
    interval = figures.get("interval") or {}
    return MeasuredScore(
        evaluation_ids=(found.row.id,),
        scorer=used.label,
        on=f"the {found.row.split} split of version {found.row.dataset_version}",
        value=figures.get("mean"),
        low=interval.get("low"),
        high=interval.get("high"),
        n=figures.get("scored", 0),
    )


def _cost(summary: TargetSummary) -> CostPerThousand | None:
    if summary.cost.per_thousand is None:
        return None
    return CostPerThousand(amount=Decimal(summary.cost.per_thousand), currency=summary.cost.currency)


async def _gain(
    engine: AsyncEngine, workspace_id: UUID, before: Measurement | None, after: Measurement
) -> MeasuredGain | None:
    """The interval of the improvement over the rows that both have a score of, above 0 where it is for the better."""
    used = after.used
    if before is None or used is None or before.used is None:
        return None
    old, new = [
        await queries.load_values(engine, workspace_id, found.row.id, found.target.name, label)
        for found, label in ((before, before.used.label), (after, used.label))
    ]
    change = await asyncio.to_thread(compare_shared_rows, old, new, used, seed=after.plan.seed)
    low, high = change.difference.low, change.difference.high
    if SCORERS[used.name].higher_is_better is False and low is not None and high is not None:
        low, high = -high, -low
    return MeasuredGain(low=low, high=high)
