"""Asking over HTTP, like any client: a refusal ends the walk with the server's own words."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
import msgspec

from service.demo.stage import DemoFailed

AT_ONCE = 16
PAGE = 1_000
PATIENCE = 120.0
Item = TypeVar("Item")
Body = Any  # JSON, as it comes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and answered, to be asked again: `says` in words, the digest over the answer's every byte."""

    asks: str
    path: str
    says: str
    sha256: str


class Client:
    """One key's view of the API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **params: Any) -> Body:
        return (await self._sent("GET", path, params=params)).json()

    async def post(self, path: str, body: Body) -> Body:
        return (await self._sent("POST", path, json=body)).json()

    async def put(self, path: str, body: Body) -> Body:
        return (await self._sent("PUT", path, json=body)).json()

    async def patch(self, path: str, body: Body, *, if_match: str | None = None) -> Body:
        headers = {"If-Match": if_match} if if_match else {}
        return (await self._sent("PATCH", path, json=body, headers=headers)).json()

    async def refused(self, path: str, body: Body, *, code: str) -> Body:
        """What a PUT is refused with. Raises DemoFailed unless it is, and with this code."""
        answer = await self._http.put(f"/v1{path}", json=body)
        if not answer.is_error or answer.json()["code"] != code:
            raise DemoFailed(f"PUT /v1{path} was to be refused with {code}; it was answered with {answer.text}")
        return answer.json()

    async def chat(self, model: str, messages: Body, *, stream: bool) -> tuple[str, str]:
        """What a model says to those who ask as they would ask OpenAI, and the id of the logged request."""
        body = {"model": model, "messages": messages, "stream": stream}
        answer = await self._sent("POST", "/chat/completions", json=body)
        request_id = str(answer.headers["X-Logged-Request-Id"])
        if not stream:
            return str(answer.json()["choices"][0]["message"]["content"]), request_id
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
        deltas = [choice["delta"] for line in lines for choice in json.loads(line)["choices"]]
        return "".join(delta.get("content") or "" for delta in deltas), request_id

    async def delete(self, path: str, **params: Any) -> None:
        await self._sent("DELETE", path, params=params)

    async def send_file(self, path: str, content: bytes, **params: Any) -> str:
        """Where the operation is that takes the file in."""
        headers = {"Content-Type": "application/x-ndjson"}
        sent = await self._sent("POST", path, content=content, headers=headers, params=params)
        return sent.headers["Location"].removeprefix("/v1")

    async def bytes_of(self, path: str) -> bytes:
        return (await self._sent("GET", path)).content

    async def everything(self, path: str, **params: Any) -> list[Body]:
        """All pages of a list."""
        rows, cursor = [], None
        while True:
            page = await self.get(path, limit=PAGE, **params, **({"cursor": cursor} if cursor else {}))
            rows += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    async def answer(self, asks: str, path: str, says: Callable[[bytes], str]) -> Answer:
        body = await self.bytes_of(path)
        return Answer(asks=asks, path=path, says=says(body), sha256=hashlib.sha256(body).hexdigest())

    async def _sent(self, method: str, path: str, **asked: Any) -> httpx.Response:
        answer = await self._http.request(method, f"/v1{path}", **asked)
        if answer.is_error:
            raise DemoFailed(f"{method} /v1{path} was answered with {answer.status_code}: {answer.text}")
        return answer


@asynccontextmanager
async def client(url: str, secret: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
        yield Client(http)


async def each(items: Iterable[Item], do: Callable[[Item], Awaitable[object]], *, done: Callable[[], None]) -> None:
    """Do it for every item, AT_ONCE at a time, and say after each that it is done."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> None:
        async with gate:
            await do(item)
        done()

    await asyncio.gather(*(one(item) for item in items))


async def until(look: Callable[[], Awaitable[bool]], *, what: str) -> None:
    """Look again and again until it is so. Raises DemoFailed when it is not for PATIENCE seconds."""
    clock = asyncio.get_running_loop()
    deadline = clock.time() + PATIENCE
    while not await look():
        if clock.time() > deadline:
            raise DemoFailed(f"Waited {PATIENCE:.0f} s in vain for {what}.")
        await asyncio.sleep(0.2)
