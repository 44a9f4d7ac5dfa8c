"""Answers: a value encoded once, as bytes, with its ETag and Location, so that it can also be kept for a repeat."""

import re
from typing import Annotated, Any, TypeVar, cast

import msgspec
from litestar import Response
from litestar.enums import MediaType
from litestar.params import HeaderParameter

from service.errors import Fault, Invalid
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


IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description='The ETag the change was made for, such as `"3"`; 412 when it is stale.'
    ),
]
_TAG = re.compile(r'^\s*(?:W/)?"?(\d{1,9})"?\s*$')


def expected(if_match: str | None) -> int | None:
    """The version that If-Match names; None when it is absent or `*`."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.match(if_match)
    if match is None:
        detail = 'If-Match takes one ETag of this API, such as "3", or *.'
        raise Invalid(detail, errors=[Fault(pointer="If-Match", detail=detail)])
    return int(match[1])
