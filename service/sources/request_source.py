"""Logged requests as examples, the latest call first. Each says which request it was, so that an erasure finds both."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.imports.domain import ImportSource
from service.http.query_parameters import to_utc
from service.monitoring.requests.queries import RequestFilter, list_requests
from service.monitoring.requests.schemas import LoggedRequest
from service.sources.opened_source import OpenedSource
from service.sources.schemas import FromRequests

PAGE_ROWS = 500
ENCODER = msgspec.json.Encoder()
Json = dict[str, Any]


def open_request_source(source: FromRequests, engine: AsyncEngine, workspace_id: UUID, now: datetime) -> OpenedSource:
    """The calls before now, as rows of `format=tuneledger`. Raises Invalid for a time without a zone."""
    fields = {name: getattr(source, name) for name in RequestFilter.__struct_fields__}
    chosen = replace(
        RequestFilter(**fields),
        since=to_utc(source.since, pointer="/source/since"),
        until=to_utc(source.until, pointer="/source/until") or now,
    )
    given = {name: value for name, value in msgspec.to_builtins(chosen).items() if value is not None}
    record = ImportSource(type="requests", location=f"/v1/requests?{urlencode(given)}")
    pieces = _read_rows(engine, workspace_id, chosen, use_correction=source.use_correction)
    return OpenedSource(record=record, pieces=pieces, is_tuneledger=True)


async def _read_rows(
    engine: AsyncEngine, workspace_id: UUID, chosen: RequestFilter, *, use_correction: bool
) -> AsyncIterator[bytes]:
    before: tuple[datetime, UUID] | None = None
    while True:
        page, _ = await list_requests(engine, workspace_id, chosen, before=before, limit=PAGE_ROWS)
        if not page:
            return
        rows = [build_row(each, use_correction=use_correction) for each in page if each.erased_at is None]
        yield ENCODER.encode_lines(rows)
        before = (page[-1].at, page[-1].id)


def build_row(request: LoggedRequest, *, use_correction: bool) -> Json:
    """The row of a request; a correction takes the place of its answer. Without either, the row waits for an answer."""
    value = _decode(request.input)
    question = value if isinstance(value, list) else [{"role": "user", "content": value}]
    answer = {"role": "assistant", "content": request.output, "tool_calls": _decode(request.tool_calls)}
    answers = [_drop_nulls(answer)] if request.output or request.tool_calls else []
    feedback = request.feedback
    row: Json = {
        "source": {"type": "log", "request_id": request.id},
        "metadata": _decode(request.metadata),
        "created_at": request.at,
        "created_by": request.logged_by,
    }
    correction = feedback.correction if feedback and use_correction else None
    if correction and correction != request.output:
        if answers:
            replaced = _build_content([*question, *answers], request)
            row["repair"] = _drop_nulls({"instruction": feedback and feedback.comment, "replaced": replaced})
        answers = [{"role": "assistant", "content": correction}]
    elif feedback and feedback.stars:
        row["ratings"] = {feedback.by: {"overall": {"type": "stars", "value": feedback.stars}}}
    return _drop_nulls({**row, "content": _build_content([*question, *answers], request)})


def _build_content(messages: list[Any], request: LoggedRequest) -> Json:
    return _drop_nulls({"messages": messages, "tools": _decode(request.tools)})


def _drop_nulls(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _decode(value: Any) -> Any:
    """A value that is stored as JSON, decoded."""
    return msgspec.json.decode(bytes(value)) if isinstance(value, msgspec.Raw) else value
