# Derived from the awaited client by `make clients`.
"""What a client is beside its resources: its options, its connections and its life."""

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import httpx
import msgspec

from tuneledger._calls import HttpCall, body, query
from tuneledger._raw import RawResponse, hearing
from tuneledger._sync._api import Api, Options
from tuneledger.errors import TuneledgerError

P = ParamSpec("P")
T = TypeVar("T")
DEFAULT_BASE_URL = "http://127.0.0.1:8400"


class Base:
    """Made from a key and an address, which default to TUNELEDGER_API_KEY and TUNELEDGER_BASE_URL."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout = 60.0,
        max_retries: int = 2,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        """An `http_client` of one's own, with its proxies and certificates, stays open when this is closed."""
        key = api_key or os.environ.get("TUNELEDGER_API_KEY")
        if not key:
            raise TuneledgerError("there is no API key: give api_key=… or set TUNELEDGER_API_KEY")
        address = base_url or os.environ.get("TUNELEDGER_BASE_URL") or DEFAULT_BASE_URL
        options = Options(
            base_url=address.rstrip("/").removesuffix("/v1").rstrip("/"),  # the paths begin with /v1
            api_key=key,
            timeout=timeout,
            max_retries=max_retries,
            headers=dict(headers or {}),
        )
        self._own = http_client is None
        self._open(Api(http_client or httpx.Client(), options))

    def _open(self, api: Api) -> None:
        self._api = api

    def with_options(
        self,
        *,
        api_key: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """A client with other options over the same connections; the first one closes them."""
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
        other._open(Api(self._api.http, options))  # noqa: SLF001 - another of our own
        return other

    def raw(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """A method's value with the HTTP answer it was read from: `client.raw(client.examples.get, example_id)`."""
        with hearing() as answers:
            parsed = method(*args, **kwargs)
        if not answers:
            raise TypeError("this method sends nothing by itself: ask for what its value sends, such as `.first`")
        return RawResponse(parsed=parsed, http_response=answers[-1])

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Any call, for what this client does not know yet, with its retries and its errors."""
        sent = None if json is None else body(json)
        return self._api.send(
            HttpCall(
                method=method.upper(), path=path, query=query(params or {}), headers=dict(headers or {}), body=sent
            )
        )

    def close(self) -> None:
        """Closes the connections, unless they are of a client that was given."""
        if self._own:
            self._api.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
