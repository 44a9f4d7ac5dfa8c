"""Live streams over the network, from a server in a process of its own."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from tests.audit.stream_reader import STREAM, until
from tests.live_server import KEY, served


@pytest.fixture
async def api(clones: asyncpg.Connection, postgres_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(clones, postgres_url, tmp_path) as url:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as opened:
            yield opened


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
