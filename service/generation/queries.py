"""Queries on generations, candidates and documents."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all, fetch_column
from service.datasets.examples.chat_content import DECODER, get_question
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, select_revisions, with_content
from service.datasets.filters.selection import Selection
from service.errors import NotFound
from service.generation.candidates.domain import CandidateStatus
from service.generation.projection import candidates, documents, generations
from service.ledger.tables import contents

PAGE = 500
metadata_contents = contents.alias("candidate_metadata")


class CandidateFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Candidates that meet all of these conditions; absent ones are ignored."""

    run_id: UUID | None = None
    """Only candidates of this run."""
    topic_id: UUID | None = None
    """Only candidates about this topic."""
    document_id: UUID | None = None
    """Only candidates from this document."""
    score_gte: float | None = None
    """Only candidates that the judge scored at least this high, 1 to 5."""


async def list_generations(
    engine: AsyncEngine, workspace_id: UUID, *, dataset_id: UUID | None, before: UUID | None, limit: int
) -> Sequence[UUID]:
    """Ids, newest first."""
    query = sa.select(generations.c.id).where(generations.c.workspace_id == workspace_id)
    if dataset_id is not None:
        query = query.where(generations.c.dataset_id == dataset_id)
    if before is not None:
        query = query.where(generations.c.id < before)
    return await fetch_column(engine, query.order_by(generations.c.id.desc()).limit(limit))


async def list_candidates(
    engine: AsyncEngine,
    workspace_id: UUID,
    generation_id: UUID,
    *,
    state: CandidateStatus | None,
    matching: CandidateFilter,
    after: int | None,
    limit: int,
) -> Sequence[Any]:
    """Oldest first, each with its texts (`body`, `meta`; null if there is none or it was erased)."""
    query = _select_with_texts(workspace_id).where(
        candidates.c.generation_id == generation_id, *_build_conditions(matching)
    )
    if state is not None:
        query = query.where(candidates.c.state == state)
    if after is not None:
        query = query.where(candidates.c.seq > after)
    query = query.order_by(candidates.c.seq).limit(limit)
    return await fetch_all(engine, limit_page_bytes(query, "body", "meta"))


async def get_candidate(engine: AsyncEngine, workspace_id: UUID, candidate_id: UUID) -> Any:
    """Raises NotFound."""
    rows = await fetch_all(engine, _select_with_texts(workspace_id).where(candidates.c.id == candidate_id))
    if not rows:
        raise NotFound(f"No such candidate: {candidate_id}.")
    return rows[0]


async def find_proposed(
    engine: AsyncEngine, workspace_id: UUID, generation_id: UUID, matching: CandidateFilter, *, limit: int
) -> tuple[list[UUID], int]:
    """The first `limit` ids of matching candidates that are proposed, and how many match in all."""
    in_generation = (candidates.c.workspace_id == workspace_id, candidates.c.generation_id == generation_id)
    query = sa.select(candidates.c.id).where(
        *in_generation, candidates.c.state == "proposed", *_build_conditions(matching)
    )
    async with autocommit(engine).connect() as connection:
        ids = (await connection.execute(query.order_by(candidates.c.seq).limit(limit))).scalars().all()
        number = (await connection.execute(sa.select(sa.func.count()).select_from(query.subquery()))).scalar_one()
    return list(ids), number


