"""Queries of evaluations and their results."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all
from service.errors import NotFound
from service.evaluations.domain import Plan, TargetSummary, TargetUsed
from service.evaluations.projection import evaluations, results
from service.evaluations.results.domain import RecordedScore
from service.ledger.tables import contents
from service.operations.projection import operations

answer, reference = contents.alias("answer"), contents.alias("reference")
MAX_EARLIER_RESULTS = 5  # earlier results of the same answer to take scores from


class ResultFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Filters for results; None matches all. `below` is a value of `scorer`, and needs it."""

    target: str | None = None
    passed: bool | None = None
    scorer: str | None = None
    below: float | None = None
    failure: str | None = None
    rated: bool | None = None


async def get_evaluation(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> Any:
    """Get an evaluation with the state of its operation. Raises NotFound."""
    rows = await fetch_all(engine, _evaluations(workspace_id).where(evaluations.c.id == evaluation_id))
    if not rows:
        raise NotFound(f"No such evaluation: {evaluation_id}.")
    return rows[0]


async def list_evaluations(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    name: str | None,
    dataset_id: UUID | None,
    model_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List evaluations, newest first. A filter of None matches all."""
    query = _evaluations(workspace_id).order_by(evaluations.c.id.desc()).limit(limit)
    if name is not None:
        query = query.where(evaluations.c.name == name)
    if dataset_id is not None:
        query = query.where(evaluations.c.dataset_id == dataset_id)
    if model_id is not None:
        query = query.where(_has_target({"model_id": str(model_id)}))
    return await fetch_all(engine, query if before is None else query.where(evaluations.c.id < before))


async def find_finished(
    engine: AsyncEngine,
    workspace_id: UUID,
    served: dict[str, str],
    *,
    dataset_id: UUID | None = None,
    dataset_version: str | None = None,
    split: str | None = None,
    name: str | None = None,
    limit: int = 20,
) -> Sequence[Any]:
    """Find finished evaluations with a target whose `served` has these values, newest first."""
    query = _evaluations(workspace_id).where(evaluations.c.finished_at.is_not(None), _has_target(served))
    equal = {"dataset_id": dataset_id, "dataset_version": dataset_version, "split": split, "name": name}
    for column, value in equal.items():
        if value is not None:
            query = query.where(evaluations.c[column] == value)
    return await fetch_all(
        engine, query.order_by(evaluations.c.finished_at.desc(), evaluations.c.id.desc()).limit(limit)
    )


async def list_results(
    engine: AsyncEngine,
    workspace_id: UUID,
    evaluation_id: UUID,
    filters: ResultFilter,
    *,
    after: tuple[UUID, int] | None,
    limit: int,
) -> Sequence[Any]:
    """List results by example and target, with the texts of answer and example."""
    query = _with_texts(workspace_id).where(results.c.evaluation_id == evaluation_id, *_conditions(filters))
    query = query.order_by(results.c.example_id, results.c.place).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(results.c.example_id, results.c.place) > sa.tuple_(*after))
    return await fetch_all(engine, limit_page_bytes(query, "answer", "example"))


async def get_result(engine: AsyncEngine, workspace_id: UUID, result_id: UUID) -> Any:
    return (await fetch_all(engine, _with_texts(workspace_id).where(results.c.id == result_id)))[0]


async def find_finished_examples(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> set[UUID]:
    """Find the examples with results; all targets' results of one example are written together."""
    query = sa.select(results.c.example_id).distinct()
    query = query.where(results.c.workspace_id == workspace_id, results.c.evaluation_id == evaluation_id)
    return {row.example_id for row in await fetch_all(engine, query)}


async def find_known_scores(
    engine: AsyncEngine, workspace_id: UUID, subject: UUID, example_id: UUID
) -> dict[str, RecordedScore]:
    """Find earlier scores of the same answer, by their keys."""
    query = (
        sa.select(results.c.scores)
        .where(results.c.workspace_id == workspace_id, results.c.subject == subject)
        .where(results.c.example_id == example_id)
        .order_by(results.c.created_at.desc())
        .limit(MAX_EARLIER_RESULTS)
    )
    rows = await fetch_all(engine, query)
    earlier = [msgspec.convert(row.scores, dict[str, RecordedScore]) for row in reversed(rows)]
    return {score.key: score for scores in earlier for score in scores.values() if score.key is not None}


async def list_target_rows(
    engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID, target: str, *names: str
) -> Sequence[Any]:
    """List some columns of all results of a target, by example."""
    query = sa.select(*[results.c[name] for name in names]).where(
        results.c.workspace_id == workspace_id,
        results.c.evaluation_id == evaluation_id,
        results.c.target == target,
    )
    return await fetch_all(engine, query.order_by(results.c.example_id))


async def load_values(
    engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID, target: str, scorer: str
) -> dict[UUID, float]:
    """Load a scorer's values by example, without the examples it could not score."""
    value = _value(scorer)
    query = sa.select(results.c.example_id, value.label("value")).where(
        results.c.workspace_id == workspace_id,
        results.c.evaluation_id == evaluation_id,
        results.c.target == target,
        value.is_not(None),
    )
    return {row.example_id: row.value for row in await fetch_all(engine, query.order_by(results.c.example_id))}


async def load_ratings(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> Sequence[Any]:
    """Load all results that people have rated."""
    names = ("example_id", "target", "rating", "ratings", "scores")
    query = sa.select(*[results.c[name] for name in names]).where(
        results.c.workspace_id == workspace_id,
        results.c.evaluation_id == evaluation_id,
        results.c.rating.is_not(None),
    )
    return await fetch_all(engine, query.order_by(results.c.example_id, results.c.place))


def parse_plan(row: Any) -> Plan:
    return msgspec.convert(row.plan, Plan)


def parse_summaries(row: Any) -> tuple[TargetSummary, ...] | None:
    return None if row.summaries is None else msgspec.json.decode(row.summaries, type=tuple[TargetSummary, ...])


def find_targets(plan: Plan, served: dict[str, str]) -> list[TargetUsed]:
    """Find the plan's targets whose `served` has these values."""
    return [
        target
        for target in plan.targets
        if all(str(getattr(target.served, name)) == value for name, value in served.items())
    ]


def _has_target(served: dict[str, str]) -> sa.ColumnElement[bool]:
    return evaluations.c.plan["targets"].contains([{"served": served}])


def _value(scorer: str) -> sa.ColumnElement[float]:
    return sa.cast(results.c.scores[scorer]["value"].astext, sa.Double)


def _conditions(filters: ResultFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool] | None] = [
        None if filters.target is None else results.c.target == filters.target,
        None if filters.failure is None else results.c.failure["code"].astext == filters.failure,
        None if filters.rated is None else results.c.rating.is_not(None) == sa.literal(filters.rated),
        None if filters.scorer is None or filters.below is None else _value(filters.scorer) < filters.below,
    ]
    if filters.passed is not None:
        passed = sa.cast(results.c.scores[filters.scorer]["passed"].astext, sa.Boolean) if filters.scorer else None
        conditions.append((results.c.passed if passed is None else passed) == sa.literal(filters.passed))
    return [condition for condition in conditions if condition is not None]


def _evaluations(workspace_id: UUID) -> sa.Select[Any]:
    run = sa.and_(operations.c.workspace_id == evaluations.c.workspace_id, operations.c.id == evaluations.c.run_id)
    return (
        sa.select(evaluations, operations.c.state)
        .join(operations, run)
        .where(evaluations.c.workspace_id == workspace_id)
    )


def _with_texts(workspace_id: UUID) -> sa.Select[Any]:
    own_answer = (answer.c.workspace_id == results.c.workspace_id, answer.c.subject == results.c.subject)
    own_example = (reference.c.workspace_id == results.c.workspace_id, reference.c.subject == results.c.example_id)
    return (
        sa.select(results, answer.c.body.label("answer"), reference.c.body.label("example"))
        .outerjoin_from(results, answer, sa.and_(*own_answer, answer.c.digest == _bytes(results.c.content)))
        .outerjoin(reference, sa.and_(*own_example, reference.c.digest == _bytes(results.c.example_content)))
        .where(results.c.workspace_id == workspace_id)
    )


def _bytes(digest: sa.ColumnElement[str]) -> sa.ColumnElement[bytes]:
    return sa.func.decode(digest, sa.literal_column("'hex'"))
