"""A client of live streams, as plain as the protocol."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import msgspec

STREAM = "/v1/events/stream"


class Message(msgspec.Struct, frozen=True):
    id: int
    name: str
    data: Any


def read(lines: Iterable[str]) -> list[Message]:
    """The messages of a whole answer."""
    reader = Reader()
    return [message for line in lines if (message := reader.line(line)) is not None]


class Reader:
    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.comments: list[str] = []

    def line(self, line: str) -> Message | None:
        """The message that the line completes."""
        if line.startswith(":"):
            self.comments.append(line[1:].strip())
        elif line:
            name, _, value = line.partition(":")
            self.fields[name] = value.removeprefix(" ")
        elif "data" in self.fields:
            fields, self.fields = self.fields, {}
            return Message(
                int(fields.get("id", -1)), fields.get("event", "message"), msgspec.json.decode(fields["data"])
            )
        return None


async def listen(
    client: httpx.AsyncClient, path: str, *, last: int | None = None, **params: Any
) -> AsyncIterator[Message]:
    """The messages as they come, until the stream ends."""
    headers = {"Last-Event-ID": str(last)} if last is not None else {}
    reader = Reader()
    async with client.stream("GET", path, params=params, headers=headers, timeout=60) as answer:
        assert answer.status_code == 200, await answer.aread()
        async for line in answer.aiter_lines():
            if (message := reader.line(line)) is not None:
                yield message


async def whole(client: httpx.AsyncClient, path: str, *, last: int | None = None, **params: Any) -> list[Message]:
    return [message async for message in listen(client, path, last=last, **params)]


async def events(client: httpx.AsyncClient, path: str = "/v1/events/stream", **more: Any) -> list[int]:
    """The ids of all events, when the stream has ended; by default that is when all there is was sent."""
    return [each.id for each in await whole(client, path, **{"seconds": 0, **more}) if each.name == "message"]


async def until(condition: Any, *, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a condition of any kind
            await asyncio.sleep(0.02)


async def add_keys(api: httpx.AsyncClient, count: int, *, name: str = "key") -> list[str]:
    """Keys of the caller's own: one event each."""
    body = {"member_id": (await api.get("/v1/me")).json()["member_id"], "scopes": ["audit:read"]}
    responses = [await api.post("/v1/api-keys", json={"name": f"{name} {n}", **body}) for n in range(count)]
    return [each.json()["id"] for each in responses]
