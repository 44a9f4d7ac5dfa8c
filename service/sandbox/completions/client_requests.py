"""Read a chat request ahead, and watch whether its client disconnects."""

import asyncio
from contextlib import suppress
from functools import cached_property
from typing import Any, cast

import msgspec
from litestar.types import HTTPReceiveMessage, HTTPRequestEvent, Message, Receive, Send

MAX_BYTES = 32 * 1024 * 1024  # read ahead per request; the application refuses longer ones
LAST_CHUNK = b"data: [DONE]"


class ClientConnection:
    """Sits between server and application: reads the request ahead, then watches for a disconnect."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._read: list[HTTPReceiveMessage] = []
        self._watch_task: asyncio.Task[None] | None = None
        self._is_complete = False
        self.disconnected = asyncio.Event()

    async def read_request(self) -> None:
        size = 0
        while size <= MAX_BYTES:
            message = cast("HTTPReceiveMessage", await self._receive())
            self._read.append(message)
            if message["type"] != "http.request":
                self.disconnected.set()
                return
            size += len(message["body"])
            if not message["more_body"]:
                self._watch_task = asyncio.create_task(self._watch())
                return

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.disconnected.set()

    async def receive(self) -> HTTPReceiveMessage:
        if self._read:
            return self._read.pop(0)
        if self._watch_task is None:
            return cast("HTTPReceiveMessage", await self._receive())
        await self.disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not self.disconnected.is_set():
            # A client may disconnect after the stream's last event, before the empty chunk that ends the response.
            self._is_complete |= not message["more_body"] or LAST_CHUNK in message["body"]
        await self._send(message)

    async def finish(self) -> bool:
        """Stop watching; returns whether the client disconnected before the end of the response."""
        if self._watch_task:
            self._watch_task.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch_task
        return self.disconnected.is_set() and not self._is_complete

    def get_text(self) -> str:
        """All texts in the request's messages, one per line."""
        return self._text

    @cached_property
    def _text(self) -> str:
        body = b"".join(cast("HTTPRequestEvent", message)["body"] for message in self._read)
        try:
            request = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""
        return "\n".join(_collect_texts(request.get("messages") if isinstance(request, dict) else None))


def _collect_texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in _collect_texts(one)]
        case {"content": content} | {"text": content}:
            return _collect_texts(content)
        case _:
            return []
