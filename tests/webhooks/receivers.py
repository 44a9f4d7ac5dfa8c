"""A receiver of webhooks: a small HTTP server that verifies messages with the standard's own library."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

Writer = asyncio.StreamWriter
Behavior = Callable[["Message", Writer], Awaitable[None]]


class Message:
    def __init__(self, head: bytes, body: bytes) -> None:
        self.request, *lines = head.decode("latin-1").rstrip().split("\r\n")
        self.headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        self.body = body
        self.json: dict[str, Any] = json.loads(body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def seq(self) -> int:
        return int(self.json["data"]["seq"])

    @property
    def stream(self) -> str:
        return str(self.json["data"]["id"])

    def is_signed_with(self, secret: str) -> bool:
        try:
            return bool(Webhook(secret).verify(self.body, self.headers) == self.json)
        except WebhookVerificationError:
            return False


class Receiver:
    """`behavior` responds. `received`: all messages. `accepted`: those that got a 2xx response, in order."""

    def __init__(self) -> None:
        self.secret = ""
        self.behavior: Behavior = respond_with(204)
        self.received: list[Message] = []
        self.accepted: list[Message] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[Writer] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=ledger"

    @property
    def seqs(self) -> list[int]:
        """The seqs that were accepted, in order, without repeats of a message id."""
        return list({message.id: message.seq for message in self.accepted}.values())

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Abort all connections, as if the receiver were killed."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:"))
                await self._handle(Message(head, await reader.readexactly(length)), writer)
        self._writers.discard(writer)
        writer.close()

    async def _handle(self, message: Message, writer: Writer) -> None:
        self.received.append(message)
        if self.secret and not message.is_signed_with(self.secret):
            await answer(writer, 401)
            return
        await self.behavior(message, writer)

    def accept_all(self) -> None:
        self.behavior = self.accept

    async def accept(self, message: Message, writer: Writer) -> None:
        self.accepted.append(message)
        await answer(writer, 204)


async def answer(writer: Writer, status: int, body: bytes = b"", **headers: str) -> None:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    lines = "".join(f"{name}: {text}\r\n" for name, text in (named | {"content-length": str(len(body))}).items())
    writer.write(f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body)
    await writer.drain()


def respond_with(status: int, body: bytes = b"", **headers: str) -> Behavior:
    async def behave(_: Message, writer: Writer) -> None:
        await answer(writer, status, body, **headers)

    return behave


async def hang(_: Message, writer: Writer) -> None:
    await asyncio.sleep(60)


async def ten_gigabytes(message: Message, writer: Writer) -> None:
    """Send up to 10 GB, until the client hangs up."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
    with suppress(ConnectionError):
        for _ in range(10_000):
            writer.write(b"x" * 1_000_000)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.accept_all()
    await receiver.listen()
    try:
        yield receiver
    finally:
        await receiver.close()
