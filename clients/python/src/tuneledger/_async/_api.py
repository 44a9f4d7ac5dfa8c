"""The transport: sends calls, retries if that is safe, and turns refusals into errors."""

import itertools
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx
import msgspec

from tuneledger._async._platform import sleep
from tuneledger._async._upload import chunks
from tuneledger._calls import HttpCall
from tuneledger._raw import capture
from tuneledger._retries import pause, safe_to_repeat, worth_repeating
from tuneledger._shapes import remember_etag
from tuneledger._version import __version__
from tuneledger.errors import UnexpectedAnswerError, connection_error, status_error

T = TypeVar("T")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a client. `timeout` in seconds limits connecting, and each wait for bytes."""

    base_url: str
    api_key: str
    timeout: float | httpx.Timeout
    max_retries: int
    headers: dict[str, str]


class AsyncApi:
    """Sends calls over an open HTTP client."""

    def __init__(self, http: httpx.AsyncClient, options: Options) -> None:
        self.http = http
        self.options = options

    async def answer(self, call: HttpCall, kind: type[T]) -> T:
        """Send a call and decode the response into a struct with its ETag."""
        response = await self.send(call)
        try:
            value = msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            raise UnexpectedAnswerError(f"{call.method} {call.path}: {error}", response) from error
        remember_etag(value, response.headers.get("etag"))
        return value

    async def done(self, call: HttpCall) -> None:
        """Send a call whose response has no body."""
        await self.send(call)

    async def send(self, call: HttpCall) -> httpx.Response:
        """Send a call and read the response. Raises APIStatusError if refused, APIConnectionError without an answer."""
        response = await self._try(call, stream=False)
        capture(response)
        return response

    @asynccontextmanager
    async def streaming(self, call: HttpCall, *, read_timeout: float | None = None) -> AsyncIterator[httpx.Response]:
        """Send a call; the response is read while it arrives."""
        response = await self._try(call, stream=True, read_timeout=read_timeout)
        try:
            yield response
        except httpx.TransportError as error:
            raise connection_error(error) from error
        finally:
            await response.aclose()

    async def _try(self, call: HttpCall, *, stream: bool, read_timeout: float | None = None) -> httpx.Response:
        headers = self._headers(call)
        conditional = "If-Match" in headers and "Idempotency-Key" not in headers
        repeatable = call.source is None or call.source.repeatable
        for attempt in itertools.count():
            last = attempt >= self.options.max_retries or not repeatable
            request = self._request(call, headers, read_timeout)
            try:
                response = await self.http.send(request, stream=stream)
                if response.is_success:
                    return response
                await response.aread()
            except httpx.TransportError as error:
                if last or not safe_to_repeat(error, conditional=conditional):
                    raise connection_error(error) from error
                await sleep(pause(attempt))
                continue
            if last or not worth_repeating(response):
                capture(response)
                raise status_error(response)
            await sleep(pause(attempt, response))
        raise AssertionError("the loop above does not end by itself")

    def _headers(self, call: HttpCall) -> dict[str, str]:
        headers = {
            "Accept": "*/*",
            "Authorization": f"Bearer {self.options.api_key}",
            "User-Agent": f"tuneledger-python/{__version__}",
            **self.options.headers,
            **call.headers,
        }
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.source is not None:
            headers["Content-Type"] = call.source.content_type
            if call.source.size is not None:
                headers["Content-Length"] = str(call.source.size)
        if call.method == "POST":
            # One key for all attempts: the first that arrives counts, and the others get its response.
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        return headers

    def _request(self, call: HttpCall, headers: dict[str, str], read_timeout: float | None) -> httpx.Request:
        timeout = httpx.Timeout(self.options.timeout)
        if read_timeout is not None:
            timeout.read = read_timeout
        return self.http.build_request(
            call.method,
            self.options.base_url + call.path,
            params=dict(call.query),
            headers=headers,
            content=call.body if call.source is None else chunks(call.source),
            timeout=timeout,
        )


class AsyncResource:
    """The methods of one area of the API."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api
