"""Compare every target with the base, on the rows both have a score for."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Conflict, Fault, Invalid, Unprocessable
from service.evaluations import queries
from service.evaluations.domain import Leak, Plan, ScorerUsed, TargetSummary, TargetUsed
from service.evaluations.scorers.scorer_registry import SCORERS
from service.evaluations.scores.statistics import Comparison, compare

MAX_TARGETS = 40  # with thousands of rows, each takes up to two seconds
TASK_NEEDS = frozenset({"schema", "categories", "judge", "rival"})


class MeasuredTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A target of one of the compared evaluations, with its figures."""

    evaluation_id: UUID
    target: TargetUsed
    summary: TargetSummary
    leak: Leak


class BaseComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A target compared with the base, on the rows that both have a score for. `change` is None for the base itself."""

    measured: MeasuredTarget
    change: Comparison | None


class ComparisonTable(msgspec.Struct, frozen=True, kw_only=True):
    metric: ScorerUsed
    metrics: list[str]
    base: MeasuredTarget
    comparisons: list[BaseComparison]


async def build_comparison(
    engine: AsyncEngine, workspace_id: UUID, evaluation_ids: Sequence[UUID], *, base: str | None, metric: str | None
) -> ComparisonTable:
    """Compare all targets with the base. Raises NotFound, Conflict, Invalid and Unprocessable."""
    rows = [await queries.get_evaluation(engine, workspace_id, each) for each in dict.fromkeys(evaluation_ids)]
    plans = [queries.parse_plan(row) for row in rows]
    _check_comparable(rows)
    used, labels = _choose_metric(plans, metric)
    targets = [measured for row, plan in zip(rows, plans, strict=True) for measured in _build_targets(row, plan)]
    if len(targets) > MAX_TARGETS:
        detail = f"{len(targets)} targets are too many; compare at most {MAX_TARGETS} at once."
        raise Unprocessable(detail, errors=[Fault(pointer="?evaluation", detail=detail, code="too_many")])
    base_target = _choose_base(targets, base)
    values = [
        await queries.load_values(engine, workspace_id, each.evaluation_id, each.target.name, used.label)
        for each in targets
    ]
    before = values[targets.index(base_target)]
    # In a thread: bootstrap intervals are slow, and must not block other requests.
    comparisons = await asyncio.to_thread(_compare_all, targets, values, base_target, before, used, plans[0].seed)
    return ComparisonTable(metric=used, metrics=labels, base=base_target, comparisons=comparisons)


def compare_shared_rows(
    before: dict[UUID, float], after: dict[UUID, float], used: ScorerUsed, *, seed: int
) -> Comparison:
    """Compare two targets over the rows both have a score for."""
    shared = sorted(before.keys() & after.keys())
    higher = SCORERS[used.name].higher_is_better
    return compare([before[row] for row in shared], [after[row] for row in shared], higher_is_better=higher, seed=seed)


def _compare_all(
    targets: Sequence[MeasuredTarget],
    values: Sequence[dict[UUID, float]],
    base_target: MeasuredTarget,
    before: dict[UUID, float],
    used: ScorerUsed,
    seed: int,
) -> list[BaseComparison]:
    return [
        BaseComparison(
            measured=each, change=None if each is base_target else compare_shared_rows(before, after, used, seed=seed)
        )
        for each, after in zip(targets, values, strict=True)
    ]


def _check_comparable(rows: Sequence[Any]) -> None:
    unfinished = [row for row in rows if row.summaries is None]
    if unfinished:
        detail = (
            f"The evaluation {unfinished[0].id} is {unfinished[0].state}. Only succeeded evaluations can be compared."
        )
        raise Conflict(detail, errors=[Fault(pointer="?evaluation", detail=detail, code="not_finished")])
    measured_rows = {(row.dataset_id, row.dataset_version, row.split) for row in rows}
    if len(measured_rows) > 1:
        detail = "Evaluations can only be compared over the same dataset version and split."
        raise Unprocessable(detail, errors=[Fault(pointer="?evaluation", detail=detail, code="not_comparable")])


def _choose_metric(plans: Sequence[Plan], label: str | None) -> tuple[ScorerUsed, list[str]]:
    """Choose the scorer to compare by: the one with this label, or the first that all have. Also returns all labels."""
    terms = [{used.label: _build_terms(plan, used) for used in plan.all_scorers} for plan in plans]
    first = terms[0]
    shared = [used for used in plans[0].all_scorers if all(each.get(used.label) == first[used.label] for each in terms)]
    by_label = {used.label: used for used in shared}
    if not shared or (label is not None and label not in by_label):
        suggestion = f" Use one of: {', '.join(by_label)}." if by_label else ""
        detail = f"No scorer {'with this label ' if label else ''}has the same settings in all evaluations.{suggestion}"
        raise Invalid(detail[:1_000], errors=[Fault(pointer="?metric", detail=detail[:1_000], code="unknown_scorer")])
    return by_label[label] if label is not None else shared[0], list(by_label)


def _build_terms(plan: Plan, used: ScorerUsed) -> tuple[Any, ...]:
    """Equal if a scorer scores equally: its settings, the judge, and the task version if the scorer uses the task."""
    judge = next((each for each in plan.judges if each.label == used.label), None)
    judge_terms = None if judge is None else (judge.served, judge.instruction, judge.requirements, judge.against)
    uses_task = bool(SCORERS[used.name].needs & TASK_NEEDS)
    return used.digest, judge_terms, (plan.task_id, plan.task_version) if uses_task else None


def _build_targets(row: Any, plan: Plan) -> list[MeasuredTarget]:
    summaries = {each.target: each for each in queries.parse_summaries(row) or ()}
    return [
        MeasuredTarget(
            evaluation_id=row.id, target=target, summary=summaries[target.name], leak=plan.find_leak(target.name)
        )
        for target in plan.targets
    ]


def _choose_base(targets: Sequence[MeasuredTarget], name: str | None) -> MeasuredTarget:
    """Choose the target with this name. Default: the first base model, or the first target."""
    if name is None:
        return next((each for each in targets if each.target.is_base), targets[0])
    target = next((each for each in targets if each.target.name == name), None)
    if target is None:
        detail = f"No target has this name. Targets: {', '.join(each.target.name for each in targets)}."
        raise Invalid(detail[:1_000], errors=[Fault(pointer="?base", detail=detail[:1_000], code="unknown_target")])
    return target
