"""Access to the HTTP responses of the methods' values."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

import httpx
import msgspec

T = TypeVar("T")

_captured: ContextVar[list[httpx.Response] | None] = ContextVar("tuneledger_captured", default=None)


class RawResponse(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A method's value, and the HTTP response it was read from."""

    parsed: T
    http_response: httpx.Response

    @property
    def status_code(self) -> int:
        return self.http_response.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self.http_response.headers

    @property
    def request_id(self) -> str | None:
        request_id: str | None = self.http_response.headers.get("x-request-id")
        return request_id

    @property
    def content(self) -> bytes:
        return self.http_response.content


@contextmanager
def capture_responses() -> Iterator[list[httpx.Response]]:
    """Collect the responses to requests sent within it, in this task or thread only."""
    responses: list[httpx.Response] = []
    token = _captured.set(responses)
    try:
        yield responses
    finally:
        _captured.reset(token)


def capture(response: httpx.Response) -> None:
    responses = _captured.get()
    if responses is not None:
        responses.append(response)
