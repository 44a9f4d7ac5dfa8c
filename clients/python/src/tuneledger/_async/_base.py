"""The client without its resources: options, connections, opening and closing."""

import os
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import httpx
import msgspec

from tuneledger._async._api import AsyncApi, Options
from tuneledger._calls import HttpCall, body, query
from tuneledger._raw import RawResponse, capture_responses
from tuneledger.errors import TuneledgerError

P = ParamSpec("P")
T = TypeVar("T")
DEFAULT_BASE_URL = "http://127.0.0.1:8400"


class AsyncBase:
    """A client with a key and an address, by default from TUNELEDGER_API_KEY and TUNELEDGER_BASE_URL."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout = 60.0,
        max_retries: int = 2,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """Create a client. Your own `http_client`, for proxies or certificates, is not closed with it."""
        key = api_key or os.environ.get("TUNELEDGER_API_KEY")
        if not key:
            raise TuneledgerError("there is no API key: pass api_key=… or set TUNELEDGER_API_KEY")
        address = base_url or os.environ.get("TUNELEDGER_BASE_URL") or DEFAULT_BASE_URL
        options = Options(
            base_url=address.rstrip("/").removesuffix("/v1").rstrip("/"),  # the paths begin with /v1
            api_key=key,
            timeout=timeout,
            max_retries=max_retries,
            headers=dict(headers or {}),
        )
        self._own = http_client is None
        self._open(AsyncApi(http_client or httpx.AsyncClient(), options))

    def _open(self, api: AsyncApi) -> None:
        self._api = api

    def with_options(
        self,
        *,
        api_key: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Copy the client with other options. Both share connections, which the original closes."""
        old = self._api.options
        options = msgspec.structs.replace(
            old,
            api_key=api_key or old.api_key,
            timeout=old.timeout if timeout is None else timeout,
            max_retries=old.max_retries if max_retries is None else max_retries,
            headers={**old.headers, **(headers or {})},
        )
        other = type(self).__new__(type(self))
        other._own = False  # noqa: SLF001 - another of our own
        other._open(AsyncApi(self._api.http, options))  # noqa: SLF001 - another of our own
        return other

    async def raw(self, method: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Call a method and return its value with the HTTP response: `client.raw(client.examples.get, example_id)`."""
        with capture_responses() as responses:
            parsed = await method(*args, **kwargs)
        if not responses:
            raise TypeError("this method sends no request itself: use a method of its value, such as `.first`")
        return RawResponse(parsed=parsed, http_response=responses[-1])

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send any request, with retries and errors, for routes that this client does not know yet."""
        encoded = None if json is None else body(json)
        return await self._api.send(
            HttpCall(
                method=method.upper(), path=path, query=query(params or {}), headers=dict(headers or {}), body=encoded
            )
        )

    async def aclose(self) -> None:
        """Close the connections, except those of your own `http_client`."""
        if self._own:
            await self._api.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
