"""Sample the texts that a report reads in full: a month's inputs, training inputs, and failed requests."""

from collections import OrderedDict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.chat_content import decode, get_prompt
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, select_revisions, with_content
from service.datasets.filters.selection import Selection
from service.datasets.projection import DatasetVersionRow
from service.monitoring.reports.clusters import FailedRequest, FailureWay
from service.monitoring.reports.monthly_stats import is_in_month
from service.monitoring.reports.ngrams import extract_user_text
from service.monitoring.requests.domain import LOW_RATING
from service.monitoring.requests.projection import feedback
from service.monitoring.requests.request_tables import requests, texts

SAMPLE_TEXTS = 1_000
MAX_FAILED = 1_000
MAX_CACHED = 64
IS_FAILED = sa.or_(requests.c.error_code.is_not(None), requests.c.valid.is_(False))

# A cache that never goes stale: a frozen version does not change.
_training_inputs: OrderedDict[tuple[UUID, str, str | None], list[str]] = OrderedDict()


async def sample_inputs(
    engine: AsyncEngine, workspace_id: UUID, model_id: UUID, month: datetime, *, version: str, total: int
) -> list[str]:
    """About a thousand of the version's `total` inputs, chosen and ordered by the random bits of their ids."""
    query = (
        sa.select(texts.c.input)
        .select_from(requests)
        .join(texts, _is_own_text())
        .where(*is_in_month(requests, workspace_id, model_id, month), requests.c.model_version == version)
        .where(_random_bits(requests.c.id) < _sample_limit(total))
        .order_by(_random_bits(requests.c.id))
        .limit(SAMPLE_TEXTS)
    )
    return [extract_user_text(msgspec.json.decode(row.input)) for row in await fetch_all(engine, query)]


async def sample_training_inputs(
    engine: AsyncEngine, workspace_id: UUID, frozen: DatasetVersionRow, *, split: Any
) -> list[str]:
    """About two thousand inputs of a frozen version's split: half of them are for the baseline."""
    key = (workspace_id, f"{frozen.dataset_id} {frozen.digest}", split)
    if key not in _training_inputs:
        _training_inputs[key] = await _read_training_inputs(engine, workspace_id, frozen, split)
        while len(_training_inputs) > MAX_CACHED:
            _training_inputs.popitem(last=False)
    return _training_inputs[key]


async def _read_training_inputs(
    engine: AsyncEngine, workspace_id: UUID, frozen: DatasetVersionRow, split: Any
) -> list[str]:
    selection: Selection = frozen.selection(split)
    total = frozen.splits.get(split, frozen.examples) if split else frozen.examples
    bits = _random_bits(revisions.c.example_id)
    query = (
        with_content(select_revisions(workspace_id, selection))
        .with_only_columns(content_texts.c.body, maintain_column_froms=True)
        .where(bits < 2 * _sample_limit(total), content_texts.c.body.is_not(None))
        .order_by(bits)
        .limit(2 * SAMPLE_TEXTS)
    )
    prompts = [get_prompt(decode(bytes(row.body))) for row in await fetch_all(engine, query)]
    return [extract_user_text(msgspec.to_builtins(prompt)) for prompt in prompts]


async def list_failed(engine: AsyncEngine, workspace_id: UUID, model_id: UUID, month: datetime) -> list[FailedRequest]:
    """The latest thousand requests with an error, an invalid output or a low rating."""
    conditions = is_in_month(requests, workspace_id, model_id, month)
    failed = sa.select(requests.c.at, requests.c.id).where(*conditions, IS_FAILED)
    feedback_month = is_in_month(feedback, workspace_id, model_id, month)
    rated_low = sa.select(feedback.c.at, feedback.c.request_id.label("id")).where(
        *feedback_month, feedback.c.rating <= LOW_RATING
    )
    parts = [part.order_by(part.selected_columns.at.desc()).limit(MAX_FAILED) for part in (failed, rated_low)]
    latest = sa.union(*[sa.select(part.subquery()) for part in parts]).subquery("latest")
    columns = (requests.c.id, requests.c.model_version, requests.c.error_code, requests.c.valid, feedback.c.rating)
    has_feedback = sa.and_(feedback.c.workspace_id == requests.c.workspace_id, feedback.c.request_id == requests.c.id)
    query = (
        sa.select(*columns, texts.c.input)
        .select_from(latest)
        .join(requests, sa.and_(requests.c.at == latest.c.at, requests.c.id == latest.c.id))
        .join(texts, _is_own_text())
        .outerjoin(feedback, has_feedback)
        .where(*conditions)
        .order_by(requests.c.at.desc(), requests.c.id.desc())
        .limit(MAX_FAILED)
    )
    return [_build_failed_request(row) for row in await fetch_all(engine, query)]


def _build_failed_request(row: Any) -> FailedRequest:
    ways: list[tuple[FailureWay, bool]] = [
        ("error", row.error_code is not None),
        ("invalid", row.valid is False),
        ("low_rating", row.rating is not None and row.rating <= LOW_RATING),
    ]
    return FailedRequest(
        id=row.id,
        version=row.model_version,
        text=extract_user_text(msgspec.json.decode(row.input)),
        ways=tuple(way for way, applies in ways if applies),
        code=row.error_code,
    )


def _is_own_text() -> sa.ColumnElement[bool]:
    return sa.and_(
        texts.c.workspace_id == requests.c.workspace_id, texts.c.at == requests.c.at, texts.c.id == requests.c.id
    )


def _random_bits(id_: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """The last sixteen bits of a UUIDv7, which are random."""
    octets = sa.func.uuid_send(id_)
    return sa.func.get_byte(octets, 14, type_=sa.Integer) * 256 + sa.func.get_byte(octets, 15, type_=sa.Integer)


def _sample_limit(total: int) -> int:
    """The bound on the random bits that leaves a few more than a sample of `total` rows."""
    return -(-65_536 * (SAMPLE_TEXTS + 200) // max(total, 1))
