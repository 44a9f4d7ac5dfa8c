"""The other end of a chat request: what it said, and whether it is still there."""

import asyncio
from contextlib import suppress
from functools import cached_property
from typing import Any, cast

import msgspec
from litestar.types import HTTPReceiveMessage, HTTPRequestEvent, Message, Receive, Send

MOST_BYTES = 32 * 1024 * 1024  # what is read ahead of one request; the application refuses what is longer
LAST_CHUNK = b"data: [DONE]"


class Caller:
    """Stands between the server and the application: reads the request ahead, then watches for the client's leaving."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._read: list[HTTPReceiveMessage] = []
        self._watching: asyncio.Task[None] | None = None
        self._told_all = False
        self.gone = asyncio.Event()

    async def listen(self) -> None:
        size = 0
        while size <= MOST_BYTES:
            message = cast("HTTPReceiveMessage", await self._receive())
            self._read.append(message)
            if message["type"] != "http.request":
                self.gone.set()
                return
            size += len(message["body"])
            if not message["more_body"]:
                self._watching = asyncio.create_task(self._watch())
                return

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone.set()

    async def receive(self) -> HTTPReceiveMessage:
        if self._read:
            return self._read.pop(0)
        if self._watching is None:
            return cast("HTTPReceiveMessage", await self._receive())
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not self.gone.is_set():
            # A client may go as soon as it has read the stream's last event; the empty chunk after it is for nobody.
            self._told_all |= not message["more_body"] or LAST_CHUNK in message["body"]
        await self._send(message)

    async def left_early(self) -> bool:
        """Whether the client went before it was told all. Ends the watch."""
        if self._watching:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        return self.gone.is_set() and not self._told_all

    def said(self) -> str:
        """Every text in the request's messages, a line each."""
        return self._said

    @cached_property
    def _said(self) -> str:
        body = b"".join(cast("HTTPRequestEvent", message)["body"] for message in self._read)
        try:
            request = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""
        return "\n".join(_texts(request.get("messages") if isinstance(request, dict) else None))


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in _texts(one)]
        case {"content": said} | {"text": said}:
            return _texts(said)
        case _:
            return []
