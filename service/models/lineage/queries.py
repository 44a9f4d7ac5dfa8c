"""Read lineage: the examples a model version was made from, and the versions an example is in."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import content_texts, select_revisions, with_content
from service.datasets.filters.selection import Filter, Selection
from service.datasets.projection import dataset_versions
from service.datasets.splits import Split
from service.errors import NotFound
from service.models.projection import model_versions, models

DIGEST = sa.func.encode(revisions.c.content, "hex").label("digest")
NO_FILTER: dict[str, Any] = {}
# A filter that frozen versions share, and the seq at which a state of the example began.
FilteredState = tuple[dict[str, Any], int]


async def list_examples(
    engine: AsyncEngine,
    workspace_id: UUID,
    selection: Selection | None,
    *,
    after: UUID | None,
    limit: int,
    content: bool,
) -> Sequence[Any]:
    """List the examples of a frozen selection by id, each at its revision then; none without a selection."""
    if selection is None:
        return []
    own = (examples.c.id, current_split.label("split"), examples.c.source, examples.c.external_id)
    state = (revisions.c.version.label("revision"), DIGEST, revisions.c.changed_at, revisions.c.changed_by)
    query = select_revisions(workspace_id, selection).with_only_columns(*own, *state, maintain_column_froms=True)
    if content:
        query = with_content(query).add_columns(content_texts.c.body.label("content"))
    query = query.order_by(revisions.c.example_id).limit(limit)
    query = query if after is None else query.where(revisions.c.example_id > after)
    return await fetch_all(engine, limit_page_bytes(query, "content") if content else query)


async def find_dataset_and_split(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> tuple[UUID, Split]:
    """Find the example's dataset and its last split. Raises NotFound unless it ever existed."""
    query = (
        sa.select(examples.c.dataset_id, current_split.label("split"))
        .join(revisions, sa.and_(revisions.c.workspace_id == workspace_id, revisions.c.example_id == examples.c.id))
        .where(
            examples.c.workspace_id == workspace_id,
            examples.c.id == example_id,
            revisions.c.dataset_id == examples.c.dataset_id,
        )
        .order_by(revisions.c.seq_from.desc())
        .limit(1)
    )
    rows = await fetch_all(engine, query)
    if not rows:
        raise NotFound(f"No such example: {example_id}.")
    return rows[0].dataset_id, rows[0].split


async def list_dataset_versions(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, example_id: UUID, *, before: int | None, limit: int
) -> Sequence[Any]:
    """List the frozen versions that contain the example, newest first, with the example's revision in each."""
    states = await _find_matching_states(engine, workspace_id, dataset_id, example_id)
    is_matching = [
        sa.and_(dataset_versions.c.filter == filter_, revisions.c.seq_from == seq_from) for filter_, seq_from in states
    ]
    names = [dataset_versions.c[name] for name in ("name", "seq", "number", "created_at")]
    query = (
        _select_frozen_states(
            workspace_id, dataset_id, example_id, *names, revisions.c.version.label("revision"), DIGEST
        )
        .where(sa.or_(dataset_versions.c.filter == NO_FILTER, *is_matching))
        .order_by(dataset_versions.c.number.desc())
        .limit(limit)
    )
    return await fetch_all(engine, query if before is None else query.where(dataset_versions.c.number < before))


async def load_model_versions(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, names: Iterable[str]
) -> dict[str, list[Any]]:
    """Load the model versions made from these dataset versions, by dataset version, oldest first."""
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
    rows_by_version: dict[str, list[Any]] = {}
    for row in await fetch_all(engine, query):
        rows_by_version.setdefault(row.dataset_version, []).append(row)
    return rows_by_version


async def _find_matching_states(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, example_id: UUID
) -> list[FilteredState]:
    """Find the example's states that match the filters of versions frozen with one.

    Each filter and state is checked once, not once a version: a thousand nightly versions may share them.
    """
    columns = (dataset_versions.c.filter, revisions.c.seq_from)
    query = _select_frozen_states(workspace_id, dataset_id, example_id, *columns).where(
        dataset_versions.c.filter != NO_FILTER
    )
    states: list[FilteredState] = [(row.filter, row.seq_from) for row in await fetch_all(engine, query.distinct())]
    if not states:
        return []
    matches = [
        select_revisions(
            workspace_id,
            Selection(dataset_id=dataset_id, seq=seq_from, filter=msgspec.convert(filter_, Filter), answered=True),
        )
        .with_only_columns(sa.literal(number).label("number"), maintain_column_froms=True)
        .where(revisions.c.example_id == example_id)
        for number, (filter_, seq_from) in enumerate(states)
    ]
    return [states[row.number] for row in await fetch_all(engine, sa.union_all(*matches))]


def _select_frozen_states(workspace_id: UUID, dataset_id: UUID, example_id: UUID, *columns: Any) -> sa.Select[Any]:
    """Select each of the example's states with the versions frozen while it was current, whatever their filter."""
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
            ~revisions.c.unanswered,
        )
    )
