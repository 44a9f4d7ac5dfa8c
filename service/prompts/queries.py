"""Queries on prompts, their versions and label moves."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.errors import NotFound
from service.ledger.tables import contents
from service.ledger.texts import SubjectTexts
from service.prompts.labels.domain import LABEL
from service.prompts.projection import label_moves, prompt_versions, prompts

MAX_VERSION_NUMBER = 2**31 - 1


async def list_prompts(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    name: str | None,
    task_id: UUID | None,
    archived: bool | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """Oldest first. None matches all."""
    query = sa.select(prompts).where(prompts.c.workspace_id == workspace_id).order_by(prompts.c.id).limit(limit)
    if name is not None:
        query = query.where(prompts.c.name == name)
    if task_id is not None:
        query = query.where(prompts.c.task_id == task_id)
    if archived is not None:
        query = query.where(prompts.c.archived_at.is_not(None) == archived)
    return await fetch_all(engine, query if after is None else query.where(prompts.c.id > after))


async def list_versions(
    engine: AsyncEngine, workspace_id: UUID, prompt_id: UUID, *, before: int | None, limit: int
) -> Sequence[Any]:
    """Newest first."""
    query = _select_versions(workspace_id, prompt_id).order_by(prompt_versions.c.number.desc()).limit(limit)
    return await fetch_all(engine, query if before is None else query.where(prompt_versions.c.number < before))


async def get_version(engine: AsyncEngine, workspace_id: UUID, prompt_id: UUID, number: int) -> Any:
    """Raises NotFound."""
    is_possible = 0 < number <= MAX_VERSION_NUMBER
    query = _select_versions(workspace_id, prompt_id).where(prompt_versions.c.number == number)
    rows = await fetch_all(engine, query) if is_possible else ()
    if not rows:
        raise NotFound(f"The prompt has no version {number}.")
    return rows[0]


async def list_moves(
    engine: AsyncEngine, workspace_id: UUID, prompt_id: UUID, label: str, *, before: int | None, limit: int
) -> Sequence[Any]:
    """Newest first. Raises NotFound for an unknown label."""
    own = (label_moves.c.workspace_id == workspace_id, label_moves.c.prompt_id == prompt_id)
    query = sa.select(label_moves).where(*own, label_moves.c.label == label)
    query = query.order_by(label_moves.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(label_moves.c.seq < before)
    rows = await fetch_all(engine, query) if LABEL.fullmatch(label) else ()
    if not rows and before is None:
        raise NotFound(f"The prompt has no label {label[:100]}.")
    return rows


async def load_subject_texts(engine: AsyncEngine, workspace_id: UUID, subject: UUID) -> SubjectTexts:
    """All texts of a prompt, or of another subject. Erased ones are left out."""
    query = sa.select(contents.c.digest, contents.c.salt, contents.c.body).where(
        contents.c.workspace_id == workspace_id, contents.c.subject == subject
    )
    rows = await fetch_all(engine, query)
    return SubjectTexts(subject, {bytes(row.digest).hex(): (bytes(row.salt), bytes(row.body)) for row in rows})


def _select_versions(workspace_id: UUID, prompt_id: UUID) -> sa.Select[Any]:
    """Versions with their texts, as bytes of JSON; null once erased."""
    is_version_text = sa.and_(
        contents.c.workspace_id == prompt_versions.c.workspace_id,
        contents.c.subject == prompt_versions.c.prompt_id,
        contents.c.digest == prompt_versions.c.texts,
    )
    return (
        sa.select(prompt_versions, contents.c.body)
        .outerjoin(contents, is_version_text)
        .where(prompt_versions.c.workspace_id == workspace_id, prompt_versions.c.prompt_id == prompt_id)
    )
