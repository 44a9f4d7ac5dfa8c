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

MAX_TARGETS = 40  # each takes up to two seconds, for evaluations of thousands of rows
TASK_NEEDS = frozenset({"schema", "categories", "judge", "rival"})


class MeasuredTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A target of one of the compared evaluations, with its figures."""

    evaluation_id: UUID
    target: TargetUsed
    summary: TargetSummary
    leak: Leak


class BaseComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A target compared with the base, over the rows both have a score for. `change` is None for the base itself."""

    measured: MeasuredTarget
    change: Comparison | None


class ComparisonTable(msgspec.Struct, frozen=True, kw_only=True):
    metric: ScorerUsed
    metrics: list[str]
    base: MeasuredTarget
    faced: list[BaseComparison]


async def build_comparison(
    engine: AsyncEngine, workspace_id: UUID, evaluation_ids: Sequence[UUID], *, base: str | None, metric: str | None
) -> ComparisonTable:
    """Raises NotFound, Conflict for evaluations that have not ended, Unprocessable for those that do not compare."""
    rows = [await queries.get_evaluation(engine, workspace_id, each) for each in dict.fromkeys(evaluation_ids)]
    plans = [queries.parse_plan(row) for row in rows]
    _check_comparable(rows)
    used, shared = _choose_metric(plans, metric)
    targets = [measured for row, plan in zip(rows, plans, strict=True) for measured in _build_targets(row, plan)]
    if len(targets) > MAX_TARGETS:
        detail = f"{len(targets)} targets are too many; compare at most {MAX_TARGETS} at once."
        raise Unprocessable(detail, errors=[Fault(pointer="?evaluation", detail=detail, code="too_many")])
    standard = _choose_base(targets, base)
    values = [
        await queries.load_values(engine, workspace_id, each.evaluation_id, each.target.name, used.label)
        for each in targets
    ]
    before = values[targets.index(standard)]
    # In a thread: intervals are drawn thousands of times, and other requests wait meanwhile.
    faced = await asyncio.to_thread(_compare_all, targets, values, standard, before, used, plans[0].seed)
    return ComparisonTable(metric=used, metrics=shared, base=standard, faced=faced)


def compare_shared_rows(
    before: dict[UUID, float], after: dict[UUID, float], used: ScorerUsed, *, seed: int
) -> Comparison:
    """Compare two targets over the rows both have a score for."""
    both = sorted(before.keys() & after.keys())
    higher = SCORERS[used.name].higher_is_better
    return compare([before[row] for row in both], [after[row] for row in both], higher_is_better=higher, seed=seed)


def _compare_all(
    targets: Sequence[MeasuredTarget],
    values: Sequence[dict[UUID, float]],
    standard: MeasuredTarget,
    before: dict[UUID, float],
    used: ScorerUsed,
    seed: int,
) -> list[BaseComparison]:
    return [
        BaseComparison(
            measured=each, change=None if each is standard else compare_shared_rows(before, after, used, seed=seed)
        )
        for each, after in zip(targets, values, strict=True)
    ]


def _check_comparable(rows: Sequence[Any]) -> None:
    open_ = [row for row in rows if row.summaries is None]
    if open_:
        detail = f"The evaluation {open_[0].id} is {open_[0].state}. Only succeeded evaluations can be compared."
        raise Conflict(detail, errors=[Fault(pointer="?evaluation", detail=detail, code="not_finished")])
    grounds = {(row.dataset_id, row.dataset_version, row.split) for row in rows}
    if len(grounds) > 1:
        detail = "Evaluations can only be compared over the same dataset version and split."
        raise Unprocessable(detail, errors=[Fault(pointer="?evaluation", detail=detail, code="not_comparable")])


def _choose_metric(plans: Sequence[Plan], wanted: str | None) -> tuple[ScorerUsed, list[str]]:
    """The scorer to compare by, the first that all have unless one is named, and the labels of all that would do."""
    terms = [{used.label: _scoring_terms(plan, used) for used in plan.all_scorers} for plan in plans]
    first = terms[0]
    shared = [used for used in plans[0].all_scorers if all(each.get(used.label) == first[used.label] for each in terms)]
    named = {used.label: used for used in shared}
    if not shared or (wanted is not None and wanted not in named):
        suggestion = f" Use one of: {', '.join(named)}." if named else ""
        detail = (
            f"No scorer {'with this label ' if wanted else ''}has the same settings in all evaluations.{suggestion}"
        )
        raise Invalid(detail[:1_000], errors=[Fault(pointer="?metric", detail=detail[:1_000], code="unknown_scorer")])
    return named[wanted] if wanted is not None else shared[0], list(named)


def _scoring_terms(plan: Plan, used: ScorerUsed) -> tuple[Any, ...]:
    """Equal where a scorer scores alike: its settings, and who judges or what the task says where it goes by that."""
    judge = next((each for each in plan.judges if each.label == used.label), None)
    words = None if judge is None else (judge.served, judge.instruction, judge.requirements, judge.against)
    by_task = bool(SCORERS[used.name].needs & TASK_NEEDS)
    return used.digest, words, (plan.task_id, plan.task_version) if by_task else None


def _build_targets(row: Any, plan: Plan) -> list[MeasuredTarget]:
    summaries = {each.target: each for each in queries.parse_summaries(row) or ()}
    return [
        MeasuredTarget(
            evaluation_id=row.id, target=target, summary=summaries[target.name], leak=plan.find_leak(target.name)
        )
        for target in plan.targets
    ]


def _choose_base(targets: Sequence[MeasuredTarget], wanted: str | None) -> MeasuredTarget:
    """The target of that name, or the first base model, or the first of all."""
    if wanted is None:
        return next((each for each in targets if each.target.is_base), targets[0])
    found = next((each for each in targets if each.target.name == wanted), None)
    if found is None:
        detail = f"No target has this name. Targets: {', '.join(e.target.name for e in targets)}."
        raise Invalid(detail[:1_000], errors=[Fault(pointer="?base", detail=detail[:1_000], code="unknown_target")])
    return found
