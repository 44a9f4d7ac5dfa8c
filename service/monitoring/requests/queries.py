"""Read logged requests: one, several by id, or a page; and the examples made from one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import is_cut, limit_page_bytes
from service.database.rows import fetch_all
from service.datasets.examples.projection import REQUEST_ID, examples
from service.errors import NotFound
from service.ledger.tables import contents
from service.monitoring.money import format_units
from service.monitoring.requests.identities import MILLISECOND, time_of
from service.monitoring.requests.projection import feedback
from service.monitoring.requests.request_tables import TIME, requests, texts
from service.monitoring.requests.schemas import CallError, CostPaid, LoggedRequest, PromotedTo, RequestFeedback

comment = contents.alias("comment")
correction = contents.alias("correction")
made_from = sa.literal_column(REQUEST_ID, sa.Text)
_IS_TEXTS_OF = sa.and_(
    texts.c.workspace_id == requests.c.workspace_id, texts.c.at == requests.c.at, texts.c.id == requests.c.id
)
FEEDBACK_COLUMNS = ("stars", "thumbs", "rating", "given_by", "given_at")


class RequestFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests to list; None matches all. `since` is inclusive, `until` exclusive."""

    model_id: UUID | None = None
    version: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    rating_gte: float | None = None
    rating_lte: float | None = None
    error: bool | None = None
    valid: bool | None = None
    q: str | None = None
    metadata: dict[str, Any] | None = None


async def get_request(engine: AsyncEngine, workspace_id: UUID, request_id: UUID) -> LoggedRequest:
    """Load one request. Raises NotFound, also once retention has deleted it."""
    rows = await get_requests(engine, workspace_id, [request_id])
    if not rows:
        raise NotFound(f"No such request: {request_id}.")
    return rows[0]


async def get_requests(engine: AsyncEngine, workspace_id: UUID, request_ids: Sequence[UUID]) -> list[LoggedRequest]:
    """Load requests by id, in no order; unknown ids are left out."""
    query = _select_requests(workspace_id).join(_ids_with_time(request_ids), sa.true()).where(_is_in_its_month())
    return [_build_request(row) for row in await fetch_all(engine, query)]


async def list_requests(
    engine: AsyncEngine,
    workspace_id: UUID,
    request_filter: RequestFilter,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[list[LoggedRequest], bool]:
    """List a page of requests, the latest call first, and say whether it was cut by its bytes."""
    page = sa.select(requests.c.at, requests.c.id).where(
        requests.c.workspace_id == workspace_id, *_build_conditions(request_filter)
    )
    if request_filter.rating_gte is not None or request_filter.rating_lte is not None:
        page = page.join(feedback, _is_of_request(feedback))
    if request_filter.q is not None or request_filter.metadata is not None:
        page = page.join(texts, _IS_TEXTS_OF).where(*_build_text_conditions(request_filter))
    if before is not None:
        # The first condition is redundant, but lets Postgres skip partitions.
        page = page.where(requests.c.at <= before[0], sa.tuple_(requests.c.at, requests.c.id) < sa.tuple_(*before))
    page_keys = page.order_by(requests.c.at.desc(), requests.c.id.desc()).limit(limit).subquery("page_keys")
    query = (
        _select_requests(workspace_id)
        .join(page_keys, sa.and_(requests.c.at == page_keys.c.at, requests.c.id == page_keys.c.id))
        .order_by(requests.c.at.desc(), requests.c.id.desc())
    )
    rows = await fetch_all(engine, limit_page_bytes(query, "input", "output", "tool_calls", "metadata", "tools"))
    return [_build_request(row) for row in rows], is_cut(rows)


async def list_examples_of(engine: AsyncEngine, workspace_id: UUID, request_id: UUID) -> Sequence[Any]:
    """List the examples that were made from a request, the first one first."""
    query = (
        sa.select(examples.c.id, examples.c.created_at, examples.c.created_by)
        .where(examples.c.workspace_id == workspace_id, made_from == str(request_id))
        .order_by(examples.c.created_at, examples.c.id)
    )
    return await fetch_all(engine, query)


def _build_conditions(by: RequestFilter) -> list[sa.ColumnElement[bool]]:
    failed = requests.c.error_code.is_not(None)
    conditions: list[sa.ColumnElement[bool] | None] = [
        None if by.model_id is None else requests.c.model_id == by.model_id,
        None if by.version is None else requests.c.model_version == by.version,
        None if by.since is None else requests.c.at >= by.since,
        None if by.until is None else requests.c.at < by.until,
        None if by.rating_gte is None else feedback.c.rating >= by.rating_gte,
        None if by.rating_lte is None else feedback.c.rating <= by.rating_lte,
        None if by.error is None else failed if by.error else sa.not_(failed),
        None if by.valid is None else requests.c.valid.is_(by.valid),
    ]
    return [condition for condition in conditions if condition is not None]


def _build_text_conditions(by: RequestFilter) -> list[sa.ColumnElement[bool]]:
    needle = msgspec.json.encode(by.q or "").decode()[1:-1]  # as it stands in a text, which is JSON
    is_like = [column.icontains(needle, autoescape=True) for column in (texts.c.input, texts.c.output)]
    conditions = [sa.or_(*is_like)]
    return conditions if by.metadata is None else [*conditions, sa.cast(texts.c.metadata, JSONB).contains(by.metadata)]


def _ids_with_time(request_ids: Sequence[UUID]) -> Any:
    """A table of the ids with their milliseconds, which lead to the partition and the index entry."""
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
    pair = sa.func.json_build_object("dataset_id", examples.c.dataset_id, "example_id", examples.c.id)
    pairs = sa.func.json_agg(aggregate_order_by(pair, examples.c.created_at, examples.c.id))
    is_made = (examples.c.workspace_id == requests.c.workspace_id, made_from == sa.cast(requests.c.id, sa.Text))
    made = sa.select(pairs).where(*is_made).scalar_subquery()
    return (
        sa.select(
            requests,
            *[texts.c[name] for name in ("input", "output", "tool_calls", "error", "metadata", "tools")],
            *[feedback.c[name] for name in FEEDBACK_COLUMNS],
            comment.c.body.label("comment"),
            correction.c.body.label("correction"),
            sa.cast(made, sa.Text).label("examples"),
        )
        .select_from(requests)
        .outerjoin(texts, _IS_TEXTS_OF)
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


def _build_request(row: Any) -> LoggedRequest:
    """Build the struct; texts that are stored as JSON are sent unchanged."""
    columns = ("id", "client_id", "at", "model_id", "alias", "valid", "latency_ms", "input_tokens", "output_tokens")
    more_columns = ("user_hash", "logged_by", "received_at", "erased_at", "finish_reason", "cached_tokens")
    provider_columns = ("reasoning_tokens", "provider_request_id")
    return LoggedRequest(
        **{name: getattr(row, name) for name in (*columns, *more_columns, *provider_columns)},
        version=row.model_version,
        cost=None if row.cost is None else CostPaid(amount=format_units(row.cost), currency=row.currency),
        error=_build_error(row),
        **{name: _to_raw(getattr(row, name)) for name in ("input", "output", "tool_calls", "metadata", "tools")},
        feedback=_build_feedback(row),
        examples=msgspec.json.decode(row.examples or "[]", type=list[PromotedTo]),
    )


def _build_error(row: Any) -> CallError | None:
    if row.error_code is None:
        return None
    return CallError(code=row.error_code, message=_decode(row.error), provider_code=row.provider_code)


def _build_feedback(row: Any) -> RequestFeedback | None:
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
