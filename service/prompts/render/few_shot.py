"""Draw the examples that a prompt shows. The same seed draws the same ones from the same dataset state."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.chat_content import DECODER
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection
from service.datasets.projection import load_version
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Fault, Unprocessable
from service.ledger.store import Ledger
from service.ledger.tables import contents
from service.prompts.domain import DrawnExample, ExampleDraw
from service.prompts.render.variables import ShownExample, build_facts, extract_answer

content_texts, metadata_texts = contents.alias("said"), contents.alias("meta")


async def resolve_selection(ledger: Ledger, workspace_id: UUID, draw: ExampleDraw) -> Selection:
    """The dataset state to draw from; by default the current one. Raises NotFound, Invalid."""
    if draw.version is not None:
        frozen = await load_version(ledger.engine, workspace_id, draw.dataset_id, draw.version)
        return frozen.selection(draw.split)
    seq = await resolve_as_of_in(ledger, workspace_id, draw.dataset_id, draw.as_of, parameter="/examples/as_of")
    return Selection(dataset_id=draw.dataset_id, seq=seq, split=draw.split, answered=True)


async def draw_examples(
    engine: AsyncEngine, workspace_id: UUID, draw: ExampleDraw, selection: Selection, *, more: int = 0
) -> list[ShownExample]:
    """`k` + `more` examples, in the order of the seed. Erased ones are skipped."""
    query = select_revisions(workspace_id, selection)
    if draw.rating_gte is not None:
        # A repair ends the ratings of the old output: until somebody rates the new one, it counts as good.
        is_unrated_repair = sa.and_(revisions.c.replaced.is_not(None), revisions.c.score.is_(None))
        query = query.where(sa.or_(revisions.c.score >= draw.rating_gte, is_unrated_repair))
    if draw.tags:
        query = query.where(revisions.c.tags.contains(sa.cast(list(draw.tags), ARRAY(sa.Text))))
    seed = sa.literal(draw.seed.to_bytes(4, "big"), BYTEA)
    by_seed = sa.func.sha256(seed.op("||")(sa.func.uuid_send(revisions.c.example_id)))
    repaired = [revisions.c.replaced.is_(None)] if draw.repaired_first else []
    # The order needs no texts: they are fetched later, for the drawn examples only.
    has_text = sa.exists().where(*_is_text_of(content_texts, revisions.c.content))
    ordered = query.where(has_text).order_by(*repaired, by_seed, revisions.c.example_id).limit(draw.k + more)
    first = ordered.with_only_columns(revisions.c.example_id, revisions.c.version, maintain_column_froms=True)
    rows = await fetch_all(engine, first)
    refs = [DrawnExample(example_id=row.example_id, version=row.version) for row in rows]
    return await load_shown_examples(engine, workspace_id, selection.dataset_id, refs)


async def load_shown_examples(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, refs: Sequence[DrawnExample]
) -> list[ShownExample]:
    """These examples at these versions, in this order. Raises Unprocessable for those missing or erased."""
    if not refs:
        return []
    query = select_example_texts(
        sa.select()
        .select_from(revisions)
        .join(
            examples,
            sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id),
        )
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == dataset_id,
            sa.or_(*[_is_ref(ref) for ref in refs]),
        )
    )
    rows = {(row.example_id, row.version): row for row in await fetch_all(engine, query)}
    faults = [
        Fault(pointer=f"/examples/{number}", detail="No such version of an example, or it was erased.", code="gone")
        for number, ref in enumerate(refs)
        if (row := rows.get((ref.example_id, ref.version))) is None or row.content is None
    ]
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    return [shown_example_from_row(rows[ref.example_id, ref.version]) for ref in refs]


def _is_ref(ref: DrawnExample) -> sa.ColumnElement[bool]:
    return sa.and_(revisions.c.example_id == ref.example_id, revisions.c.version == ref.version)


def select_example_texts(query: sa.Select[Any]) -> sa.Select[Any]:
    """Add the texts and fields that prompts read of an example to a query on revisions."""
    columns = (
        revisions.c.example_id,
        revisions.c.version,
        revisions.c.tags,
        examples.c.external_id,
        content_texts.c.body.label("content"),
        metadata_texts.c.body.label("metadata"),
    )
    return (
        query.outerjoin(content_texts, sa.and_(*_is_text_of(content_texts, revisions.c.content)))
        .outerjoin(metadata_texts, sa.and_(*_is_text_of(metadata_texts, revisions.c.metadata)))
        .with_only_columns(*columns, maintain_column_froms=True)
    )


def shown_example_from_row(row: Any) -> ShownExample:
    """From a row of `select_example_texts` whose content was not erased."""
    content = DECODER.decode(row.content)
    facts = build_facts(content, id_=row.example_id, external_id=row.external_id, tags=row.tags, metadata=row.metadata)
    ref = DrawnExample(example_id=row.example_id, version=row.version)
    return ShownExample(drawn=ref, facts=facts, answer=extract_answer(content))


def _is_text_of(table: Any, digest: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.workspace_id == revisions.c.workspace_id,
        table.c.subject == revisions.c.example_id,
        table.c.digest == digest,
    )
