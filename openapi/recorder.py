"""Record the exchanges of a walk, for the examples of the OpenAPI document.

As a pytest plugin (`pytest -p openapi.recorder --record FILE`) or around any program (`with recording(FILE)`). Of all
requests that httpx sends to the API, the best of each operation is kept with its answer, abridged and without secrets.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec
import pytest

from service.http.openapi.operation_examples import Exchange

DOCUMENT = Path(__file__).parent / "openapi.json"
MAX_BYTES = 100_000
MAX_STREAM_BYTES = 4_000
IDEAL_BYTES = 1_200
MAX_ITEMS, MAX_TEXT, MAX_LINES = 3, 400, 6
STREAMS = {"application/x-ndjson", "text/event-stream"}
SECRETS = (
    (re.compile(r"tl_[A-Za-z0-9_-]{16,}"), "tl_…"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]{16,}"), "whsec_…"),
    (re.compile(r'("secret": ?)"(?!whsec_…|tl_…)[^"]+"'), r'\1"…"'),
    (re.compile(r"http://(127\.0\.0\.1|localhost):\d+"), "http://localhost:8399"),
    (re.compile(r"(/[a-z0-9_.-]+)+/pytest-[^\"\s]+"), "/data"),
)


class Operations:
    """Which operation of the document a request is."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._operations = [
            (method.upper(), re.compile(re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(path))), operation["operationId"])
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if method in {"get", "put", "post", "delete", "patch"}
        ]

    def find(self, method: str, path: str) -> str | None:
        return next(
            (name for verb, pattern, name in self._operations if verb == method and pattern.fullmatch(path)), None
        )


class Recorder:
    """The best exchange of each operation so far."""

    def __init__(self) -> None:
        self.best: dict[str, Exchange] = {}
        self._operations = Operations(json.loads(DOCUMENT.read_text()))

    def record(self, request: httpx.Request, response: httpx.Response, body: bytes) -> None:
        """Keep the exchange if it is a better example than the one before."""
        name = self._operations.find(request.method, request.url.path)
        if name is None or not response.is_success or len(body) > MAX_BYTES:
            return
        try:
            sent = request.content
        except httpx.RequestNotRead:
            return
        exchange = Exchange(
            path=clean(request.url.path),
            query={key: clean(value) for key, value in parse_qsl(request.url.query.decode())},
            request=value_of(sent),
            request_type=media_type(request.headers) if sent else None,
            status=response.status_code,
            response=value_of(body),
            response_type=media_type(response.headers) if body else None,
        )
        if name not in self.best or rank(exchange) < rank(self.best[name]):
            self.best[name] = exchange


def rank(exchange: Exchange) -> tuple[int, float]:
    """Lower is better: answers that hold something, bodies that say something, and neither long nor tiny."""
    size = len(json.dumps([exchange.request, exchange.response]))
    holds = exchange.response
    empty = isinstance(holds, dict) and any(holds.get(key) == [] for key in ("data", "rows", "results"))
    asks = exchange.request_type is None or exchange.request not in (None, {}, "")
    return int(empty) + int(not asks), abs(size - IDEAL_BYTES) / IDEAL_BYTES + (2 if size > 4 * IDEAL_BYTES else 0)


def media_type(headers: httpx.Headers) -> str:
    return str(headers.get("content-type", "application/json")).partition(";")[0]


def value_of(body: bytes) -> Any:
    """The JSON value of a body without its secrets; its text where it is no JSON; None where it is empty or binary."""
    try:
        text = clean(body.decode())
    except UnicodeDecodeError:
        return None
    try:
        return abridge(json.loads(text)) if text else None
    except ValueError:
        lines = text.splitlines(keepends=True)
        return "".join(lines[:MAX_LINES])[:MAX_STREAM_BYTES]


def abridge(value: Any) -> Any:
    """The value with the first few items of its long lists, and the beginning of its long texts."""
    match value:
        case dict():
            return {key: abridge(item) for key, item in value.items()}
        case list():
            return [abridge(item) for item in value[:MAX_ITEMS]]
        case str() if len(value) > MAX_TEXT:
            return value[: MAX_TEXT - 1] + "…"
        case _:
            return value


def clean(text: str) -> str:
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def save(best: dict[str, Exchange], file: Path) -> None:
    """Add to the file what is better than what it has."""
    saved = load(file)
    for name, exchange in best.items():
        if name not in saved or rank(exchange) < rank(saved[name]):
            saved[name] = exchange
    file.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(saved.items()))), indent=1) + b"\n")


def load(file: Path) -> dict[str, Exchange]:
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Exchange]) if file.exists() else {}


class _Tee(httpx.AsyncByteStream):
    """A stream that is read by somebody else, and recorded when they have enough of it."""

    def __init__(self, recorder: Recorder, request: httpx.Request, response: httpx.Response) -> None:
        self._recorder, self._request, self._response = recorder, request, response
        self._stream: Any = response.stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = b""
        try:
            async for piece in self._stream:
                body += piece if len(body) <= MAX_BYTES else b""
                yield piece
        finally:
            if media_type(self._response.headers) in STREAMS:
                body = body[: body.rfind(b"\n", 0, MAX_STREAM_BYTES) + 1] or body[:MAX_STREAM_BYTES]
            with suppress(ValueError):
                self._recorder.record(self._request, self._response, body)

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def recording(file: Path) -> Iterator[Recorder]:
    """Record what httpx's asynchronous clients send while this is open."""
    recorder = Recorder()
    originals = [(kind, kind.handle_async_request) for kind in (httpx.ASGITransport, httpx.AsyncHTTPTransport)]
    for kind, original in originals:
        kind.handle_async_request = _recorded(original, recorder)  # type: ignore[method-assign]
    try:
        yield recorder
    finally:
        for kind, original in originals:
            kind.handle_async_request = original  # type: ignore[method-assign]
        save(recorder.best, file)


def _recorded(original: Any, recorder: Recorder) -> Any:
    async def handle(transport: Any, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = await original(transport, request)
        if request.url.path.startswith(("/v1", "/livez", "/readyz")):
            response.stream = _Tee(recorder, request, response)
        return response

    return handle


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="record the exchanges into this file")


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    file: Path = session.config.getoption("--record")
    worker = getattr(session.config, "workerinput", {}).get("workerid")
    # Each worker of pytest-xdist has a file of its own.
    with recording(file.with_suffix(f".{worker}.json") if worker else file):
        return (yield)
