"""Read the evaluations' tables."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.errors import NotFound
from service.evaluations.domain import Plan, TargetSummary, TargetUsed
from service.evaluations.projection import evaluations, results
from service.evaluations.results.domain import RecordedScore
from service.ledger.tables import contents
from service.operations.projection import operations

answer, reference = contents.alias("answer"), contents.alias("reference")
MAX_EARLIER_RESULTS = 5  # earlier results of the same answer that are looked at for scores


class ResultFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which results; what is not named does not matter. `below` is of the scorer's value, and goes with `scorer`."""

    target: str | None = None
    passed: bool | None = None
    scorer: str | None = None
    below: float | None = None
    failure: str | None = None
    rated: bool | None = None


async def get_evaluation(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> Any:
    """With the state of its operation. Raises NotFound."""
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
    """The newest first; what is None does not matter."""
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
    """Finished evaluations that measured a target whose `served` has these values, the newest first."""
    query = _evaluations(workspace_id).where(evaluations.c.finished_at.is_not(None), _has_target(served))
    fits = {"dataset_id": dataset_id, "dataset_version": dataset_version, "split": split, "name": name}
    for column, value in fits.items():
        if value is not None:
            query = query.where(evaluations.c[column] == value)
    return await fetch_all(
        engine, query.order_by(evaluations.c.finished_at.desc(), evaluations.c.id.desc()).limit(limit)
    )


async def list_results(
    engine: AsyncEngine,
    workspace_id: UUID,
    evaluation_id: UUID,
    wanted: ResultFilter,
    *,
    after: tuple[UUID, int] | None,
    limit: int,
) -> Sequence[Any]:
    """By example and then by target, with the texts of answer and example."""
    query = _with_texts(workspace_id).where(results.c.evaluation_id == evaluation_id, *_conditions(wanted))
    query = query.order_by(results.c.example_id, results.c.place).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(results.c.example_id, results.c.place) > sa.tuple_(*after))
    return await fetch_all(engine, query)


async def get_result(engine: AsyncEngine, workspace_id: UUID, result_id: UUID) -> Any:
    return (await fetch_all(engine, _with_texts(workspace_id).where(results.c.id == result_id)))[0]


async def find_finished_examples(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> set[UUID]:
    """Examples that every target has a result of: they are written together."""
    query = sa.select(results.c.example_id).distinct()
    own = (results.c.workspace_id == workspace_id, results.c.evaluation_id == evaluation_id)
    return {row.example_id for row in await fetch_all(engine, query.where(*own))}


async def find_known_scores(
    engine: AsyncEngine, workspace_id: UUID, subject: UUID, example_id: UUID
) -> dict[str, RecordedScore]:
    """Scores that the same answer was given before, by their keys."""
    query = (
        sa.select(results.c.scores)
        .where(results.c.workspace_id == workspace_id, results.c.subject == subject)
        .where(results.c.example_id == example_id)
        .order_by(results.c.created_at.desc())
        .limit(MAX_EARLIER_RESULTS)
    )
    rows = await fetch_all(engine, query)
    found = [msgspec.convert(row.scores, dict[str, RecordedScore]) for row in reversed(rows)]
    return {score.key: score for scores in found for score in scores.values() if score.key is not None}


async def list_target_rows(
    engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID, target: str, *names: str
) -> Sequence[Any]:
    """These columns of all rows of a target, by example."""
    query = sa.select(*[results.c[name] for name in names]).where(
        results.c.workspace_id == workspace_id,
        results.c.evaluation_id == evaluation_id,
        results.c.target == target,
    )
    return await fetch_all(engine, query.order_by(results.c.example_id))


async def load_values(
    engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID, target: str, scorer: str
) -> dict[UUID, float]:
    """What a scorer gave each example that it could score."""
    value = _value(scorer)
    query = sa.select(results.c.example_id, value.label("value")).where(
        results.c.workspace_id == workspace_id,
        results.c.evaluation_id == evaluation_id,
        results.c.target == target,
        value.is_not(None),
    )
    return {row.example_id: row.value for row in await fetch_all(engine, query.order_by(results.c.example_id))}


async def load_ratings(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> Sequence[Any]:
    """Every result that people have rated."""
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
    """Those of the plan whose `served` has these values, in their order."""
    return [
        target
        for target in plan.targets
        if all(str(getattr(target.served, name)) == value for name, value in served.items())
    ]


def _has_target(served: dict[str, str]) -> sa.ColumnElement[bool]:
    return evaluations.c.plan["targets"].contains([{"served": served}])


def _value(scorer: str) -> sa.ColumnElement[float]:
    return sa.cast(results.c.scores[scorer]["value"].astext, sa.Double)


def _conditions(wanted: ResultFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool] | None] = [
        None if wanted.target is None else results.c.target == wanted.target,
        None if wanted.failure is None else results.c.failure["code"].astext == wanted.failure,
        None if wanted.rated is None else results.c.rating.is_not(None) == sa.literal(wanted.rated),
        None if wanted.scorer is None or wanted.below is None else _value(wanted.scorer) < wanted.below,
    ]
    if wanted.passed is not None:
        passed = sa.cast(results.c.scores[wanted.scorer]["passed"].astext, sa.Boolean) if wanted.scorer else None
        found.append((results.c.passed if passed is None else passed) == sa.literal(wanted.passed))
    return [condition for condition in found if condition is not None]


def _evaluations(workspace_id: UUID) -> sa.Select[Any]:
    run = sa.and_(operations.c.workspace_id == evaluations.c.workspace_id, operations.c.id == evaluations.c.run_id)
    return (
        sa.select(evaluations, operations.c.state)
        .join(operations, run)
        .where(evaluations.c.workspace_id == workspace_id)
    )


def _with_texts(workspace_id: UUID) -> sa.Select[Any]:
    said = (answer.c.workspace_id == results.c.workspace_id, answer.c.subject == results.c.subject)
    shown = (reference.c.workspace_id == results.c.workspace_id, reference.c.subject == results.c.example_id)
    return (
        sa.select(results, answer.c.body.label("answer"), reference.c.body.label("example"))
        .outerjoin_from(results, answer, sa.and_(*said, answer.c.digest == _bytes(results.c.content)))
        .outerjoin(reference, sa.and_(*shown, reference.c.digest == _bytes(results.c.example_content)))
        .where(results.c.workspace_id == workspace_id)
    )


def _bytes(digest: sa.ColumnElement[str]) -> sa.ColumnElement[bytes]:
    return sa.func.decode(digest, sa.literal_column("'hex'"))
