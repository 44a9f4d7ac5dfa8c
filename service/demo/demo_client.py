"""The demo's HTTP client: an error response ends the demo with the server's message."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
import msgspec

from service.demo.stage import DemoFailed

CONCURRENCY = 16
PAGE_ROWS = 1_000
TIMEOUT_SECONDS = 120.0
REQUEST_SECONDS = 300.0  # a model on this machine is loaded for the first request
Item = TypeVar("Item")
Body = Any  # decoded JSON


class RecordedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A request and its answer, to be repeated later: `says` in words, and the digest of the body."""

    asks: str
    path: str
    says: str
    sha256: str


class Client:
    """One key's view of the API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **params: Any) -> Body:
        return (await self._request("GET", path, params=params)).json()

    async def post(self, path: str, body: Body) -> Body:
        return (await self._request("POST", path, json=body)).json()

    async def put(self, path: str, body: Body) -> Body:
        return (await self._request("PUT", path, json=body)).json()

    async def patch(self, path: str, body: Body, *, if_match: str | None = None) -> Body:
        headers = {"If-Match": if_match} if if_match else {}
        return (await self._request("PATCH", path, json=body, headers=headers)).json()

    async def expect_refusal(self, path: str, body: Body, *, code: str, method: str = "PUT") -> Body:
        """Send it, and return the refusal. Raises DemoFailed unless it is refused with this code."""
        answer = await self._http.request(method, f"/v1{path}", json=body)
        if not answer.is_error or answer.json()["code"] != code:
            raise DemoFailed(f"{method} /v1{path} was to be refused with {code}; it was answered with {answer.text}")
        return answer.json()

    async def chat(self, model: str, messages: Body, *, stream: bool) -> tuple[str, str]:
        """Ask a model through OpenAI's protocol; returns its text and the id of the logged request."""
        body = {"model": model, "messages": messages, "stream": stream}
        answer = await self._request("POST", "/chat/completions", json=body)
        request_id = str(answer.headers["X-Logged-Request-Id"])
        if not stream:
            return str(answer.json()["choices"][0]["message"]["content"]), request_id
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
        deltas = [choice["delta"] for line in lines for choice in json.loads(line)["choices"]]
        return "".join(delta.get("content") or "" for delta in deltas), request_id

    async def delete(self, path: str, **params: Any) -> None:
        await self._request("DELETE", path, params=params)

    async def send_file(self, path: str, content: bytes, **params: Any) -> str:
        """Upload a file; returns the path of its operation."""
        headers = {"Content-Type": "application/x-ndjson"}
        response = await self._request("POST", path, content=content, headers=headers, params=params)
        return response.headers["Location"].removeprefix("/v1")

    async def get_bytes(self, path: str) -> bytes:
        return (await self._request("GET", path)).content

    async def list_all(self, path: str, **params: Any) -> list[Body]:
        """Load all pages of a list."""
        rows, cursor = [], None
        while True:
            page = await self.get(path, limit=PAGE_ROWS, **params, **({"cursor": cursor} if cursor else {}))
            rows += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    async def answer(self, asks: str, path: str, says: Callable[[bytes], str]) -> RecordedAnswer:
        body = await self.get_bytes(path)
        return RecordedAnswer(asks=asks, path=path, says=says(body), sha256=hashlib.sha256(body).hexdigest())

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self._http.request(method, f"/v1{path}", **options)
        if answer.is_error:
            raise DemoFailed(f"{method} /v1{path} was answered with {answer.status_code}: {answer.text}")
        return answer


@asynccontextmanager
async def open_client(url: str, secret: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=REQUEST_SECONDS, trust_env=False) as http:
        yield Client(http)


async def for_each(
    items: Iterable[Item], run: Callable[[Item], Awaitable[object]], *, on_done: Callable[[], None]
) -> None:
    """Run for every item, CONCURRENCY at a time, and call `on_done` after each."""
    semaphore = asyncio.Semaphore(CONCURRENCY)

    async def run_one(item: Item) -> None:
        async with semaphore:
            await run(item)
        on_done()

    await asyncio.gather(*(run_one(item) for item in items))


async def wait_until(is_done: Callable[[], Awaitable[bool]], *, what: str, seconds: float = TIMEOUT_SECONDS) -> None:
    """Poll until it is done. Raises DemoFailed when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await is_done():
        if loop.time() > deadline:
            raise DemoFailed(f"Waited {seconds:.0f} s in vain for {what}.")
        await asyncio.sleep(0.2)
