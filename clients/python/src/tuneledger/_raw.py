"""The HTTP answers behind the values that methods return."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

import httpx
import msgspec

T = TypeVar("T")

_heard: ContextVar[list[httpx.Response] | None] = ContextVar("tuneledger_heard", default=None)


class RawResponse(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What a method returned, and the answer it was read from."""

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
        found: str | None = self.http_response.headers.get("x-request-id")
        return found

    @property
    def content(self) -> bytes:
        return self.http_response.content


@contextmanager
def hearing() -> Iterator[list[httpx.Response]]:
    """Gathers the answers to what is sent within it, in this task or thread alone."""
    answers: list[httpx.Response] = []
    token = _heard.set(answers)
    try:
        yield answers
    finally:
        _heard.reset(token)


def heard(response: httpx.Response) -> None:
    answers = _heard.get()
    if answers is not None:
        answers.append(response)
