"""Live streams as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from service.database.engine import DATABASE_ERRORS
from service.errors import Fault, Invalid, Problem
from service.http.responses import encoder
from service.ledger.readers.feed import EventFilter, FeedEvent
from service.ledger.readers.feed_hub import FeedHub, FeedUpdate

EVENT_STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
KEY_CHECK_SECONDS = 60.0  # how long a stream may go on after its key was revoked
MAX_SECONDS = 3_600.0

LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The `id` of the last message received: the stream continues after it. Overrides `after`.",
    ),
]
After = Annotated[
    int | None,
    QueryParameter(
        ge=0,
        lt=10**15,
        description="Only events after this seq; 0 starts with the first event. Default: only new events.",
    ),
]
Seconds = Annotated[
    float,
    QueryParameter(
        ge=0,
        le=MAX_SECONDS,
        description="Seconds after which the server ends the stream, for the client to reconnect. 0: end it once"
        " all existing events have been sent.",
    ),
]
_ID = re.compile(r"[0-9]{1,15}")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
END = b"event: end\ndata: {}\n\n"
HEARTBEAT = b": still here\n"
BYE = b": come again\n"

# Encodes an update for one listener. Returns the messages, and whether they are the last.
EncodeUpdate = Callable[[FeedUpdate], Awaitable[tuple[bytes, bool]]]


class StreamRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which events to stream, and for how long. `head` is the last seq when the stream began.

    `check_key` raises when the API key that opened the stream is no longer valid.
    """

    workspace_id: UUID
    after: int
    head: int
    event_filter: EventFilter
    seconds: float
    check_key: Callable[[], Awaitable[object]]


def resolve_start(last_event_id: str | None, after: int | None, *, head: int) -> int:
    """The seq after which a stream starts. Raises Invalid when the id is malformed or in the future."""
    if last_event_id is None:
        return _check_seq(head if after is None else after, head=head, pointer="?after")
    if not _ID.fullmatch(last_event_id):
        detail = "Last-Event-ID must be the id of a message of this stream, which is a seq."
        raise Invalid(detail, errors=[Fault(pointer="Last-Event-ID", detail=detail)])
    return _check_seq(int(last_event_id), head=head, pointer="Last-Event-ID")


def _check_seq(seq: int, *, head: int, pointer: str) -> int:
    # A log that is shorter than what the client has seen is another log; waiting for it to grow would skip events.
    if seq > head:
        detail = f"There is no seq {seq} yet; the last one is {head}."
        raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail, code="future")])
    return seq


def encode_message(value: object, *, seq: int, kind: str | None = None) -> bytes:
    """Encode a message whose id is a seq. Our JSON has no line breaks."""
    event_name = f"event: {kind}\n".encode() if kind else b""
    return b"id: %d\n%bdata: %b\n\n" % (seq, event_name, encoder.encode(value))


def encode_events(events: tuple[FeedEvent, ...]) -> bytes:
    return b"".join(encode_message(event, seq=event.seq) for event in events)


def build_stream(feed_hub: FeedHub, request: StreamRequest, encode: EncodeUpdate) -> Stream:
    return Stream(write_stream(feed_hub, request, encode), media_type=EVENT_STREAM, headers=_HEADERS)


async def write_stream(feed_hub: FeedHub, request: StreamRequest, encode: EncodeUpdate) -> AsyncIterator[bytes]:
    """Yield the start position at once, then events, and the position when it moved without an event.

    A client that loses the connection can so resume from a recent position even when its events are rare.
    """
    # Random, so that listeners do not all reconnect at once when this process ends.
    yield b"retry: %d\n" % random.randint(500, 3_000) + _position(request.after)  # noqa: S311 - no secret
    sent = request.after
    try:
        async with aclosing(_follow(feed_hub, request)) as updates:
            async for update in updates:
                text, is_last = await encode(update)
                if text or update.reached > sent:
                    sent = update.reached
                    text = text or _position(sent)
                yield text or HEARTBEAT
                if is_last:
                    yield END
                    return
    except (Problem, *DATABASE_ERRORS):
        pass  # when the client reconnects, it gets the error
    yield BYE


def _position(seq: int) -> bytes:
    return encode_message({"reached": seq}, seq=seq, kind="place")


async def _follow(feed_hub: FeedHub, request: StreamRequest) -> AsyncGenerator[FeedUpdate, None]:
    """Follow the log for the request's seconds; check its key now and then. Raises what `check_key` raises."""
    clock = asyncio.get_running_loop()
    ends_at, check_at = clock.time() + request.seconds, clock.time() + KEY_CHECK_SECONDS
    updates = feed_hub.follow(
        request.workspace_id,
        after=request.after,
        head=request.head,
        event_filter=request.event_filter,
        patience=min(HEARTBEAT_SECONDS, request.seconds),
    )
    async with aclosing(updates):
        async for update in updates:
            yield update
            now = clock.time()
            if now >= ends_at and update.reached >= request.head:
                return
            if now >= check_at:
                await request.check_key()
                check_at = now + KEY_CHECK_SECONDS
