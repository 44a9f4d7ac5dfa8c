"""Measure thousands of idle event stream listeners in one process, and how soon an event reaches all of them."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import psutil

from benchmarks.environment import Environment, database, server
from benchmarks.figures import Result, build_figure, build_result
from benchmarks.http_client import HttpClient

LISTENERS = 2_000
AT_ONCE = 50
SETTLE_SECONDS = 1.0


class Listener:
    """One stream; `heard` is when its last event came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.events, self.heard = 0, 0.0
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while line := await self.reader.readline():
            if line.startswith(b'data: {"seq"'):
                self.events, self.heard = self.events + 1, time.perf_counter()

    async def close(self) -> None:
        self.writer.close()
        await self.listening


async def measure(environment: Environment, *, repeats: int, listeners: int = LISTENERS) -> Result:
    """A server of one process, on a database of its own; first with one listener, then with all of them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server inherits it
    async with database(environment.url) as url, server(url, TUNELEDGER_PROCESSES="1") as client:
        async with _listening(client, 1) as alone:
            floors = [await _told(client, alone, mark=f"alone {number}") for number in range(repeats)]
            before = _memory(client.port)
        async with _listening(client, listeners) as many:
            await asyncio.sleep(SETTLE_SECONDS)
            grown = _memory(client.port) - before
            took = [await _told(client, many, mark=f"many {number}") for number in range(repeats)]
    return build_result(
        "listeners",
        list(zip(took, floors, strict=True)),
        of=1,
        unit="events",
        floor_is="the same with one listener; the log is looked at every 150 ms, so that half of this is waiting",
        aim="none set",
        beside={
            "listeners": build_figure([listeners], "streams"),
            "all_have_it_ms": build_figure([1_000 * seconds for seconds in took], "ms"),
            "one_has_it_ms": build_figure([1_000 * seconds for seconds in floors], "ms"),
            "memory_each_kb": build_figure([grown / listeners / 1024], "KB"),
        },
    )


@asynccontextmanager
async def _listening(client: HttpClient, many: int) -> AsyncIterator[list[Listener]]:
    async with AsyncExitStack() as stack:
        opened: list[Listener] = []
        while len(opened) < many:
            some = min(AT_ONCE, many - len(opened))
            opened += await asyncio.gather(*(_open(client) for _ in range(some)))
        for each in opened:
            stack.push_async_callback(each.close)
        yield opened


async def _open(client: HttpClient) -> Listener:
    """A stream that has said where it begins."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    request = f"GET /v1/events/stream HTTP/1.1\r\nHost: {client.host}\r\nAuthorization: Bearer {client.key}\r\n\r\n"
    writer.write(request.encode())
    await reader.readuntil(b'"reached"')
    return Listener(reader, writer)


async def _told(client: HttpClient, listeners: Sequence[Listener], *, mark: str) -> float:
    """Seconds from sending a change until the last listener has its event."""
    wanted = [each.events + 1 for each in listeners]
    began = time.perf_counter()
    await client.json("POST", "/v1/datasets", {"name": mark})
    async with asyncio.timeout(60):
        while any(each.events < one for each, one in zip(listeners, wanted, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return max(each.heard for each in listeners) - began


def _memory(port: int) -> int:
    """Bytes of the process that answers on the port, without what it shares."""
    ours = [each for each in psutil.Process().children(recursive=True) if each.cmdline()[-1:] == ["api"]]
    return sum(each.memory_full_info().uss for each in ours if each.environ().get("TUNELEDGER_PORT") == str(port))
