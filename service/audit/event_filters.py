"""Filters of events: the query parameters that the feed, the live stream and the history share."""

import re
from typing import Annotated, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_value
from service.errors import Fault, Invalid
from service.http.as_of import parse_time
from service.http.bodies import NO_NUL
from service.ledger.readers.feed import MAX_SEQ, EventFilter, load_stream_events
from service.ledger.store import Caller, Ledger

_ID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KIND_AND_ID = re.compile(rf"([a-z_]{{1,100}}):({_ID})")
_PATH = re.compile(rf"(?:/[\w.-]{{1,200}})*/([a-z-]{{1,100}})/({_ID})(?:/[\w.-]{{1,200}})*")
# Paths whose ids belong to streams of several kinds; for these, filter by the id alone.
_SEVERAL_KINDS = frozenset({"operations", "runs"})
_SEQ_BEFORE = sa.text("select ledger.seq_at(:workspace_id, :time - interval '1 microsecond')").bindparams(
    sa.bindparam("time", type_=sa.DateTime(timezone=True))
)

Types = Annotated[
    list[str] | None,
    QueryParameter(
        max_items=100, description="Only these event types, such as `ExampleRepaired`; repeat it or use commas."
    ),
]
Stream = Annotated[
    str | None,
    QueryParameter(max_length=100, pattern=NO_NUL, description="Only one kind of stream, such as `example`."),
]
StreamId = Annotated[UUID | None, QueryParameter(description="Only the events of one resource, by its id.")]
Resource = Annotated[
    str | None,
    QueryParameter(
        max_length=500,
        description="Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`.",
    ),
]
Actor = Annotated[
    str | None,
    QueryParameter(max_length=200, pattern=NO_NUL, description="Only events of one actor: a member's name."),
]
RequestId = Annotated[
    str | None,
    QueryParameter(max_length=128, pattern=NO_NUL, description="Only events of one request, by its X-Request-Id."),
]
OperationId = Annotated[
    UUID | None,
    QueryParameter(description="Only events of one operation: all events of the request that started it."),
]
From = Annotated[
    str | None, QueryParameter(name="from", max_length=100, description="Only events from this RFC 3339 time on.")
]
To = Annotated[
    str | None, QueryParameter(name="to", max_length=100, description="Only events before this RFC 3339 time.")
]

FeedCursor = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{1,15}$", description="The `next_cursor` of the previous page, a seq. Overrides `after`."
    ),
]


class SeqRange(msgspec.Struct, frozen=True, kw_only=True):
    """A range of the log: `after` < seq ≤ `until`."""

    after: int = 0
    until: int | None = None


async def provide_event_filter(  # noqa: PLR0913, PLR0917 - a parameter for each filter
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    types: Types = None,
    stream: Stream = None,
    stream_id: StreamId = None,
    resource: Resource = None,
    actor: Actor = None,
    request_id: RequestId = None,
    operation: OperationId = None,
) -> EventFilter:
    """Build the filter from the query parameters. Raises Invalid."""
    if resource is not None:
        kind, id_ = parse_resource(resource)
        if stream_id is not None or (stream is not None and kind not in (stream, None)):
            raise invalid_parameter("?resource", "Send resource, or stream and stream_id, not both.")
        stream, stream_id = kind or stream, id_
    if operation is not None:
        if request_id is not None:
            raise invalid_parameter("?operation", "Send operation or request_id, not both.")
        request_id = await _find_request_id(ledger.engine, caller.workspace_id, operation)
    return EventFilter(
        types=_split_types(types),
        stream=stream or None,
        stream_id=stream_id,
        actor=actor or None,
        request_id=request_id or None,
    )


async def provide_seq_range(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], from_: From = None, to: To = None
) -> SeqRange:
    """Convert the times to a range of seqs. Raises Invalid."""
    after = await _seq_before(ledger.engine, caller.workspace_id, from_, "?from") if from_ is not None else 0
    until = await _seq_before(ledger.engine, caller.workspace_id, to, "?to") if to is not None else None
    return SeqRange(after=after, until=until)


def parse_resource(text: str) -> tuple[str | None, UUID]:
    """Parse a resource into kind of stream and id; the kind is None where only the id is known. Raises Invalid."""
    if match := _KIND_AND_ID.fullmatch(text):
        return match[1], UUID(match[2])
    if path := _PATH.fullmatch(text):
        kind = None if path[1] in _SEVERAL_KINDS else path[1].removesuffix("s").replace("-", "_")
        return kind, UUID(path[2])
    raise invalid_parameter(
        "?resource", "A resource is `example:{id}`, a kind with an id, or a path such as `/v1/examples/{id}`."
    )


def invalid_parameter(pointer: str, detail: str, *, code: str = "invalid") -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=pointer, detail=detail, code=code)])


def _split_types(texts: list[str] | None) -> tuple[str, ...]:
    names = tuple(name for text in texts or () for name in text.split(",") if name)
    if any("\0" in name for name in names):
        raise invalid_parameter("?types", "An event type cannot contain NUL.")
    return names


async def _find_request_id(engine: AsyncEngine, workspace_id: UUID, operation_id: UUID) -> str:
    """Find the request that started an operation; all events of the operation carry its id."""
    first = await load_stream_events(engine, workspace_id, operation_id, limit=1)
    if not first:
        raise invalid_parameter("?operation", f"No such operation: {operation_id}.", code="no_such_operation")
    return first[0].request_id


async def _seq_before(engine: AsyncEngine, workspace_id: UUID, text: str, parameter: str) -> int:
    """Find the last seq before a time."""
    time = parse_time(text, parameter=parameter)
    seq: Any = await fetch_value(engine, _SEQ_BEFORE, {"workspace_id": workspace_id, "time": time})
    return min(int(seq), MAX_SEQ)
