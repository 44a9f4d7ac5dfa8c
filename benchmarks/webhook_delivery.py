"""Measure how many events a second a worker delivers to one endpoint. Floor: the same requests alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore

from benchmarks.environment import Environment, database, server
from benchmarks.figures import Result, build_result
from benchmarks.http_client import HttpClient

EVENTS = 3_000
AT_ONCE = {"log": 1, "stream": 8}  # messages that a worker has open to one endpoint
ROW = {"content": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}}
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
LENGTH = b"content-length: "


class Receiver:
    """Answers everything at once, and keeps what came last."""

    def __init__(self) -> None:
        self.count = 0
        self.head, self.body = b"", b""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self.head = await reader.readuntil(b"\r\n\r\n")
                length = self.head.lower().split(LENGTH)[1].split(b"\r\n")[0]
                self.body = await reader.readexactly(int(length))
                self.count += 1
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()

    async def came(self, count: int) -> None:
        async with asyncio.timeout(300):
            while self.count < count:  # noqa: ASYNC110 - counted by another task
                await asyncio.sleep(0.002)


async def measure(environment: Environment, *, repeats: int) -> list[Result]:
    """On a server of its own with one worker, which tells a receiver in this process."""
    async with (
        database(environment.url) as url,
        server(url, TUNELEDGER_PROCESSES="1", TUNELEDGER_WEBHOOKS_ALLOW_LOCAL="true") as client,
        _listening() as receiver,
    ):
        dataset = (await client.json("POST", "/v1/datasets", {"name": "told"}))["id"]
        return [await _measured(client, receiver, dataset, order, repeats) for order in AT_ONCE]


async def _measured(client: HttpClient, receiver: Receiver, dataset: str, order: str, repeats: int) -> Result:
    pairs = []
    for _ in range(repeats):
        told = await _told(client, receiver, dataset, order)
        pairs.append((told, await _bare(receiver, at_once=AT_ONCE[order])))
    return build_result(
        f"webhook in the order of the {order}",
        pairs,
        of=EVENTS,
        unit="events",
        floor_is=f"the same requests by httpcore, {AT_ONCE[order]} at once, neither signed nor recorded",
        aim="none set",
    )


async def _told(client: HttpClient, receiver: Receiver, dataset: str, order: str) -> float:
    """Seconds from making the webhook active until all that had happened meanwhile was told."""
    asked = {"url": f"http://127.0.0.1:{receiver.port}/hook", "order": order, "active": False}
    webhook = (await client.json("POST", "/v1/webhooks", {**asked, "types": ["ExampleAdded"]}))["id"]
    for _ in range(EVENTS // 1_000):
        await client.json("POST", f"/v1/datasets/{dataset}/examples", {"examples": [ROW] * 1_000})
    receiver.count = 0
    began = time.perf_counter()
    await client.json("PATCH", f"/v1/webhooks/{webhook}", {"active": True})
    await receiver.came(EVENTS)
    took = time.perf_counter() - began
    await client.ask("DELETE", f"/v1/webhooks/{webhook}")
    return took


async def _bare(receiver: Receiver, *, at_once: int) -> float:
    """The last message again and again."""
    lines = [line.split(b": ", 1) for line in receiver.head.split(b"\r\n")[1:] if line]
    headers, body = [(name, value) for name, value in lines], receiver.body
    origin = httpcore.Origin(b"http", b"127.0.0.1", receiver.port)
    url = f"http://127.0.0.1:{receiver.port}/hook"

    async def sender() -> None:
        async with httpcore.AsyncHTTPConnection(origin) as connection:
            for _ in range(EVENTS // at_once):
                await connection.request("POST", url, headers=headers, content=body)

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(at_once)))
    return time.perf_counter() - began


@asynccontextmanager
async def _listening() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    listening = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield receiver
