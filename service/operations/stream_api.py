"""GET /operations/{id}/stream: an operation's states as server-sent events."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from service.access.auth import ApiKeyCache, require_scope
from service.http.sse import (
    EVENT_STREAM,
    MAX_SECONDS,
    LastEventId,
    Seconds,
    StreamRequest,
    build_stream,
    encode_message,
    resolve_start,
)
from service.ledger.readers.feed import EventFilter
from service.ledger.readers.feed_hub import FeedHub, FeedUpdate
from service.ledger.store import Caller, Ledger
from service.operations import projection as views


@get(
    "/operations/{operation_id:uuid}/stream",
    operation_id="stream_operation",
    summary="Follow an operation",
    guards=[require_scope("operations:read")],
    media_type=EVENT_STREAM,
    tags=["operations"],
)
async def stream_operation(
    operation_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    key_cache: NamedDependency[ApiKeyCache],
    feed_hub: NamedDependency[FeedHub],
    last_event_id: LastEventId = None,
    seconds: Seconds = MAX_SECONDS,
) -> Stream:
    """Server-sent events: the operation as it is now, and again after each change.

    A slow client may miss states in between, but always gets the last one, then a message named `end`. If the stream
    breaks before that, reconnect with Last-Event-ID.
    """
    operation, seq = await views.get_operation_and_seq(ledger.engine, caller.workspace_id, operation_id)
    head = await feed_hub.load_head(caller.workspace_id)
    seen = resolve_start(last_event_id, 0, head=head)
    stream_request = StreamRequest(
        workspace_id=caller.workspace_id,
        after=max(seen, seq - 1),
        head=head,
        event_filter=EventFilter(stream_id=operation_id),
        seconds=0 if operation.finished else seconds,
        check_key=partial(key_cache.identify, request.headers.get("authorization")),
    )
    return build_stream(feed_hub, stream_request, _OperationMessages(ledger, caller.workspace_id, operation_id, seen))


class _OperationMessages:
    """Encodes the operation's states for one listener; `seen` is the seq of the last one it got."""

    def __init__(self, ledger: Ledger, workspace_id: UUID, operation_id: UUID, seen: int) -> None:
        self.ledger = ledger
        self.workspace_id = workspace_id
        self.operation_id = operation_id
        self.seen = seen

    async def __call__(self, _: FeedUpdate) -> tuple[bytes, bool]:
        # Whatever the update was, send the current state.
        operation, seq = await views.get_operation_and_seq(self.ledger.engine, self.workspace_id, self.operation_id)
        if seq <= self.seen:
            return b"", operation.finished
        self.seen = seq
        return encode_message(operation, seq=seq), operation.finished


router = Router(path="/", route_handlers=[stream_operation])
