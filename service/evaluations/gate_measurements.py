"""Load the facts of a gate from the newest evaluations that fit its policy."""

import asyncio
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.evaluations import queries
from service.evaluations.comparisons.comparison import compare_shared_rows
from service.evaluations.domain import Plan, ScorerUsed, TargetSummary, TargetUsed
from service.evaluations.judges import agreement_stats
from service.evaluations.scorers.scorer_registry import SCORERS
from service.models.gates.domain import (
    NO_FACTS,
    CostPerThousand,
    Facts,
    GatePolicy,
    MeasuredGain,
    MeasuredScore,
    MeasuredVersion,
)
from service.models.queries import get_version


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A model version or base model as one evaluation measured it. `used` is the policy's scorer."""

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
    """Load the candidate's newest measurement, and comparable ones of its base model and of the current version."""
    candidate_served = {"model_id": str(model_id), "model_version": version}
    candidate = await find_newest_comparable(engine, workspace_id, candidate_served, policy, reference=None)
    if candidate is None:
        return NO_FACTS
    row = await get_version(engine, workspace_id, model_id, version)
    base_served = {"provider_model": row.base_model}
    base = await find_newest_comparable(engine, workspace_id, base_served, policy, reference=candidate)
    versions = {version: await _build_version(engine, workspace_id, candidate)}
    current_measurement = None
    if current is not None and current != version:
        current_served = {"model_id": str(model_id), "model_version": current}
        current_measurement = await find_newest_comparable(
            engine, workspace_id, current_served, policy, reference=candidate
        )
        if current_measurement is not None:
            versions[current] = await _build_version(engine, workspace_id, current_measurement)
    higher = None if candidate.used is None else SCORERS[candidate.used.name].higher_is_better
    return Facts(
        versions=versions,
        base=None if base is None else await _build_version(engine, workspace_id, base),
        over_base=await _compute_gain(engine, workspace_id, base, candidate),
        over_current=await _compute_gain(engine, workspace_id, current_measurement, candidate),
        higher_is_better=higher is not False,
    )


async def find_newest_comparable(
    engine: AsyncEngine,
    workspace_id: UUID,
    served: dict[str, str],
    policy: GatePolicy | None,
    *,
    reference: Measurement | None,
) -> Measurement | None:
    """Find the newest measurement of a model that fits the policy and compares with `reference`, if there is one."""
    rows = await _find_evaluations(engine, workspace_id, served, policy, reference)
    ordered = sorted(find_candidates(rows, served, policy), key=lambda each: rank(each, reference))
    return next((each for each in ordered if _is_comparable(each, reference)), None)


def find_candidates(rows: Sequence[Any], served: dict[str, str], policy: GatePolicy | None) -> Iterator[Measurement]:
    """Each measurement of the model in these evaluations that has the policy's scorer and did not leak."""
    for row in rows:
        plan = queries.parse_plan(row)
        used = _find_scorer(plan, policy)
        if policy is not None and used is None:
            continue
        for target in queries.find_targets(plan, served):
            if not plan.find_leak(target.name).has_leaked:
                summary = next(each for each in queries.parse_summaries(row) or () if each.target == target.name)
                yield Measurement(row=row, plan=plan, target=target, summary=summary, used=used)


def rank(measurement: Measurement, reference: Measurement | None) -> tuple[bool, float, int, bool]:
    """Sort key, best first: the reference's own evaluation, then the newest; within one, the same prompt first."""
    row = measurement.row
    is_other_evaluation = reference is not None and row.id != reference.row.id
    is_other_prompt = reference is not None and measurement.target.prompt != reference.target.prompt
    return is_other_evaluation, -row.finished_at.timestamp(), -row.id.int, is_other_prompt


def _is_comparable(measurement: Measurement, reference: Measurement | None) -> bool:
    """Whether both were scored by the same scorer with the same settings."""
    if reference is None or reference.used is None:
        return True
    return measurement.used is not None and measurement.used.digest == reference.used.digest


