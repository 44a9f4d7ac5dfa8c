"""Send one message over HTTP: resolve the host once, check its addresses, and connect to exactly those.

Redirects are not followed, proxies and cookies are not used, and only a bounded part of the response is read.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore
import httpx
import msgspec
from httpcore import AnyIOBackend, AsyncHTTPConnection, AsyncNetworkStream, Origin, Request, Response

from service.network.address_policy import LOOPBACK, PUBLIC
from service.network.resolver import AddressRefused, CheckedAddresses, Resolve, resolve

MAX_STORED_BYTES = 1_024
MAX_READ_BYTES = 65_536  # after a longer body the connection is closed, so the next message needs a new one
MIN_CHUNK_BYTES = 64  # smaller chunks count as this many: reading 64 KiB byte by byte would keep a worker busy
MAX_HEADERS = 50
MAX_HEADER_CHARACTERS = 500
# Common servers close idle connections after 5 seconds. A message sent at that moment would get no response.
IDLE_SECONDS = 4.0
COMMON_HEADERS = [
    (b"User-Agent", b"Tuneledger"),
    (b"Content-Type", b"application/json"),
    (b"Accept-Encoding", b"identity"),
]
HTTP_ERRORS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
SUCCESS_STATUSES = range(200, 300)
GONE = 410
RETRY_AFTER_SECONDS = re.compile(r"[0-9]{1,9}")  # the date form is ignored; receivers of webhooks do not send it


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one attempt: a response with the beginning of its body, or the `error` why there was none."""

    latency_ms: int
    status: int | None = None
    headers: dict[str, str] | None = None
    body: str | None = None
    error: str | None = None
    retry_after: float = 0.0

    @property
    def accepted(self) -> bool:
        return self.status in SUCCESS_STATUSES

    @property
    def gone(self) -> bool:
        return self.status == GONE


@cache
def tls_context() -> SSLContext:
    """Cached, since reading all certificate authorities takes longer than sending a message."""
    return httpx.create_ssl_context()


def parse_url(url: str) -> httpx.URL | None:
    """Parse a URL as the sender does. None when messages cannot be sent to it."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return parsed if parsed.raw_host else None


class Sender:
    """Sends messages to one URL, which `parse_url` must accept.

    It shares no connection with other senders, since TLS has verified a connection for one host name only.
    """

    def __init__(
        self,
        url: str,
        *,
        local: bool,
        seconds: float,
        resolve: Resolve = resolve,
        tls: Callable[[], SSLContext] = tls_context,
    ) -> None:
        parts = httpx.URL(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        self._origin = Origin(parts.raw_scheme, parts.raw_host, port)
        self._url = httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=port, target=parts.raw_path)
        self._headers = [(b"Host", parts.netloc), *COMMON_HEADERS]
        self._tls = tls if secure else None
        self._seconds = seconds
        host, policy = parts.raw_host.decode("ascii"), LOOPBACK if local else PUBLIC
        self._checked = CheckedAddresses(host, port, policy=policy, resolve=resolve)
        self._idle: list[AsyncHTTPConnection] = []

    async def aclose(self) -> None:
        for connection in self._idle:
            await connection.aclose()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Attempt:
        """Send one message. Errors are returned in the attempt, not raised."""
        clock = asyncio.get_running_loop()
        started, reader, error = clock.time(), _ResponseReader(), None
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(body, headers, reader)
        except TimeoutError:
            error = f"No response within {self._seconds:g} seconds."
        except AddressRefused as refusal:
            error = str(refusal)
        except (*HTTP_ERRORS, OSError, UnicodeError) as failure:
            error = f"{type(failure).__name__}: {failure}".rstrip(": ")[:500]
        latency = round((clock.time() - started) * 1_000)
        # The status alone decides. An error while reading the body does not matter.
        return reader.to_attempt(latency_ms=latency, error=error if reader.status is None else None)

    async def _exchange(self, body: bytes, headers: Mapping[str, str], reader: "_ResponseReader") -> None:
        connection = await self._open_connection()
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        all_headers = [*self._headers, (b"Content-Length", str(len(body)).encode()), *encoded]
        request = Request(b"POST", self._url, headers=all_headers, content=body)
        try:
            response = await connection.handle_async_request(request)
            try:
                await reader.read(response)
            finally:
                await response.aclose()
        finally:
            if connection.is_available():
                self._idle.append(connection)
            else:  # such as when the response was not read to its end
                await connection.aclose()

    async def _open_connection(self) -> AsyncHTTPConnection:
        """Reuse an idle connection or open one. Faster than a pool, which scans all its connections per message."""
        await self._checked.load()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return AsyncHTTPConnection(
            self._origin,
            ssl_context=self._tls() if self._tls else None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_PinnedBackend(await self._checked.load(), seconds=self._seconds),
        )


class _PinnedBackend(AnyIOBackend):
    """Connects only to the checked addresses, whatever the name resolves to by now. Tries them one after another."""

    def __init__(self, addresses: Sequence[str], *, seconds: float) -> None:
        self._addresses = addresses
        self._seconds = seconds / len(addresses)

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> AsyncNetworkStream:  # noqa: ARG002
        options["timeout"] = self._seconds
        for address in self._addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await super().connect_tcp(address, port, *args, **options)
        return await super().connect_tcp(self._addresses[-1], port, *args, **options)


class _ResponseReader:
    """Reads the beginning of a response."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._headers: dict[str, str] = {}
        self._body = b""
        self._retry_after = 0.0

    async def read(self, response: Response) -> None:
        self.status = response.status
        for raw_name, raw_value in response.headers[:MAX_HEADERS]:
            name, value = raw_name.decode("ascii").lower(), raw_value.decode(errors="replace")[:MAX_HEADER_CHARACTERS]
            self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value
        match = RETRY_AFTER_SECONDS.fullmatch(self._headers.get("retry-after", ""))
        self._retry_after = float(match[0]) if match else 0.0
        bytes_read = 0
        async for chunk in response.aiter_stream():
            self._body = (self._body + chunk)[:MAX_STORED_BYTES]
            bytes_read += max(len(chunk), MIN_CHUNK_BYTES)
            if bytes_read > MAX_READ_BYTES:
                return

    def to_attempt(self, *, latency_ms: int, error: str | None) -> Attempt:
        if self.status is None:
            return Attempt(latency_ms=latency_ms, error=error)
        # Postgres cannot store NUL.
        return Attempt(
            latency_ms=latency_ms,
            status=self.status,
            headers=self._headers,
            body=self._body.decode(errors="replace").replace("\0", "\ufffd"),
            retry_after=self._retry_after,
        )
