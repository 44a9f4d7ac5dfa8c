"""Failed examples of a dataset: rated low, or not matching their task's schema. New inputs are written like them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.counts.counted_state import is_invalid
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection
from service.generation.runs.presets import LOW_RATING, MAX_FAILED_EXAMPLES
from service.prompts.domain import DrawnExample
from service.prompts.render.few_shot import select_example_texts, shown_example_from_row


async def find_failed_examples(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection
) -> tuple[DrawnExample, ...]:
    """Up to MAX_FAILED_EXAMPLES, lowest rated first, then newest."""
    query = (
        select_revisions(workspace_id, selection)
        .where(sa.or_(revisions.c.score <= LOW_RATING, is_invalid(revisions)))
        .with_only_columns(revisions.c.example_id, revisions.c.version, maintain_column_froms=True)
        .order_by(revisions.c.score.asc().nulls_last(), revisions.c.example_id.desc())
        .limit(MAX_FAILED_EXAMPLES)
    )
    rows = await fetch_all(engine, query)
    return tuple(DrawnExample(example_id=row.example_id, version=row.version) for row in rows)


async def load_failed_texts(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, refs: Sequence[DrawnExample]
) -> list[str]:
    """Input and output of each as one text. Erased examples are left out."""
    if not refs:
        return []
    is_ref = [sa.and_(revisions.c.example_id == ref.example_id, revisions.c.version == ref.version) for ref in refs]
    is_example = sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id)
    in_dataset = (revisions.c.workspace_id == workspace_id, revisions.c.dataset_id == dataset_id)
    query = sa.select().select_from(revisions).join(examples, is_example).where(*in_dataset, sa.or_(*is_ref))
    rows = await fetch_all(engine, select_example_texts(query).order_by(revisions.c.example_id))
    facts = [shown_example_from_row(row).facts for row in rows if row.content is not None]
    return [f"Input:\n{each.get('input', '')}\n\nAnswer that failed:\n{each['output']}" for each in facts]
