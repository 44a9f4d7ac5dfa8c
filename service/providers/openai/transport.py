"""How a provider is asked: at checked addresses only, within a time, and with a bound on what it may answer."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, suppress
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, cast

import httpcore2
import httpx2
import msgspec

from service.network.address_policy import AddressPolicy
from service.network.resolver import MAX_ADDRESSES, Resolve
from service.providers.provider import Refused, Unreachable

MAX_BYTES = 8_000_000
MAX_CHAT_BYTES = 32_000_000  # the longest that any model gives is some megabytes with its log-probabilities
MAX_FILE_BYTES = MAX_STREAM_BYTES = 64_000_000
MIN_CHUNK_BYTES = 64  # smaller chunks count as this many: reading megabytes byte by byte would keep a process busy
MAX_SECONDS = 120.0  # for all but chat answers: no server needs longer to list a page or to create a job
FILE_SECONDS = 300.0
STREAM_SECONDS = 900.0
UPLOAD_BYTES_PER_SECOND = 100_000
EVENT_STREAM = "text/event-stream"
POOL_LIMITS = {"max_connections": 1_000, "max_keepalive_connections": 100, "keepalive_expiry": 5.0}


class AnswerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The most bytes of a body, and the seconds from the beginning of the request to the end of the answer."""

    max_bytes: int
    seconds: float


class DeadlinePassed(httpx2.ReadTimeout):
    """The answer did not end in time"""

    def __init__(self, seconds: float) -> None:
        super().__init__("The answer did not end in time.")
        self.seconds = seconds


def choose_limits(request: httpx2.Request, timeout_seconds: float) -> AnswerLimits:
    """Choose by what is asked for. The connection's timeout counts for chat answers, and shortens all others."""
    path, short = request.url.path, min(timeout_seconds, MAX_SECONDS)
    if request.headers.get("accept") == EVENT_STREAM:
        return AnswerLimits(max_bytes=MAX_STREAM_BYTES, seconds=STREAM_SECONDS)
    if path.endswith("/chat/completions"):
        return AnswerLimits(max_bytes=MAX_CHAT_BYTES, seconds=timeout_seconds)
    if path.endswith("/content"):
        return AnswerLimits(max_bytes=MAX_FILE_BYTES, seconds=FILE_SECONDS)
    upload_seconds = int(request.headers.get("content-length", 0)) / UPLOAD_BYTES_PER_SECOND
    return AnswerLimits(max_bytes=MAX_BYTES, seconds=short + upload_seconds)


class BoundedTransport(httpx2.AsyncHTTPTransport):
    """Uses no proxy and decodes no compressed answer: a small one could become gigabytes."""

    def __init__(self, *, scheme: str, policy: AddressPolicy, timeout_seconds: float, resolve: Resolve) -> None:
        super().__init__(verify=tls_context(), trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls_context(),
            network_backend=_CheckedBackend(scheme=scheme, policy=policy, resolve=resolve),
            **cast(Any, POOL_LIMITS),
        )
        self._timeout_seconds = timeout_seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        limits = request.extensions.get("answer_limits") or choose_limits(request, self._timeout_seconds)
        deadline = asyncio.get_running_loop().time() + limits.seconds
        request.headers["Accept-Encoding"] = "identity"
        try:
            async with asyncio.timeout_at(deadline):
                response = await super().handle_async_request(request)
        except TimeoutError:
            raise DeadlinePassed(limits.seconds) from None
        if response.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            await response.aclose()
            detail = "the provider's response is compressed, although it was asked not to be"
            raise Unreachable(detail, because="unreadable")
        body = _BoundedStream(cast(httpx2.AsyncByteStream, response.stream), limits=limits, deadline=deadline)
        return httpx2.Response(
            response.status_code, headers=response.headers, stream=body, extensions=response.extensions
        )


@cache
def tls_context() -> SSLContext:
    """Cached, since reading all certificate authorities takes longer than most answers."""
    return httpx2.create_ssl_context()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, *, limits: AnswerLimits, deadline: float) -> None:
        self._stream = stream
        self._limits = limits
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        bytes_read = 0
        async with aclosing(cast(Any, aiter(self._stream))) as chunks:
            while True:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        chunk: bytes | None = await anext(chunks, None)
                except TimeoutError:
                    raise DeadlinePassed(self._limits.seconds) from None
                if chunk is None:
                    return
                bytes_read += max(len(chunk), MIN_CHUNK_BYTES)
                if bytes_read > self._limits.max_bytes:
                    raise Unreachable("the provider's response is too long", because="unreadable")
                yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _CheckedBackend(httpcore2.AnyIOBackend):
    """Resolves the host once for each connection, checks all addresses, and connects to exactly those."""

    def __init__(self, *, scheme: str, policy: AddressPolicy, resolve: Resolve) -> None:
        self._scheme = scheme
        self._policy = policy
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._find_addresses(host, port, seconds=timeout)
        share = timeout / len(addresses) if timeout else None
        for address in addresses[:-1]:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await super().connect_tcp(address, port, share, local_address, socket_options)
        return await super().connect_tcp(addresses[-1], port, share, local_address, socket_options)

    async def _find_addresses(self, host: str, port: int, *, seconds: float | None) -> list[str]:
        """Raises Refused when one of them is not allowed, before anything is connected to."""
        try:
            async with asyncio.timeout(seconds):
                texts = list(await self._resolve(host, port))
        except TimeoutError:
            raise httpcore2.ConnectTimeout from None
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        if not texts:
            raise httpcore2.ConnectError("the host has no address")
        fault = self._policy.find_fault(self._scheme, host, port, [ip_address(text) for text in texts])
        if fault is not None:
            raise Refused(f"Nothing was sent: {fault.detail}", provider_code=fault.code)
        return texts[:MAX_ADDRESSES]
