"""GET /events/stream: the event feed as server-sent events."""

from functools import partial
from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency, Provide
from litestar.response import Stream

from service.access.auth import ApiKeyCache, require_scope
from service.audit.event_filters import provide_event_filter
from service.http.sse import (
    EVENT_STREAM,
    MAX_SECONDS,
    After,
    LastEventId,
    Seconds,
    StreamRequest,
    build_stream,
    encode_events,
    resolve_start,
)
from service.ledger.readers.feed import EventFilter
from service.ledger.readers.feed_hub import FeedHub, FeedUpdate
from service.ledger.store import Caller


@get(
    "/events/stream",
    operation_id="stream_events",
    summary="Follow the event feed",
    guards=[require_scope("audit:read")],
    dependencies={"event_filter": Provide(provide_event_filter)},
    media_type=EVENT_STREAM,
    tags=["audit"],
)
async def stream_events(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    key_cache: NamedDependency[ApiKeyCache],
    feed_hub: NamedDependency[FeedHub],
    event_filter: NamedDependency[EventFilter],
    last_event_id: LastEventId = None,
    after: After = None,
    seconds: Seconds = MAX_SECONDS,
) -> Stream:
    """Server-sent events. A message without a name is an event as in `GET /v1/events`; its `id` is the seq.

    `place` messages say which seq the stream has reached when no event matched. Ignore lines that begin with a colon.
    """
    head = await feed_hub.load_head(caller.workspace_id)
    stream_request = StreamRequest(
        workspace_id=caller.workspace_id,
        after=resolve_start(last_event_id, after, head=head),
        head=head,
        event_filter=event_filter,
        seconds=seconds,
        check_key=partial(key_cache.identify, request.headers.get("authorization")),
    )
    return build_stream(feed_hub, stream_request, _messages)


async def _messages(update: FeedUpdate) -> tuple[bytes, bool]:
    return encode_events(update.events), False


router = Router(path="/", route_handlers=[stream_events])