async def find_existing(engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that exist."""
    query = sa.select(candidates.c.id).where(
        candidates.c.workspace_id == workspace_id,
        candidates.c.id == sa.func.any(sa.cast(list(ids), ARRAY(sa.Uuid))),
    )
    return set(await fetch_column(engine, query))


async def count_candidates(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> dict[str, Any]:
    """How many candidates a run has made, by state and by the code of those dropped or failed."""
    query = (
        sa.select(candidates.c.state, candidates.c.code, sa.func.count())
        .where(candidates.c.workspace_id == workspace_id, candidates.c.run_id == run_id)
        .group_by(candidates.c.state, candidates.c.code)
        .order_by(candidates.c.state, candidates.c.code)
    )
    counts = {"proposed": 0, "dropped": 0, "failed": 0}
    reasons: dict[str, int] = {}
    for state, code, number in await fetch_all(engine, query):
        # An accepted or rejected candidate was proposed first.
        counts[state if state in counts else "proposed"] += number
        if code is not None:
            reasons[code] = reasons.get(code, 0) + number
    return {"candidates": sum(counts.values()), **counts, "reasons": reasons}


async def iterate_dataset_inputs(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection
) -> AsyncIterator[list[tuple[UUID, str]]]:
    """Ids and inputs of the selected examples, a page at a time."""
    after: UUID | None = None
    while True:
        query = with_content(select_revisions(workspace_id, selection)).with_only_columns(
            revisions.c.example_id, content_texts.c.body, maintain_column_froms=True
        )
        query = query if after is None else query.where(revisions.c.example_id > after)
        rows = await fetch_all(engine, query.order_by(revisions.c.example_id).limit(PAGE))
        yield [(row.example_id, get_question(DECODER.decode(row.body)) or "") for row in rows if row.body is not None]
        if len(rows) < PAGE:
            return
        after = rows[-1].example_id


async def iterate_candidate_inputs(
    engine: AsyncEngine, workspace_id: UUID, generation_id: UUID, *, seq: int
) -> AsyncIterator[list[tuple[UUID, str]]]:
    """Ids and inputs of candidates proposed up to `seq` and not rejected since, a page at a time."""
    after = 0
    while True:
        query = _select_with_texts(workspace_id).where(
            candidates.c.generation_id == generation_id,
            candidates.c.state.in_(("proposed", "accepted")),
            candidates.c.seq <= seq,
            candidates.c.seq > after,
        )
        rows = await fetch_all(engine, query.order_by(candidates.c.seq).limit(PAGE))
        yield [(row.id, get_question(DECODER.decode(row.body)) or "") for row in rows if row.body is not None]
        if len(rows) < PAGE:
            return
        after = rows[-1].seq


async def load_example_contents(
    engine: AsyncEngine, workspace_id: UUID, versions: Mapping[UUID, int]
) -> dict[UUID, bytes]:
    """Contents of these examples at these versions, by id; erased ones are left out."""
    if not versions:
        return {}
    is_version = [sa.and_(revisions.c.example_id == id_, revisions.c.version == n) for id_, n in versions.items()]
    query = with_content(sa.select().select_from(revisions)).where(
        revisions.c.workspace_id == workspace_id, sa.or_(*is_version), content_texts.c.body.is_not(None)
    )
    rows = await fetch_all(
        engine, query.with_only_columns(revisions.c.example_id, content_texts.c.body, maintain_column_froms=True)
    )
    return {row.example_id: row.body for row in rows}


async def list_documents(
    engine: AsyncEngine, workspace_id: UUID, generation_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[Any]:
    query = sa.select(documents).where(
        documents.c.workspace_id == workspace_id, documents.c.generation_id == generation_id
    )
    query = query if after is None else query.where(documents.c.id > after)
    return await fetch_all(engine, query.order_by(documents.c.id).limit(limit))


async def get_document(engine: AsyncEngine, workspace_id: UUID, document_id: UUID) -> Any:
    """Raises NotFound."""
    query = sa.select(documents).where(documents.c.workspace_id == workspace_id, documents.c.id == document_id)
    rows = await fetch_all(engine, query)
    if not rows:
        raise NotFound(f"No such document: {document_id}.")
    return rows[0]


async def load_document_texts(
    engine: AsyncEngine, workspace_id: UUID, generation_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, Any]:
    """Documents of the generation by id, each with its text (`body`; null if there is none or it was erased)."""
    is_text = sa.and_(
        contents.c.workspace_id == documents.c.workspace_id,
        contents.c.subject == documents.c.id,
        contents.c.digest == documents.c.text,
    )
    query = (
        sa.select(documents, contents.c.body)
        .outerjoin(contents, is_text)
        .where(
            documents.c.workspace_id == workspace_id,
            documents.c.generation_id == generation_id,
            documents.c.id == sa.func.any(sa.cast(list(ids), ARRAY(sa.Uuid))),
        )
    )
    return {row.id: row for row in await fetch_all(engine, query)}


def _build_conditions(matching: CandidateFilter) -> list[sa.ColumnElement[bool]]:
    document_id = sa.cast(candidates.c.document["document_id"].astext, sa.Uuid)
    conditions: list[sa.ColumnElement[bool] | None] = [
        None if matching.run_id is None else candidates.c.run_id == matching.run_id,
        None if matching.topic_id is None else candidates.c.topic_id == matching.topic_id,
        None if matching.document_id is None else document_id == matching.document_id,
        None if matching.score_gte is None else candidates.c.score >= matching.score_gte,
    ]
    return [condition for condition in conditions if condition is not None]


def _select_with_texts(workspace_id: UUID) -> sa.Select[Any]:
    def is_text(table: Any, digest: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(
            table.c.workspace_id == candidates.c.workspace_id,
            table.c.subject == candidates.c.subject,
            table.c.digest == digest,
        )

    return (
        sa.select(candidates, contents.c.body, metadata_contents.c.body.label("meta"))
        .outerjoin(contents, is_text(contents, candidates.c.content))
        .outerjoin(metadata_contents, is_text(metadata_contents, candidates.c.metadata))
        .where(candidates.c.workspace_id == workspace_id)
    )
