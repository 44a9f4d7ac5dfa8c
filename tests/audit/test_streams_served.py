"""Live streams over the network, from a server in a process of its own."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from tests.audit.streaming import listen, until
from tests.serving import KEY, served

STREAM = "/v1/events/stream"
EVENTS = 10_000
ROW = {"content": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}}


@pytest.fixture
async def api(clones: asyncpg.Connection, postgres_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(clones, postgres_url, tmp_path) as url:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as opened:
            yield opened


async def test_a_consumer_killed_and_restarted_sees_each_of_10_000_events_once(api: httpx.AsyncClient) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "news"})).json()["id"]
    head = (await api.get("/v1/events")).json()["reached"]
    chance, seen, restarts = random.Random(7), [head], 0

    async def consume() -> None:
        async for message in listen(api, STREAM, last=seen[-1]):
            if message.name == "message":
                seen.append(message.id)  # noqa: PERF401 - kept one by one, as the end may come at any time

    writing = asyncio.create_task(add(api, dataset, EVENTS, chance))
    while not writing.done() or writing.result() or seen[-1] < head + EVENTS:
        consuming = asyncio.create_task(consume())
        await asyncio.wait({consuming}, timeout=chance.random() * 0.4)
        assert not consuming.done() or consuming.exception() is None, consuming
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)
        restarts += 1
    assert seen[1:] == list(range(head + 1, head + EVENTS + 1))
    assert restarts > 5


async def add(api: httpx.AsyncClient, dataset: str, count: int, chance: random.Random) -> None:
    while count:
        many = min(count, chance.randint(1, 400))
        added = await api.post(f"/v1/datasets/{dataset}/examples", json={"examples": [ROW] * many})
        assert added.is_success, added.text
        count -= many


async def test_listeners_do_not_hold_up_the_server_when_it_is_told_to_stop(api: httpx.AsyncClient) -> None:
    texts: list[bytes] = []

    async def hear() -> None:
        async with api.stream("GET", STREAM) as answer:
            texts.append(b"")
            mine = len(texts) - 1
            async for chunk in answer.aiter_bytes():
                texts[mine] += chunk

    hearing = [asyncio.create_task(hear()) for _ in range(20)]
    await until(lambda: len(texts) == 20 and all(b"place" in text for text in texts))
    server = serving(api.base_url.port)
    os.kill(server.pid, signal.SIGTERM)
    # A server that waits for its listeners is killed after 8 seconds, and their connections break off.
    await asyncio.gather(*hearing)
    assert all(text.endswith(b": come again\n") for text in texts)


def serving(port: int | None) -> psutil.Process:
    """The process that serves: the one of ours whose children answer on that port."""
    ours = psutil.Process().children(recursive=True)
    return next(each for each in ours if each.cmdline()[-1:] == ["api"] and environment(each) == str(port))


def environment(process: psutil.Process) -> str | None:
    return process.environ().get("TUNELEDGER_PORT")


async def test_a_thousand_and_more_streams_leave_room_for_requests(api: httpx.AsyncClient) -> None:
    """The server's own default is to take 1,024 connections and let all others wait."""
    host, port = api.base_url.host, api.base_url.port
    request = f"GET {STREAM} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode()

    async def opened() -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request)
        async with asyncio.timeout(30):
            await reader.readuntil(b"place")
        return writer

    writers = [writer for _ in range(24) for writer in await asyncio.gather(*(opened() for _ in range(50)))]
    assert len(writers) == 1_200
    assert (await api.get("/livez", timeout=10)).status_code == 200
    for writer in writers:
        writer.close()
