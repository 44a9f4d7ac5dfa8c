"""Log, read and erase requests over HTTP, and set how long they are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request as HTTPRequest
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.errors import UnsupportedMediaType
from service.http.bodies import CARRIES_TEXTS, JSON, Reason
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.query_parameters import to_utc
from service.http.responses import build_response
from service.ledger.store import Caller, Ledger
from service.monitoring.requests import erasure, queries
from service.monitoring.requests.ingest import CallsRequest, log_batch, log_lines
from service.monitoring.requests.queries import RequestFilter
from service.monitoring.requests.schemas import (
    LoggedBatch,
    LoggedLines,
    LoggedRequest,
    LogRequests,
    RequestPage,
    RetentionSetting,
    SetRetention,
)
from service.monitoring.retention import domain as retention_domain
from service.monitoring.retention.domain import RETENTION, retention_stream_id
from service.monitoring.retention.queries import get_retention
from service.settings import Settings

Rating = Annotated[float | None, QueryParameter(ge=1, le=5, description="In stars.")]
CursorTime = Annotated[datetime, Meta(tz=True)]


@dataclass
class LinesOperation(OpenAPIOperation):
    """Describes the request body, which the handler reads as a stream."""

    def __post_init__(self) -> None:
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        description = "One call per line, each like an item of `requests` in `log_requests`; streamed."
        self.request_body = RequestBody(required=True, description=description, content={"application/x-ndjson": text})


@post(
    "/requests",
    operation_id="log_requests",
    opt=CARRIES_TEXTS,
    summary="Log up to 1,000 calls",
    guards=[require_scope("requests:write"), require_room("stored_bytes")],
    request_class=CallsRequest,
    status_code=200,
    tags=["production"],
)
async def log_requests(
    data: JSON[LogRequests], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[LoggedBatch]:
    """A refused call does not affect the others. A call with a `client_id` is logged once, however often it is sent.

    Calls are not events: they are kept for the workspace's retention, outside the log of events.
    """
    return build_response(await log_batch(ledger, caller, data))


@post(
    "/requests/import",
    operation_id="import_requests",
    operation_class=LinesOperation,
    summary="Log a file of calls",
    guards=[require_scope("requests:write"), require_room("stored_bytes")],
    status_code=200,
    request_max_body_size=None,
    opt={"streamed_body": True},
    tags=["production"],
)
async def import_requests(
    request: HTTPRequest[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
) -> LoggedLines:
    """One call per line, any number of lines. After a broken upload, send all again: a client id is logged once."""
    if request.content_type[0].startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise UnsupportedMediaType("Send the lines as application/x-ndjson, not as a form.")
    return await log_lines(ledger, caller, request.stream(), max_line_bytes=settings.json_body_limit)


@get(
    "/requests",
    operation_id="list_requests",
    summary="List logged requests",
    guards=[require_scope("requests:read")],
    tags=["production"],
)
async def list_requests(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    model_id: FromQuery[UUID | None] = None,
    version: Annotated[str | None, QueryParameter(pattern=r"^v[0-9]+\.[0-9]+$", max_length=100)] = None,
    since: Annotated[datetime | None, QueryParameter(description="Calls at this time or later, with its zone.")] = None,
    until: Annotated[datetime | None, QueryParameter(description="Calls before this time.")] = None,
    rating_gte: Rating = None,
    rating_lte: Rating = None,
    error: Annotated[bool | None, QueryParameter(description="Whether the call ended in an error.")] = None,
    valid: Annotated[bool | None, QueryParameter(description="Whether the output matched the task's schema.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RequestPage:
    """The latest call first. A rating filter finds only rated requests."""
    request_filter = RequestFilter(
        model_id=model_id,
        version=version,
        since=to_utc(since, pointer="?since"),
        until=to_utc(until, pointer="?until"),
        rating_gte=rating_gte,
        rating_lte=rating_lte,
        error=error,
        valid=valid,
    )
    last = decode_cursor(cursor, tuple[CursorTime, UUID])
    before = (to_utc(last[0], pointer="?cursor") or last[0], last[1]) if last else None
    rows, is_cut = await queries.list_requests(
        ledger.engine, caller.workspace_id, request_filter, before=before, limit=limit + 1
    )
    return page(RequestPage, rows, limit, key=lambda row: (row.at, row.id), is_cut=is_cut)


@get(
    "/requests/{request_id:uuid}",
    operation_id="get_request",
    summary="Read a logged request",
    guards=[require_scope("requests:read")],
    tags=["production"],
)
async def get_request(
    request_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> LoggedRequest:
    """With its feedback, and the examples made from it."""
    return await queries.get_request(ledger.engine, caller.workspace_id, request_id)


@delete(
    "/requests/{request_id:uuid}",
    operation_id="erase_request",
    summary="Erase a logged request",
    guards=[require_scope("requests:write")],
    tags=["production"],
)
async def erase_request(
    request_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    reason: Annotated[Reason | None, QueryParameter(max_length=2_000)] = None,
) -> None:
    """Deletes its texts and those of its feedback; its figures stay. Examples made from it are erased separately."""
    await erasure.erase_request(ledger, caller, request_id, reason=reason)


@get(
    "/requests/retention",
    operation_id="get_request_retention",
    summary="Read how long requests are kept",
    guards=[require_scope("requests:read")],
    tags=["production"],
)
async def get_request_retention(caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]) -> RetentionSetting:
    return RetentionSetting(days=(await get_retention(ledger.engine, caller.workspace_id)).days)


@put(
    "/requests/retention",
    operation_id="set_request_retention",
    summary="Set how long requests are kept",
    guards=[require_scope("requests:write")],
    tags=["production"],
)
async def set_request_retention(
    data: JSON[SetRetention], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> RetentionSetting:
    """Older requests are deleted within the hour, with their texts; their feedback and examples stay."""
    await ledger.change(
        RETENTION,
        retention_stream_id(caller.workspace_id),
        lambda current: retention_domain.change_retention(current, days=data.days, reason=data.reason),
        caller=caller,
    )
    return RetentionSetting(days=data.days)


router = Router(
    path="/",
    route_handlers=[
        log_requests,
        import_requests,
        list_requests,
        get_request,
        erase_request,
        get_request_retention,
        set_request_retention,
    ],
)
