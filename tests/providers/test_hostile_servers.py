"""What a hostile server may do to us: nothing beyond its bytes, its pages and its time."""

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from service.network.address_policy import LOOPBACK, PUBLIC, AddressPolicy, parse_policy
from service.providers.abilities import Provider
from service.providers.openai import wire_client
from service.providers.openai.adapter import OpenAIProvider
from service.providers.provider import Account, Capabilities, Refused, Unreachable
from tests.providers.conftest import look
from tests.providers.recorded_wire import Wire

Connect = Callable[..., Provider]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
JOBS = "/v1/fine_tuning/jobs"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
PIECE = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


@asynccontextmanager
async def hostile(talk: Talk) -> AsyncIterator[str]:
    """The base URL of a server that reads the head of a request and then talks as it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(PIECE)
        await writer.drain()


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def drip_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def pour_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 1_000 + b"\r\n")
        await writer.drain()


async def continue_for_ever(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_a_compressed_answer_is_refused_unread(wire: Wire, provider_at: Connect) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    wire.says("GET", JOBS, bomb, headers={"content-encoding": "gzip"})
    with pytest.raises(Unreachable, match="compressed"):
        await provider_at(wire.base_url).check()
    assert wire.requests[0].headers["accept-encoding"] == "identity"


async def test_a_compressed_error_is_refused_too(wire: Wire, provider_at: Connect) -> None:
    wire.says("GET", JOBS, gzip.compress(b"{}"), status=500, headers={"content-encoding": "gzip"})
    with pytest.raises(Unreachable, match="compressed"):
        await provider_at(wire.base_url).check()


async def test_an_endless_answer_ends_at_its_bound(provider_at: Connect) -> None:
    async with hostile(pour) as base_url:
        provider = provider_at(base_url, timeout_seconds=60)
        with pytest.raises(Unreachable, match="too long") as endless:
            await provider.check()
        with pytest.raises(Unreachable, match="too long"):
            await provider.complete("m", [{"role": "user", "content": "hi"}])
        with pytest.raises(Unreachable, match="too long"):
            _ = [chunk async for chunk in provider.stream("m", [{"role": "user", "content": "hi"}])]
    assert endless.value.because == "unreadable"


@pytest.mark.parametrize("talk", [drip, drip_headers, continue_for_ever])
async def test_a_byte_now_and_then_does_not_hold_us(provider_at: Connect, talk: Talk) -> None:
    async with hostile(talk) as base_url:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="within 1 seconds") as slow:
            await provider_at(base_url, timeout_seconds=1).check()
        assert time.monotonic() - started < 3
    assert slow.value.because == "timed_out"


async def test_endless_headers_are_cut_off(provider_at: Connect) -> None:
    async with hostile(pour_headers) as base_url:
        with pytest.raises(Unreachable):
            await provider_at(base_url, timeout_seconds=20).check()


@asynccontextmanager
async def endless_list() -> AsyncIterator[tuple[str, list[int]]]:
    """Pages of one item, and another page after each; how many were given."""
    pages: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = True
        while True:
            if not first:
                await reader.readuntil(b"\r\n\r\n")
            first = False
            pages.append(1)
            number = len(pages)
            item = {"id": f"e{number}", "created_at": 1, "message": "more", "status": "running", "step_number": number}
            body = json.dumps({"id": "j", "status": "running", "data": [item], "has_more": True}).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()

    async with hostile(talk) as base_url:
        yield base_url, pages


async def test_nothing_is_concluded_from_a_list_of_jobs_without_end(provider_at: Connect) -> None:
    async with endless_list() as (base_url, pages):
        lookup = await provider_at(base_url, capabilities=Capabilities(metadata_filter=False)).find("token")
        assert (lookup.jobs, lookup.complete) == ((), False)
        assert len(pages) == wire_client.MAX_PAGES


async def test_of_events_without_end_the_newest_are_taken(provider_at: Connect) -> None:
    async with endless_list() as (base_url, _):
        news = (await look(provider_at(base_url, capabilities=Capabilities(checkpoints=False)), "j")).news
    assert len(news.events) == wire_client.MAX_PAGES
    assert news.events[-1].id == "e2"  # the first page of events; the one before it was the job


async def test_what_is_not_the_providers_json_error_is_not_shown(wire: Wire, provider_at: Connect) -> None:
    for content_type, body in (("text/plain", b"token s3cr3t"), ("text/plain", b'{"detail": "token s3cr3t"}'),
                               ("text/html", b"<p>s3cr3t"), ("application/json", b'"s3cr3t"'),
                               ("application/json", b"token s3cr3t"), ("s3cr3t", b"")):  # fmt: skip
        wire.script.clear()
        wire.says("GET", JOBS, body, status=502, headers={"content-type": content_type})
        with pytest.raises(Unreachable) as refused:
            await provider_at(wire.base_url).check()
        assert "s3cr3t" not in refused.value.detail
        assert refused.value.detail.startswith("The provider answered 502 with ")


@asynccontextmanager
async def opened(
    base_url: str, policy: AddressPolicy, *rounds: Sequence[str]
) -> AsyncIterator[tuple[OpenAIProvider, list[str]]]:
    """A provider whose name server answers differently each time, and who asked it."""
    asked: list[str] = []

    async def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return rounds[min(len(asked), len(rounds)) - 1]

    account = Account(kind="openai", base_url=base_url, secret="x", policy=policy, timeout_seconds=2)
    provider = OpenAIProvider(account, resolve=resolve)
    try:
        yield provider, asked
    finally:
        await provider.aclose()


async def test_a_name_is_connected_to_at_the_addresses_that_were_checked(wire: Wire) -> None:
    wire.says("GET", JOBS, {"data": [], "has_more": False})
    named = wire.base_url.replace("127.0.0.1", "provider.example")
    async with opened(named, LOOPBACK, ["127.0.0.1"], ["10.0.0.1"]) as (provider, asked):
        await provider.check()
        assert asked == ["provider.example"]
    assert wire.requests[0].headers["host"].startswith("provider.example:")


async def test_a_name_that_moves_to_a_private_address_is_refused(wire: Wire) -> None:
    wire.says("GET", JOBS, {"data": [], "has_more": False})
    named = wire.base_url.replace("127.0.0.1", "provider.example")
    async with opened(named, LOOPBACK, ["127.0.0.1", "10.0.0.1"]) as (provider, _):
        with pytest.raises(Refused, match="public address") as refused:
            await provider.check()
    assert refused.value.provider_code == "address_not_allowed"
    assert not wire.requests


async def test_an_open_port_looks_like_a_closed_one_where_nothing_is_allowed(wire: Wire) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    details = set()
    for base_url in (wire.base_url, closed):
        async with opened(base_url, parse_policy(None, setting="ALLOW"), ["127.0.0.1"]) as (provider, _):
            with pytest.raises(Refused) as refused:
                await provider.check()
        details.add(refused.value.detail)
    assert len(details) == 1
    assert "ALLOW" in details.pop()
    assert not wire.requests


async def test_plain_http_is_refused_also_to_a_public_address() -> None:
    async with opened("http://provider.example/v1", PUBLIC, ["1.1.1.1"]) as (provider, _):
        with pytest.raises(Refused) as refused:
            await provider.check()
    assert refused.value.provider_code == "https_required"
