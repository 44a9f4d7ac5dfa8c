"""The route that streams a tune's events."""

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
    encode_events,
    resolve_start,
)
from service.ledger.readers.feed import EventFilter
from service.ledger.readers.feed_hub import FeedHub, FeedUpdate
from service.ledger.store import Caller, Ledger
from service.providers.provider import FINISHED
from service.tunes.events import TUNE, TuneCancelled, TuneFailed, TuneSucceeded
from service.tunes.queries import get_tune

ENDS = frozenset(kind.__name__ for kind in (TuneSucceeded, TuneFailed, TuneCancelled))


@get(
    "/tunes/{tune_id:uuid}/stream",
    operation_id="stream_tune",
    summary="Stream a tune's events",
    guards=[require_scope("tunes:read")],
    media_type=EVENT_STREAM,
    tags=["tunes"],
)
async def stream_tune(
    tune_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    key_cache: NamedDependency[ApiKeyCache],
    feed_hub: NamedDependency[FeedHub],
    last_event_id: LastEventId = None,
    seconds: Seconds = MAX_SECONDS,
) -> Stream:
    """Server-sent events, starting with the tune's first. Each is as in `GET /v1/events`; its `id` is its seq.

    `TuneProgressed` contains new log lines, metrics and checkpoints. After the tune's last event comes a message named
    `end`. If the stream breaks off without it, reconnect with Last-Event-ID.
    """
    tune = await get_tune(ledger.engine, caller.workspace_id, tune_id)
    # Read after the tune, so that the event that ended it is not beyond the head.
    head = await feed_hub.load_head(caller.workspace_id)
    stream_request = StreamRequest(
        workspace_id=caller.workspace_id,
        after=resolve_start(last_event_id, 0, head=head),
        head=head,
        event_filter=EventFilter(stream=TUNE.stream, stream_id=tune_id),
        seconds=0 if tune.state in FINISHED else seconds,
        check_key=partial(key_cache.identify, request.headers.get("authorization")),
    )
    over = head if tune.state in FINISHED else None
    return build_stream(feed_hub, stream_request, partial(_encode_events, over))


async def _encode_events(over: int | None, update: FeedUpdate) -> tuple[bytes, bool]:
    """The events; those were the last where one of them ends the tune, or where it had ended by the seq `over`."""
    ended = any(event.type in ENDS for event in update.events) or (over is not None and update.reached >= over)
    return encode_events(update.events), ended


router = Router(path="/", route_handlers=[stream_tune])
