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

import httpx
import msgspec

from service.webhooks.addresses import refusal

KEPT_BYTES = 1_024
READ_BYTES = 65_536  # of a longer body the connection is closed, which costs the next message a new one
MOST_HEADERS = 50
LONGEST_HEADER = 500
ADDRESSES_TRIED = 3
SUCCESS = range(200, 300)
GONE = 410
SECONDS = re.compile(r"[0-9]{1,9}")  # Retry-After may hold a date, too, which no receiver of webhooks sends

# The addresses of a host and port, as texts.
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(Exception):  # noqa: N818 - it reads as what it is
    """Nothing is sent to this address"""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
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
def trusted() -> SSLContext:
    """Made once: to read all the authorities takes longer than a message."""
    return httpx.create_ssl_context()


def parsed(url: str) -> httpx.URL | None:
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
        tls: Callable[[], SSLContext] = trusted,
    ) -> None:
        self._url = httpx.URL(url)
        self._local = local
        self._seconds = seconds
        self._resolve = resolve
        self._addresses: list[str] = []
        self._looking = asyncio.Lock()
        self._tls = tls
        # One connection each: a pool of several looks through all of them for each message, at half the speed.
        self._lines: list[httpx.AsyncHTTPTransport] = []
        self._free: list[httpx.AsyncHTTPTransport] = []

    async def aclose(self) -> None:
        for line in self._lines:
            await line.aclose()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Whatever goes wrong is told in the answer."""
        clock = asyncio.get_running_loop()
        started, kept, error = clock.time(), _Kept(), None
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(body, headers, kept)
        except TimeoutError:
            error = f"No answer within {self._seconds:g} seconds."
        except AddressRefused as refused:
            error = str(refused)
        except (httpx.HTTPError, OSError, UnicodeError) as trouble:
            error = f"{type(trouble).__name__}: {trouble}".rstrip(": ")[:500]
        latency = round((clock.time() - started) * 1_000)
        # With a status the receiver has decided: what breaks after it is of no matter.
        return kept.answered(latency_ms=latency, error=error if kept.status is None else None)

    async def _exchange(self, body: bytes, headers: Mapping[str, str], kept: "_Kept") -> None:
        line = self._free.pop() if self._free else self._opened()
        try:
            response = await self._asked(line, body, headers)
            try:
                await kept.take(response)
            finally:
                await response.aclose()
        finally:
            self._free.append(line)

    async def _asked(self, line: httpx.AsyncHTTPTransport, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The answer of the first address that takes a connection. Raises what the last one did."""
        *others, last = await self._judged()
        for address in others:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await line.handle_async_request(self._request(address, body, headers))
        return await line.handle_async_request(self._request(last, body, headers))

    def _opened(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=5)
        self._lines.append(httpx.AsyncHTTPTransport(verify=self._tls(), limits=limits))
        return self._lines[-1]

    def _request(self, address: str, body: bytes, headers: Mapping[str, str]) -> httpx.Request:
        """To the address, in the name of the host."""
        own = {"Host": self._url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        extensions: dict[str, Any] = {"timeout": timeouts, "sni_hostname": self._url.raw_host.decode("ascii")}
        url = self._url.copy_with(host=address)
        return httpx.Request("POST", url, content=body, headers={**headers, **own}, extensions=extensions)

    async def _judged(self) -> list[str]:
        """The host's addresses, looked up once however many messages ask for them."""
        async with self._looking:
            if not self._addresses:
                port = self._url.port or (443 if self._url.scheme == "https" else 80)
                found = await self._resolve(self._url.raw_host.decode("ascii"), port)
                if not found:
                    raise AddressRefused("The name has no address.")
                # One that is not public is enough to refuse: it says what the name is for.
                for text in found:
                    if (detail := refusal(ip_address(text), local=self._local)) is not None:
                        raise AddressRefused(f"Nothing is sent there: {detail}")
                self._addresses = list(found)[:ADDRESSES_TRIED]
        return self._addresses


class _Kept:
    """What is kept of an answer, as it comes."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._headers: dict[str, str] = {}
        self._body = b""
        self._retry_after = 0.0

    async def take(self, response: httpx.Response) -> None:
        self.status = response.status_code
        pairs = list(response.headers.items())[:MOST_HEADERS]
        self._headers = {name: value[:LONGEST_HEADER] for name, value in pairs}
        waiting = SECONDS.fullmatch(response.headers.get("retry-after", ""))
        self._retry_after = float(waiting[0]) if waiting else 0.0
        read = 0
        async for part in response.aiter_raw():
            self._body = (self._body + part)[:KEPT_BYTES]
            read += len(part)
            if read > READ_BYTES:
                return

    def answered(self, *, latency_ms: int, error: str | None) -> Answered:
        if self.status is None:
            return Answered(latency_ms=latency_ms, error=error)
        # NUL is the one character that Postgres cannot hold.
        return Answered(
            latency_ms=latency_ms,
            status=self.status,
            headers=self._headers,
            body=self._body.decode(errors="replace").replace("\0", "\ufffd"),
            retry_after=self._retry_after,
        )
