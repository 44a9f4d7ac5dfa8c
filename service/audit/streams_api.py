"""The event feed as it grows."""

from functools import partial
from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency, Provide
from litestar.response import Stream

from service.access.auth import ApiKeyCache, require_scope
from service.audit.event_filters import provide_wanted
from service.http.sse import EVENT_STREAM, LONGEST, After, LastEventId, Lasting, Subscription, messages, place, stream
from service.ledger.readers.feed import Wanted
from service.ledger.readers.feed_hub import FeedHub, News
from service.ledger.store import Caller


@get(
    "/events/stream",
    operation_id="stream_events",
    summary="Follow the event feed",
    guards=[require_scope("audit:read")],
    dependencies={"wanted": Provide(provide_wanted)},
    media_type=EVENT_STREAM,
    tags=["audit"],
)
async def stream_events(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ring: NamedDependency[ApiKeyCache],
    listening: NamedDependency[FeedHub],
    wanted: NamedDependency[Wanted],
    last_event_id: LastEventId = None,
    after: After = None,
    seconds: Lasting = LONGEST,
) -> Stream:
    """Server-sent events. A message without a name is an event as `GET /v1/events` shows it, and its `id` is the seq.

    `place` messages say how far the stream is, for who waits long; a line that begins with a colon means nothing.
    """
    head = await listening.head(caller.workspace_id)
    subscription = Subscription(
        workspace_id=caller.workspace_id,
        after=place(last_event_id, after, head=head),
        head=head,
        wanted=wanted,
        seconds=seconds,
        allowed=partial(ring.identify, request.headers.get("authorization")),
    )
    return stream(listening, subscription, _messages)


async def _messages(news: News) -> tuple[bytes, bool]:
    return messages(news.events), False


router = Router(path="/", route_handlers=[stream_events])
