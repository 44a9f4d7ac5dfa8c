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
from typing import TypeAlias

import h11
import httpx
import msgspec

from service.webhooks.addresses import refusal
from service.webhooks.wire import Wire, connected

KEPT_BYTES = 1_024
READ_BYTES = 65_536  # of a longer body the connection is closed, which costs the next message a new one
LEAST_PART = 64  # bytes, as which a smaller part counts: 64 KiB byte by byte cost as much as a thousand messages
MOST_HEADERS = 50
LONGEST_HEADER = 500
ADDRESSES_TRIED = 3
OWN_HEADERS = [("User-Agent", "Tuneledger"), ("Content-Type", "application/json"), ("Accept-Encoding", "identity")]
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
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


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
        parts = httpx.URL(url)
        self._name = parts.raw_host.decode("ascii")
        self._target = parts.raw_path
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._own = [("Host", parts.netloc.decode("ascii")), *OWN_HEADERS]
        self._tls = tls if parts.scheme == "https" else None
        self._local = local
        self._seconds = seconds
        self._resolve = resolve
        self._addresses: list[str] = []
        self._looking = asyncio.Lock()
        self._free: list[Wire] = []

    def close(self) -> None:
        for wire in self._free:
            wire.close()

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
        except (h11.ProtocolError, OSError, UnicodeError) as trouble:
            error = f"{type(trouble).__name__}: {trouble}".rstrip(": ")[:500]
        latency = round((clock.time() - started) * 1_000)
        # With a status the receiver has decided: what breaks after it is of no matter.
        return kept.answered(latency_ms=latency, error=error if kept.status is None else None)

    async def _exchange(self, body: bytes, headers: Mapping[str, str], kept: "_Kept") -> None:
        wire = self._open_one() or await self._connected()
        try:
            head = [*self._own, ("Content-Length", str(len(body))), *headers.items()]
            await kept.take(await wire.ask(self._target, head, body), wire)
        finally:
            if wire.rest():
                self._free.append(wire)

    def _open_one(self) -> Wire | None:
        while self._free:
            wire = self._free.pop()
            if wire.usable:
                return wire
            wire.close()
        return None

    async def _connected(self) -> Wire:
        """To the first address that takes a connection. Raises what the last one did."""
        addresses = await self._judged()
        tls = self._tls() if self._tls else None
        for address in addresses[:-1]:
            with suppress(OSError):
                async with asyncio.timeout(self._seconds / len(addresses)):
                    return await connected(address, self._port, tls=tls, name=self._name)
        return await connected(addresses[-1], self._port, tls=tls, name=self._name)

    async def _judged(self) -> list[str]:
        """The host's addresses, looked up once however many messages ask for them."""
        async with self._looking:
            if not self._addresses:
                found = await self._resolve(self._name, self._port)
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

    async def take(self, response: h11.Response, wire: Wire) -> None:
        self.status = response.status_code
        for raw_name, raw_value in list(response.headers)[:MOST_HEADERS]:
            name, value = raw_name.decode("ascii"), raw_value.decode(errors="replace")[:LONGEST_HEADER]
            self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value
        waiting = SECONDS.fullmatch(self._headers.get("retry-after", ""))
        self._retry_after = float(waiting[0]) if waiting else 0.0
        read = 0
        async for part in wire.body():
            self._body = (self._body + part)[:KEPT_BYTES]
            read += max(len(part), LEAST_PART)
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
