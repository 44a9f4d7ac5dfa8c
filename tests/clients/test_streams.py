"""Streams that break off, against a server that speaks from a script."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.living import KEY, Living
from tuneledger import AsyncTuneledger
from tuneledger._lines import Lines
from tuneledger._messages import Reader
from tuneledger.errors import BadRequestError

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
DOWN = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
NO = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 14\r\n\r\n{"code":"bad"}'


def event(seq: int) -> str:
    headers = {
        "seq": seq,
        "stream": "dataset",
        "stream_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "version": seq,
        "type": "DatasetCreated",
        "data": {},
        "actor": "a",
        "request_id": "r",
        "recorded_at": "2026-01-01T00:00:00Z",
        "leaf": "00",
    }
    return f"id: {seq}\ndata: {msgspec.json.encode(headers).decode()}\n\n"


def chunk(text: str) -> str:
    return f"{len(text.encode()):x}\r\n{text}\r\n"


@asynccontextmanager
async def speaking(*scripts: str) -> AsyncIterator[tuple[str, list[str | None]]]:
    """An address that says one script to each connection and hangs up; and the Last-Event-IDs it got."""
    requests: list[str | None] = []
    waiting = list(scripts)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = [line.split(": ")[1] for line in request.split("\r\n") if line.startswith("last-event-id")]
        requests.append(headers[0] if headers else None)
        writer.write(waiting.pop(0).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", requests


async def followed(url: str, many: int) -> list[int]:
    seen: list[int] = []
    async with AsyncTuneledger("tl_key", base_url=url, max_retries=0) as client:
        async for one in client.events.stream(after=0):
            seen.append(one.seq)
            if len(seen) == many:
                break
    return seen


async def test_a_stream_that_breaks_off_goes_on_after_what_was_seen() -> None:
    broken = HEAD + chunk("retry: 1\n" + event(1) + event(2)) + chunk(event(3)[:40])
    ended = HEAD + chunk("retry: 1\n" + event(3)) + "0\r\n\r\n"
    last = HEAD + chunk(": still here\n" + event(4))
    async with speaking(broken, DOWN, ended, last) as (url, requests):
        assert await followed(url, 4) == [1, 2, 3, 4]
    assert requests == [None, "2", "2", "3"]


async def test_a_place_moves_the_beginning_of_the_next_try() -> None:
    place = 'retry: 1\nid: 9\nevent: place\ndata: {"reached":9}\n\n'
    async with speaking(HEAD + chunk(place), HEAD + chunk(event(12))) as (url, requests):
        assert await followed(url, 1) == [12]
    assert requests == [None, "9"]


async def test_a_stream_ends_when_the_server_says_so() -> None:
    over = HEAD + chunk(event(1) + "event: end\ndata: {}\n\n") + "0\r\n\r\n"
    async with speaking(over) as (url, requests):
        assert await followed(url, 5) == [1]
    assert requests == [None]


async def test_a_refused_stream_raises_at_once_and_also_later() -> None:
    async with speaking(NO) as (url, _):
        with pytest.raises(BadRequestError):
            await followed(url, 1)
    async with speaking(HEAD + chunk("retry: 1\n" + event(1)), NO) as (url, requests):
        with pytest.raises(BadRequestError):
            await followed(url, 2)
    assert requests == [None, "1"]


async def test_a_living_servers_events_come_as_they_happen(server: Living) -> None:
    async with AsyncTuneledger(KEY, base_url=server.url) as client:
        now = client.events.stream(seconds=0)
        assert [one async for one in now] == []
        stream = client.events.stream(types=["DatasetCreated"], last_event_id=now.last_event_id or "")
        following = asyncio.ensure_future(anext(aiter(stream)))
        datasets = [await client.datasets.create(name=f"live {number}") for number in range(3)]
        assert (await following).stream_id == datasets[0].id
        later = client.events.stream(types=["DatasetCreated"], last_event_id=stream.last_event_id or "", seconds=0)
        assert [one.stream_id async for one in later] == [datasets[1].id, datasets[2].id]


async def test_an_event_may_hold_what_other_readers_end_a_line_at() -> None:
    odd = event(1).replace('"actor":"a"', '"actor":"\u2028 \x85 \u2029"')
    async with speaking(HEAD + chunk(odd)) as (url, _), AsyncTuneledger("tl_key", base_url=url) as client:
        one = await anext(aiter(client.events.stream(after=0)))
    assert one.actor == "\u2028 \x85 \u2029"


@given(st.text("a\n\r\u2028\x85\x0b", max_size=30), st.lists(st.integers(0, 60), max_size=5))
def test_lines_are_the_same_wherever_their_bytes_are_cut(text: str, cuts: list[int]) -> None:
    whole, lines, received = text.encode(), Lines(), []
    places = [0, *sorted(cuts), len(whole)]
    for begin, end in pairwise(places):
        received += lines.feed(whole[begin:end])
    received += lines.end()
    wanted = text.split("\n") if text and not text.endswith("\n") else text.split("\n")[:-1]
    assert received == [line.removesuffix("\r") for line in wanted]


def test_a_message_that_was_cut_off_is_forgotten() -> None:
    reader = Reader()
    for line in ("id: 1", "data: a", "data: b", ""):
        message = reader.feed(line)
    assert message is not None
    assert (message.event, message.data, reader.last_event_id) == ("message", "a\nb", "1")
    reader.feed("id: 2")
    reader.feed("data: lost")
    reader.forget()
    assert reader.feed("") is None
    assert reader.last_event_id == "1"
