"""Lineage both ways: the examples a model version was made from, and the versions that an example went into."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.filters import Filter, Selection
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import chosen
from service.datasets.projection import dataset_versions
from service.datasets.splits import Split
from service.errors import NotFound
from service.models.projection import model_versions, models

DIGEST = sa.func.encode(revisions.c.content, "hex").label("digest")
NO_FILTER: dict[str, Any] = {}
# The filter of some versions, and the seq at which a state of the example began.
FilteredState = tuple[dict[str, Any], int]


async def list_examples(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection | None, *, after: UUID | None, limit: int
) -> Sequence[Any]:
    """The examples of a frozen selection by id, each at the revision that was there; none of no selection."""
    if selection is None:
        return []
    own = (examples.c.id, examples.c.split, examples.c.source, examples.c.external_id)
    state = (revisions.c.version.label("revision"), DIGEST, revisions.c.changed_at, revisions.c.changed_by)
    query = chosen(workspace_id, selection).with_only_columns(*own, *state, maintain_column_froms=True)
    query = query.order_by(revisions.c.example_id).limit(limit)
    return await fetch_all(engine, query if after is None else query.where(revisions.c.example_id > after))


async def find_dataset_and_split(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> tuple[UUID, Split]:
    """The example's dataset and split, which it keeps for good. Raises NotFound for an example that never was."""
    query = sa.select(examples.c.dataset_id, examples.c.split).where(
        examples.c.workspace_id == workspace_id, examples.c.id == example_id
    )
    rows = await fetch_all(engine, query)
    if not rows:
        raise NotFound(f"No such example: {example_id}.")
    return rows[0].dataset_id, rows[0].split


async def list_dataset_versions(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, example_id: UUID, *, before: int | None, limit: int
) -> Sequence[Any]:
    """The frozen versions that hold the example, the newest first, each with the revision it holds."""
    states = await _find_passing_states(engine, workspace_id, dataset_id, example_id)
    passing = [
        sa.and_(dataset_versions.c.filter == filter_, revisions.c.seq_from == seq_from) for filter_, seq_from in states
    ]
    names = [dataset_versions.c[name] for name in ("name", "seq", "number", "created_at")]
    query = (
        _select_frozen_states(
            workspace_id, dataset_id, example_id, *names, revisions.c.version.label("revision"), DIGEST
        )
        .where(sa.or_(dataset_versions.c.filter == NO_FILTER, *passing))
        .order_by(dataset_versions.c.number.desc())
        .limit(limit)
    )
    return await fetch_all(engine, query if before is None else query.where(dataset_versions.c.number < before))


async def load_model_versions(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, names: Iterable[str]
) -> dict[str, list[Any]]:
    """The model versions made from these versions of a dataset, by the dataset version's name, the oldest first."""
    same_model = sa.and_(
        models.c.workspace_id == model_versions.c.workspace_id, models.c.id == model_versions.c.model_id
    )
    fields = ("model_id", "name", "tune_id", "dataset_version", "train_split", "validation_split")
    query = (
        sa.select(*[model_versions.c[name] for name in fields], models.c.name.label("model"))
        .join(models, same_model)
        .where(model_versions.c.workspace_id == workspace_id, model_versions.c.dataset_id == dataset_id)
        .where(model_versions.c.dataset_version.in_(list(names)))
        .order_by(model_versions.c.created_at, model_versions.c.model_id, model_versions.c.number)
    )
    found: dict[str, list[Any]] = {}
    for row in await fetch_all(engine, query):
        found.setdefault(row.dataset_version, []).append(row)
    return found


async def _find_passing_states(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, example_id: UUID
) -> list[FilteredState]:
    """Which of the example's states pass the filters of the versions that were frozen with one.

    The filter is asked of the state, not of each version: a thousand nightly versions may share the two.
    """
    columns = (dataset_versions.c.filter, revisions.c.seq_from)
    query = _select_frozen_states(workspace_id, dataset_id, example_id, *columns).where(
        dataset_versions.c.filter != NO_FILTER
    )
    states: list[FilteredState] = [(row.filter, row.seq_from) for row in await fetch_all(engine, query.distinct())]
    if not states:
        return []
    asked = [
        chosen(workspace_id, Selection(dataset_id=dataset_id, seq=seq_from, filter=msgspec.convert(filter_, Filter)))
        .with_only_columns(sa.literal(number).label("number"), maintain_column_froms=True)
        .where(revisions.c.example_id == example_id)
        for number, (filter_, seq_from) in enumerate(states)
    ]
    return [states[row.number] for row in await fetch_all(engine, sa.union_all(*asked))]


def _select_frozen_states(workspace_id: UUID, dataset_id: UUID, example_id: UUID, *columns: Any) -> sa.Select[Any]:
    """The example's states, each beside the versions that were frozen while it lasted, whatever their filter."""
    return (
        sa.select(*columns)
        .select_from(revisions)
        .join(
            dataset_versions,
            sa.and_(
                dataset_versions.c.workspace_id == revisions.c.workspace_id,
                dataset_versions.c.dataset_id == revisions.c.dataset_id,
                revisions.c.seq_from <= dataset_versions.c.seq,
                sa.or_(revisions.c.seq_to.is_(None), revisions.c.seq_to > dataset_versions.c.seq),
            ),
        )
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == dataset_id,
            revisions.c.example_id == example_id,
        )
    )
