"""A tune as it goes on."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from service.access.auth import ApiKeyCache, require_scope
from service.http.sse import EVENT_STREAM, LONGEST, LastEventId, Lasting, Subscription, messages, place, stream
from service.ledger.readers.feed import Wanted
from service.ledger.readers.feed_hub import FeedHub, News
from service.ledger.store import Caller, Ledger
from service.providers.provider import FINISHED
from service.tunes.events import TUNE, TuneCancelled, TuneFailed, TuneSucceeded
from service.tunes.queries import get_tune

ENDS = frozenset(kind.__name__ for kind in (TuneSucceeded, TuneFailed, TuneCancelled))


@get(
    "/tunes/{tune_id:uuid}/stream",
    operation_id="stream_tune",
    summary="Follow a tune",
    guards=[require_scope("tunes:read")],
    media_type=EVENT_STREAM,
    tags=["tunes"],
)
async def stream_tune(
    tune_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    ring: NamedDependency[ApiKeyCache],
    listening: NamedDependency[FeedHub],
    last_event_id: LastEventId = None,
    seconds: Lasting = LONGEST,
) -> Stream:
    """Server-sent events, from the tune's first event on: each as `GET /v1/events` shows it, under its seq as `id`.

    `TuneProgressed` brings the log lines, points of the curves and checkpoints that are new. After the tune's last
    event comes a message named `end`; a stream that breaks off without it goes on with Last-Event-ID.
    """
    tune = await get_tune(ledger.engine, caller.workspace_id, tune_id)
    # Asked second: what ended the tune is then not beyond it.
    head = await listening.head(caller.workspace_id)
    subscription = Subscription(
        workspace_id=caller.workspace_id,
        after=place(last_event_id, 0, head=head),
        head=head,
        wanted=Wanted(stream=TUNE.stream, stream_id=tune_id),
        seconds=0 if tune.state in FINISHED else seconds,
        allowed=partial(ring.identify, request.headers.get("authorization")),
    )
    over = head if tune.state in FINISHED else None
    return stream(listening, subscription, partial(_encode_events, over))


async def _encode_events(over: int | None, news: News) -> tuple[bytes, bool]:
    """The events; those were the last where one of them ends the tune, or where it had ended by the seq `over`."""
    ended = any(event.type in ENDS for event in news.events) or (over is not None and news.reached >= over)
    return messages(news.events), ended


router = Router(path="/", route_handlers=[stream_tune])
