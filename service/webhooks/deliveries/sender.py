"""One message to one endpoint: its name is looked up once, its address judged, and that very address connected to.

Redirects are not followed, no proxy or cookie is used, and of the answer a bounded part is read.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, TypeAlias

import httpcore
import httpx
import msgspec
from httpcore import AnyIOBackend, AsyncHTTPConnection, AsyncNetworkStream, Origin, Request, Response

from service.webhooks.address_policy import find_address_fault

MAX_KEPT_BYTES = 1_024
MAX_READ_BYTES = 65_536  # of a longer body the connection is closed, which costs the next message a new one
MIN_PART_BYTES = 64  # bytes, as which a smaller part counts: 64 KiB byte by byte cost as much as a thousand messages
MAX_HEADERS = 50
MAX_HEADER_CHARACTERS = 500
MAX_ADDRESSES = 3
# Common servers hang up after 5 seconds of silence, and a message that meets that moment has no answer.
IDLE_SECONDS = 4.0
OWN_HEADERS = [
    (b"User-Agent", b"Tuneledger"),
    (b"Content-Type", b"application/json"),
    (b"Accept-Encoding", b"identity"),
]
HTTP_ERRORS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
SUCCESS = range(200, 300)
GONE = 410
SECONDS = re.compile(r"[0-9]{1,9}")  # Retry-After may hold a date, too, which no receiver of webhooks sends

# The addresses of a host and port, as texts.
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(Exception):  # noqa: N818 - it reads as what it is
    """Nothing is sent to this address"""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one attempt: an answer with the beginning of its body, or the `error` that there was none."""

    latency_ms: int
    status: int | None = None
    headers: dict[str, str] | None = None
    body: str | None = None
    error: str | None = None
    retry_after: float = 0.0

    @property
    def accepted(self) -> bool:
        return self.status in SUCCESS

    @property
    def gone(self) -> bool:
        return self.status == GONE


async def resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache
def tls_context() -> SSLContext:
    """Made once: to read all the authorities takes longer than a message."""
    return httpx.create_ssl_context()


def parse_url(url: str) -> httpx.URL | None:
    """The URL as it will be sent to; None when it is none for that."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return found if found.raw_host else None


class Sender:
    """Sends to one URL, one that `parsed` takes.

    Over connections of its own: each is trusted for the name it was opened for, and for no other at that address.
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
        self._own = [(b"Host", parts.netloc), *OWN_HEADERS]
        self._tls = tls if secure else None
        self._seconds = seconds
        self._judged = _CheckedAddresses(parts.raw_host.decode("ascii"), port, local=local, resolve=resolve)
        self._free: list[AsyncHTTPConnection] = []

    async def aclose(self) -> None:
        for connection in self._free:
            await connection.aclose()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Attempt:
        """Whatever goes wrong is told in the answer."""
        clock = asyncio.get_running_loop()
        started, kept, error = clock.time(), _ResponseReader(), None
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(body, headers, kept)
        except TimeoutError:
            error = f"No answer within {self._seconds:g} seconds."
        except AddressRefused as refused:
            error = str(refused)
        except (*HTTP_ERRORS, OSError, UnicodeError) as trouble:
            error = f"{type(trouble).__name__}: {trouble}".rstrip(": ")[:500]
        latency = round((clock.time() - started) * 1_000)
        # With a status the receiver has decided: what breaks after it is of no matter.
        return kept.answered(latency_ms=latency, error=error if kept.status is None else None)

    async def _exchange(self, body: bytes, headers: Mapping[str, str], kept: "_ResponseReader") -> None:
        connection = await self._open_one()
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        head = [*self._own, (b"Content-Length", str(len(body)).encode()), *told]
        request = Request(b"POST", self._url, headers=head, content=body)
        try:
            response = await connection.handle_async_request(request)
            try:
                await kept.take(response)
            finally:
                await response.aclose()
        finally:
            if connection.is_available():
                self._free.append(connection)
            else:  # as when not all of the answer was read
                await connection.aclose()

    async def _open_one(self) -> AsyncHTTPConnection:
        """One that carries one message at a time: a pool looks through all of them for each message."""
        await self._judged.addresses()
        while self._free:
            connection = self._free.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return AsyncHTTPConnection(
            self._origin,
            ssl_context=self._tls() if self._tls else None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_PinnedBackend(await self._judged.addresses(), seconds=self._seconds),
        )


class _CheckedAddresses:
    """The host's addresses, looked up and judged once however many messages ask for them."""

    def __init__(self, name: str, port: int, *, local: bool, resolve: Resolve) -> None:
        self._name = name
        self._port = port
        self._local = local
        self._resolve = resolve
        self._found: list[str] = []
        self._looking = asyncio.Lock()

    async def addresses(self) -> list[str]:
        """Raises AddressRefused when nothing may be sent there, and what the look-up raises."""
        async with self._looking:
            if not self._found:
                found = await self._resolve(self._name, self._port)
                if not found:
                    raise AddressRefused("The name has no address.")
                # One that is not public is enough to refuse: it says what the name is for.
                for text in found:
                    if (detail := find_address_fault(ip_address(text), local=self._local)) is not None:
                        raise AddressRefused(f"Nothing is sent there: {detail}")
                self._found = list(found)[:MAX_ADDRESSES]
        return self._found


class _PinnedBackend(AnyIOBackend):
    """Connects to these very addresses, whatever the name points to by now; the next when one does not take it."""

    def __init__(self, addresses: Sequence[str], *, seconds: float) -> None:
        self._addresses = addresses
        self._seconds = seconds / len(addresses)

    async def connect_tcp(self, host: str, port: int, *more: Any, **given: Any) -> AsyncNetworkStream:  # noqa: ARG002
        given["timeout"] = self._seconds
        for address in self._addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await super().connect_tcp(address, port, *more, **given)
        return await super().connect_tcp(self._addresses[-1], port, *more, **given)


class _ResponseReader:
    """What is kept of an answer, as it comes."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._headers: dict[str, str] = {}
        self._body = b""
        self._retry_after = 0.0

    async def take(self, response: Response) -> None:
        self.status = response.status
        for raw_name, raw_value in response.headers[:MAX_HEADERS]:
            name, value = raw_name.decode("ascii").lower(), raw_value.decode(errors="replace")[:MAX_HEADER_CHARACTERS]
            self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value
        waiting = SECONDS.fullmatch(self._headers.get("retry-after", ""))
        self._retry_after = float(waiting[0]) if waiting else 0.0
        read = 0
        async for part in response.aiter_stream():
            self._body = (self._body + part)[:MAX_KEPT_BYTES]
            read += max(len(part), MIN_PART_BYTES)
            if read > MAX_READ_BYTES:
                return

    def answered(self, *, latency_ms: int, error: str | None) -> Attempt:
        if self.status is None:
            return Attempt(latency_ms=latency_ms, error=error)
        # NUL is the one character that Postgres cannot hold.
        return Attempt(
            latency_ms=latency_ms,
            status=self.status,
            headers=self._headers,
            body=self._body.decode(errors="replace").replace("\0", "\ufffd"),
            retry_after=self._retry_after,
        )
