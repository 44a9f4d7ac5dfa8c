"""Answers: a value encoded once, as bytes, with its ETag and Location, so that it can also be kept for a repeat."""

from typing import Any, TypeVar, cast

import msgspec
from litestar import Response
from litestar.enums import MediaType

from service.ledger.store import Answer

T = TypeVar("T")
encoder = msgspec.json.Encoder(decimal_format="string")


def answer(value: Any, *, status: int = 200, version: int | None = None, location: str | None = None) -> Answer:
    headers: dict[str, str] = {}
    if version is not None:
        headers["ETag"] = etag(version)
    if location is not None:
        headers["Location"] = location
    return Answer(status=status, headers=headers, body=encoder.encode(value))


def etag(version: int) -> str:
    return f'"{version}"'


def respond(sent: Answer, _: type[T] | None = None) -> Response[T]:
    """The answer as a Litestar response, typed as what its bytes say."""
    response = Response(sent.body, status_code=sent.status, headers=sent.headers, media_type=MediaType.JSON)
    return cast("Response[T]", response)


def reply(value: T, *, status: int = 200, version: int | None = None, location: str | None = None) -> Response[T]:
    return respond(answer(value, status=status, version=version, location=location), type(value))
