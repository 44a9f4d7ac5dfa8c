"""Logged requests over HTTP: log them, read them, erase one, and say how long they are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
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
from service.errors import Fault, Invalid, UnsupportedMediaType
from service.http.bodies import JSON, Body, Reason
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import build_response
from service.ledger.store import Caller, Ledger
from service.monitoring.requests import erasure, queries
from service.monitoring.requests.ingest import CallsRequest, log_batch, log_lines
from service.monitoring.requests.projection import get_retention
from service.monitoring.requests.queries import RequestFilter
from service.monitoring.requests.schemas import (
    LoggedBatch,
    LoggedLines,
    LoggedRequest,
    LogRequests,
    RequestPage,
    RetentionSetting,
)
from service.monitoring.retention import domain as retention_domain
from service.monitoring.retention.domain import MAX_DAYS, RETENTION, retention_stream_id
from service.settings import Settings

Rating = Annotated[float | None, QueryParameter(ge=1, le=5, description="In stars.")]
CursorTime = Annotated[datetime, Meta(tz=True)]


class SetRetention(Body):
    """Null keeps requests until they are erased."""

    days: Annotated[int, Meta(ge=1, le=MAX_DAYS, description="Counted from the call.")] | None
    """Days to keep a request, counted from the call; null keeps it until it is erased."""
    reason: Reason | None = None
    """Why, for the history."""


@dataclass
class LinesOperation(OpenAPIOperation):
    """The route reads its body itself, so the document is told of it here."""

    def __post_init__(self) -> None:
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        description = "A call a line, each as one of `requests` in `log_requests`; streamed."
        self.request_body = RequestBody(required=True, description=description, content={"application/x-ndjson": text})


@post(
    "/requests",
    operation_id="log_requests",
    summary="Log up to 1,000 calls",
    guards=[require_scope("requests:write")],
    request_class=CallsRequest,
    status_code=200,
    tags=["production"],
)
async def log_requests(
    data: JSON[LogRequests], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[LoggedBatch]:
    """Calls that are refused do not keep the others out. A call with a `client_id` is logged once, however often sent.

    They are telemetry: no event records them, and they are kept as long as the workspace's retention says.
    """
    return build_response(await log_batch(ledger, caller, data))


@post(
    "/requests/import",
    operation_id="import_requests",
    operation_class=LinesOperation,
    summary="Log a file of calls",
    guards=[require_scope("requests:write")],
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
    """A call a line, of any length. Calls are kept as they come: where it breaks off, send it again with client ids."""
    if request.content_type[0].startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise UnsupportedMediaType("Send the lines themselves as application/x-ndjson, not a form.")
    return await log_lines(ledger, caller, request.stream(), longest=settings.json_body_limit)


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
    since: Annotated[datetime | None, QueryParameter(description="Calls at this time or later.")] = None,
    until: Annotated[datetime | None, QueryParameter(description="Calls before this time.")] = None,
    rating_gte: Rating = None,
    rating_lte: Rating = None,
    error: Annotated[bool | None, QueryParameter(description="Those that ended in an error, or the others.")] = None,
    valid: Annotated[bool | None, QueryParameter(description="By the task's schema for outputs.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RequestPage:
    """The latest call first. A filter by rating finds those that were rated."""
    wanted = RequestFilter(
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
    rows = await queries.list_requests(ledger.engine, caller.workspace_id, wanted, before=before, limit=limit + 1)
    return page(RequestPage, rows, limit, key=lambda row: (row.at, row.id))


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
    """With its feedback, and the examples that were made of it."""
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
    """Its texts go, and those of its feedback; figures stay as a tombstone. Examples made of it are erased apart."""
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
    """Older ones are deleted within the hour, with their texts; their feedback and their examples stay."""
    await ledger.change(
        RETENTION,
        retention_stream_id(caller.workspace_id),
        lambda now: retention_domain.change_retention(now, days=data.days, reason=data.reason),
        caller=caller,
    )
    return RetentionSetting(days=data.days)


def to_utc(time: datetime | None, *, pointer: str) -> datetime | None:
    """A time that names no offset is taken as UTC. Raises Invalid where that is in no year of the calendar."""
    try:
        return time if time is None else (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        detail = "This time is out of range."
        raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)]) from error


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
