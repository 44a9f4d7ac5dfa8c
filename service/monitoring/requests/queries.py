"""Reading logged requests: one, several by their ids, or a page, the latest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.errors import NotFound
from service.ledger.tables import contents
from service.monitoring.money import format_units
from service.monitoring.requests.identities import MILLISECOND, time_of
from service.monitoring.requests.projection import feedback, promotions
from service.monitoring.requests.request_tables import TIME, requests, texts
from service.monitoring.requests.schemas import CallError, CostPaid, LoggedRequest, PromotedTo, RequestFeedback

comment = contents.alias("comment")
correction = contents.alias("correction")
FEEDBACK_COLUMNS = ("stars", "thumbs", "rating", "given_by", "given_at")


class RequestFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests; what is None does not matter. Calls of [since, until); `error`: those with or without one."""

    model_id: UUID | None = None
    version: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    rating_gte: float | None = None
    rating_lte: float | None = None
    error: bool | None = None
    valid: bool | None = None


async def get_request(engine: AsyncEngine, workspace_id: UUID, request_id: UUID) -> LoggedRequest:
    """Load one request. Raises NotFound, also once retention has deleted it."""
    rows = await get_requests(engine, workspace_id, [request_id])
    if not rows:
        raise NotFound(f"No such request: {request_id}.")
    return rows[0]


async def get_requests(engine: AsyncEngine, workspace_id: UUID, request_ids: Sequence[UUID]) -> list[LoggedRequest]:
    """Those of the ids that there are, in no order."""
    query = _select_requests(workspace_id).join(_ids_with_time(request_ids), sa.true()).where(_is_in_its_month())
    return [_request_from_row(row) for row in await fetch_all(engine, query)]


async def list_requests(
    engine: AsyncEngine, workspace_id: UUID, wanted: RequestFilter, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[LoggedRequest]:
    """The latest first."""
    page = sa.select(requests.c.at, requests.c.id).where(
        requests.c.workspace_id == workspace_id, *_build_conditions(wanted)
    )
    if wanted.rating_gte is not None or wanted.rating_lte is not None:
        page = page.join(feedback, _is_of_request(feedback))
    if before is not None:
        # The first says the same again with less, but in a form by which months are left out.
        page = page.where(requests.c.at <= before[0], sa.tuple_(requests.c.at, requests.c.id) < sa.tuple_(*before))
    chosen = page.order_by(requests.c.at.desc(), requests.c.id.desc()).limit(limit).subquery("chosen")
    query = (
        _select_requests(workspace_id)
        .join(chosen, sa.and_(requests.c.at == chosen.c.at, requests.c.id == chosen.c.id))
        .order_by(requests.c.at.desc(), requests.c.id.desc())
    )
    return [_request_from_row(row) for row in await fetch_all(engine, query)]


def _build_conditions(wanted: RequestFilter) -> list[sa.ColumnElement[bool]]:
    failed = requests.c.error_code.is_not(None)
    found: list[sa.ColumnElement[bool] | None] = [
        None if wanted.model_id is None else requests.c.model_id == wanted.model_id,
        None if wanted.version is None else requests.c.model_version == wanted.version,
        None if wanted.since is None else requests.c.at >= wanted.since,
        None if wanted.until is None else requests.c.at < wanted.until,
        None if wanted.rating_gte is None else feedback.c.rating >= wanted.rating_gte,
        None if wanted.rating_lte is None else feedback.c.rating <= wanted.rating_lte,
        None if wanted.error is None else failed if wanted.error else sa.not_(failed),
        None if wanted.valid is None else requests.c.valid.is_(wanted.valid),
    ]
    return [condition for condition in found if condition is not None]


def _ids_with_time(request_ids: Sequence[UUID]) -> Any:
    """The ids with the millisecond of each, which leads to its month and its place in the index."""
    known = [(id_, at) for id_ in request_ids if (at := time_of(id_)) is not None]
    arrays = (
        sa.cast([id_ for id_, _ in known], ARRAY(sa.Uuid)),
        sa.cast([at for _, at in known], ARRAY(TIME)),
    )
    columns = (sa.column("id", sa.Uuid), sa.column("low", TIME))
    return sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="named")


def _is_in_its_month() -> sa.ColumnElement[bool]:
    id_, low = sa.literal_column("named.id", sa.Uuid), sa.literal_column("named.low", TIME)
    return sa.and_(requests.c.id == id_, requests.c.at >= low, requests.c.at < low + sa.literal(MILLISECOND))


def _select_requests(workspace_id: UUID) -> sa.Select[Any]:
    own = sa.and_(
        texts.c.workspace_id == requests.c.workspace_id, texts.c.at == requests.c.at, texts.c.id == requests.c.id
    )
    pair = sa.func.json_build_object("dataset_id", promotions.c.dataset_id, "example_id", promotions.c.example_id)
    pairs = sa.func.json_agg(aggregate_order_by(pair, promotions.c.promoted_at))
    made = sa.select(pairs).where(_is_of_request(promotions)).scalar_subquery()
    return (
        sa.select(
            requests,
            *[texts.c[name] for name in ("input", "output", "tool_calls", "error", "metadata")],
            *[feedback.c[name] for name in FEEDBACK_COLUMNS],
            comment.c.body.label("comment"),
            correction.c.body.label("correction"),
            sa.cast(made, sa.Text).label("examples"),
        )
        .select_from(requests)
        .outerjoin(texts, own)
        .outerjoin(feedback, _is_of_request(feedback))
        .outerjoin(comment, _is_text_of(comment, feedback.c.comment))
        .outerjoin(correction, _is_text_of(correction, feedback.c.correction))
        .where(requests.c.workspace_id == workspace_id)
    )


def _is_of_request(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.workspace_id == requests.c.workspace_id, table.c.request_id == requests.c.id)


def _is_text_of(text: Any, digest: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        text.c.workspace_id == requests.c.workspace_id, text.c.subject == requests.c.id, text.c.digest == digest
    )


def _request_from_row(row: Any) -> LoggedRequest:
    """What is JSON already goes out as it is."""
    same = ("id", "client_id", "at", "model_id", "alias", "valid", "latency_ms", "input_tokens", "output_tokens")
    envelope = ("user_hash", "logged_by", "received_at", "erased_at")
    return LoggedRequest(
        **{name: getattr(row, name) for name in (*same, *envelope)},
        version=row.model_version,
        cost=None if row.cost is None else CostPaid(amount=format_units(row.cost), currency=row.currency),
        error=None if row.error_code is None else CallError(code=row.error_code, message=_decode(row.error)),
        **{name: _to_raw(getattr(row, name)) for name in ("input", "output", "tool_calls", "metadata")},
        feedback=_feedback_from_row(row),
        examples=msgspec.json.decode(row.examples or "[]", type=list[PromotedTo]),
    )


def _feedback_from_row(row: Any) -> RequestFeedback | None:
    if row.given_at is None:
        return None
    return RequestFeedback(
        **{name: getattr(row, name) for name in ("stars", "thumbs", "rating")},
        comment=_to_text(row.comment),
        correction=_to_text(row.correction),
        by=row.given_by,
        at=row.given_at,
    )


def _to_raw(text: str | None) -> Any:
    return None if text is None else msgspec.Raw(text.encode())


def _decode(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def _to_text(body: bytes | None) -> str | None:
    return None if body is None else bytes(body).decode()