async def _find_evaluations(
    engine: AsyncEngine,
    workspace_id: UUID,
    served: dict[str, str],
    policy: GatePolicy | None,
    reference: Measurement | None,
) -> Sequence[Any]:
    if reference is not None:
        same = {name: getattr(reference.row, name) for name in ("dataset_id", "dataset_version", "split")}
        return await queries.find_finished(engine, workspace_id, served, **same)
    if policy is None:
        return await queries.find_finished(engine, workspace_id, served)
    rule = policy.evaluation
    if rule.suite is not None:
        return await queries.find_finished(engine, workspace_id, served, name=rule.suite)
    return await queries.find_finished(
        engine,
        workspace_id,
        served,
        dataset_id=rule.dataset_id,
        dataset_version=rule.dataset_version,
        split=rule.split,
    )


def _find_scorer(plan: Plan, policy: GatePolicy | None) -> ScorerUsed | None:
    """Find the policy's scorer: by label, or by name if only one scorer has that name."""
    if policy is None:
        return None
    scorer = policy.evaluation.scorer
    with_label = [used for used in plan.all_scorers if used.label == scorer]
    with_name = [used for used in plan.all_scorers if used.name == scorer]
    matches = with_label or (with_name if len(with_name) == 1 else [])
    return matches[0] if matches else None


async def _build_version(engine: AsyncEngine, workspace_id: UUID, measurement: Measurement) -> MeasuredVersion:
    """Build the figures of a measurement, with people's ratings so far."""
    used = measurement.used
    rated = [
        agreement_stats.parse_rated_result(row)
        for row in await queries.load_ratings(engine, workspace_id, measurement.row.id)
    ]
    ratings = {each.target: each for each in agreement_stats.summarize_ratings(measurement.plan, rated)}
    people = ratings.get(measurement.target.name)
    return MeasuredVersion(
        score=None if used is None else _build_score(measurement, used),
        others=tuple(_build_score(measurement, each) for each in measurement.plan.all_scorers if each != used),
        format_validity=measurement.summary.format_validity,
        human_rating=people.mean if people else None,
        human_ratings=people.ratings if people else 0,
        cost_per_thousand=_build_cost(measurement.summary),
        latency_p95_ms=measurement.summary.latency_ms.p95,
    )


def _build_score(measurement: Measurement, used: ScorerUsed) -> MeasuredScore:
    figures = measurement.summary.scores.get(used.label, {})
    interval = figures.get("interval") or {}
    return MeasuredScore(
        evaluation_ids=(measurement.row.id,),
        scorer=used.label,
        on=f"the {measurement.row.split} split of version {measurement.row.dataset_version}",
        value=figures.get("mean"),
        low=interval.get("low"),
        high=interval.get("high"),
        n=figures.get("scored", 0),
    )


def _build_cost(summary: TargetSummary) -> CostPerThousand | None:
    if summary.cost.per_thousand is None:
        return None
    return CostPerThousand(amount=Decimal(summary.cost.per_thousand), currency=summary.cost.currency)


async def _compute_gain(
    engine: AsyncEngine, workspace_id: UUID, before: Measurement | None, after: Measurement
) -> MeasuredGain | None:
    """Compute the interval of the improvement, over rows with both scores. Above 0 is better."""
    used = after.used
    if before is None or used is None or before.used is None:
        return None
    old, new = [
        await queries.load_values(engine, workspace_id, measurement.row.id, measurement.target.name, label)
        for measurement, label in ((before, before.used.label), (after, used.label))
    ]
    change = await asyncio.to_thread(compare_shared_rows, old, new, used, seed=after.plan.seed)
    low, high = change.difference.low, change.difference.high
    if SCORERS[used.name].higher_is_better is False and low is not None and high is not None:
        low, high = -high, -low
    return MeasuredGain(low=low, high=high)
