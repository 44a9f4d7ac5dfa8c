"""Read a file of another server: at allowed addresses only, each redirect checked anew."""

import time
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urljoin, urlsplit

import httpx2

from service.datasets.imports.containers import Unreadable
from service.errors import Fault
from service.network.address_policy import AddressPolicy
from service.network.resolver import resolve
from service.providers.openai.transport import BoundedTransport
from service.providers.provider import Refused
from service.sources.opened_source import MAX_SECONDS, SourceFailed

MAX_REDIRECTS = 5
MAX_JSON_BYTES = 8_000_000
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0


class SourceTransport(BoundedTransport):
    """Answers may be long; a compressed one stays as it is."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        return await httpx2.AsyncHTTPTransport.handle_async_request(self, request)


class WebFile:
    """An open answer. It is closed when its pieces were read, or by `close`."""

    def __init__(self, client: httpx2.AsyncClient, response: httpx2.Response) -> None:
        self._client, self._response = client, response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    async def read(self) -> AsyncIterator[bytes]:
        """The bytes as they were sent. Raises Unreadable when the server stops."""
        deadline = time.monotonic() + MAX_SECONDS
        try:
            async for piece in self._response.aiter_raw():
                yield piece
                if time.monotonic() > deadline:
                    raise _build_stop_error(f"it takes more than {MAX_SECONDS:,.0f} seconds")
        except httpx2.HTTPError as error:
            raise _build_stop_error(str(error) or type(error).__name__) from error
        finally:
            await self.close()

    async def close(self) -> None:
        await self._response.aclose()
        await self._client.aclose()


async def open_url(url: str, policy: AddressPolicy, *, headers: Mapping[str, str], pointer: str) -> WebFile:
    """Open a file. Raises SourceFailed when an address is not allowed, or the answer is no success."""
    origin = urlsplit(url).netloc
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SourceFailed("The address needs https:// and a host.", pointer=pointer)
        if parts.username or parts.password:
            raise SourceFailed("Leave the password out of the address; send it in a header.", pointer=pointer)
        file = await _ask(url, policy, headers if parts.netloc == origin else {}, pointer=pointer)
        status, location = file.status, file.headers.get("location")
        if status == httpx2.codes.OK:
            return file
        await file.close()
        if location is None or not httpx2.codes.is_redirect(status):
            raise SourceFailed(f"The server of the source answers with status {status}.", pointer=pointer)
        url = urljoin(url, location)
    raise SourceFailed("The source redirects too often.", pointer=pointer)


async def read_json(url: str, policy: AddressPolicy, *, headers: Mapping[str, str], pointer: str) -> bytes:
    """A short JSON answer. Raises SourceFailed."""
    file = await open_url(url, policy, headers=headers, pointer=pointer)
    body = bytearray()
    try:
        async for piece in file.read():
            body += piece
            if len(body) > MAX_JSON_BYTES:
                raise SourceFailed("The answer of the source is too long.", pointer=pointer)
    except Unreadable as error:
        raise SourceFailed(error.detail, pointer=pointer) from error
    finally:
        await file.close()
    return bytes(body)


async def _ask(url: str, policy: AddressPolicy, headers: Mapping[str, str], *, pointer: str) -> WebFile:
    transport = SourceTransport(
        scheme=urlsplit(url).scheme, policy=policy, timeout_seconds=READ_SECONDS, resolve=resolve
    )
    client = httpx2.AsyncClient(
        transport=transport,
        headers={"User-Agent": "tuneledger"},
        follow_redirects=False,
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        trust_env=False,
    )
    try:
        return WebFile(client, await client.send(client.build_request("GET", url, headers=dict(headers)), stream=True))
    except Refused as refused:
        await client.aclose()
        raise SourceFailed(refused.detail, pointer=pointer) from refused
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError) as error:
        await client.aclose()
        reason = str(error)[:200] or type(error).__name__
        raise SourceFailed(f"The source cannot be reached: {reason}.", pointer=pointer) from error


def _build_stop_error(reason: str) -> Unreadable:
    return Unreadable(Fault(detail=f"The source stopped: {reason[:200]}.", code="source_failed"))
