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
from service.ledger.readers.feed import FeedEvent, Wanted
from service.ledger.readers.feed_hub import FeedHub, News

EVENT_STREAM = "text/event-stream"
BEAT_SECONDS = 15.0
CHECK_SECONDS = 60.0  # how long a stream may outlive its key
LONGEST = 3_600.0

LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The `id` of the last message that was seen: the stream goes on after it. It goes before `after`.",
    ),
]
After = Annotated[
    int | None,
    QueryParameter(
        ge=0, lt=10**15, description="The events after this seq; 0 begins with the first. Default: from now on."
    ),
]
Lasting = Annotated[
    float,
    QueryParameter(
        ge=0,
        le=LONGEST,
        description="Seconds after which the server ends the stream, for a client to come again. With 0 it ends when"
        " everything there is has been sent.",
    ),
]
_ID = re.compile(r"[0-9]{1,15}")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
END = b"event: end\ndata: {}\n\n"
BEAT = b": still here\n"
BYE = b": come again\n"

# What news says to this listener: messages, and whether those were the last.
Tell = Callable[[News], Awaitable[tuple[bytes, bool]]]


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream brings and for how long: events after `after`, where the log ended at `head` when it began.

    `allowed` raises when the key that opened it is no longer good.
    """

    workspace_id: UUID
    after: int
    head: int
    wanted: Wanted
    seconds: float
    allowed: Callable[[], Awaitable[object]]


def place(last_event_id: str | None, after: int | None, *, head: int) -> int:
    """The seq after which a stream begins. Raises Invalid for what is no id, or one that there is not yet."""
    if last_event_id is None:
        return _known(head if after is None else after, head=head, pointer="?after")
    if not _ID.fullmatch(last_event_id):
        detail = "Last-Event-ID is the id of a message of this stream: a seq."
        raise Invalid(detail, errors=[Fault(pointer="Last-Event-ID", detail=detail)])
    return _known(int(last_event_id), head=head, pointer="Last-Event-ID")


def _known(seq: int, *, head: int, pointer: str) -> int:
    # A log that is shorter than what was seen of it is another log: to wait for it to grow would skip events.
    if seq > head:
        detail = f"There is no seq {seq} yet: the last one is {head}."
        raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail, code="future")])
    return seq


def message(value: object, *, seq: int, kind: str | None = None) -> bytes:
    """A message whose id is a seq. JSON as we write it has no line break."""
    named = f"event: {kind}\n".encode() if kind else b""
    return b"id: %d\n%bdata: %b\n\n" % (seq, named, encoder.encode(value))


def messages(events: tuple[FeedEvent, ...]) -> bytes:
    return b"".join(message(event, seq=event.seq) for event in events)


def stream(listening: FeedHub, subscription: Subscription, tell: Tell) -> Stream:
    return Stream(write_stream(listening, subscription, tell), media_type=EVENT_STREAM, headers=_HEADERS)


async def write_stream(listening: FeedHub, subscription: Subscription, tell: Tell) -> AsyncIterator[bytes]:
    """Yield the stream's messages: the start position at once, then events, and the position when no event matched.

    A client that is cut off can so resume from a recent position even when its events are rare.
    """
    # Each listener comes back at another moment when this process ends.
    yield b"retry: %d\n" % random.randint(500, 3_000) + _position(subscription.after)  # noqa: S311 - no secret
    try:
        async with aclosing(_follow(listening, subscription)) as heard:
            sent = subscription.after
            async for news in heard:
                text, over = await tell(news)
                if text:
                    sent = news.reached
                elif news.reached > sent:
                    text, sent = _position(news.reached), news.reached
                yield text or BEAT
                if over:
                    yield END
                    return
    except (Problem, *DATABASE_ERRORS):
        pass  # to come again shows what is the matter
    yield BYE


def _position(seq: int) -> bytes:
    return message({"reached": seq}, seq=seq, kind="place")


async def _follow(listening: FeedHub, subscription: Subscription) -> AsyncGenerator[News, None]:
    clock = asyncio.get_running_loop()
    ends, check = clock.time() + subscription.seconds, clock.time() + CHECK_SECONDS
    following = listening.follow(
        subscription.workspace_id,
        after=subscription.after,
        head=subscription.head,
        wanted=subscription.wanted,
        patience=min(BEAT_SECONDS, subscription.seconds),
    )
    async with aclosing(following) as heard:
        async for news in heard:
            yield news
            now = clock.time()
            if now >= ends and news.reached >= subscription.head:
                return
            if now >= check:
                await subscription.allowed()
                check = now + CHECK_SECONDS
