"""Build responses: a value encoded once, with its ETag and Location, so that the same bytes can be stored."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar, cast

import msgspec
from litestar import Response
from litestar.enums import MediaType
from litestar.params import HeaderParameter

from service.errors import Fault, Invalid
from service.ledger.store import MARKER

T = TypeVar("T")
encoder = msgspec.json.Encoder(decimal_format="string")


class StoredResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A response as bytes, so that a repeat of the request can get the same one."""

    status: int
    headers: dict[str, str]
    body: bytes

    def columns(self) -> dict[str, Any]:
        """Its columns in ledger.answers."""
        return {"status": self.status, "headers": msgspec.json.encode(self.headers).decode(), "body": self.body}


def fill_recorded_at(response: StoredResponse, at: datetime) -> StoredResponse:
    """Put the database's time in place of the marker, as the SQL function ledger.settle does for the stored one."""
    time = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
    return msgspec.structs.replace(response, body=response.body.replace(MARKER, time))


def encode_response(
    value: Any, *, status: int = 200, version: int | None = None, location: str | None = None
) -> StoredResponse:
    """Encode a value with its headers; `version` becomes the ETag."""
    headers: dict[str, str] = {}
    if version is not None:
        headers["ETag"] = format_etag(version)
    if location is not None:
        headers["Location"] = location
    return StoredResponse(status=status, headers=headers, body=encoder.encode(value))


def format_etag(version: int) -> str:
    return f'"{version}"'


def to_response(stored: StoredResponse, _: type[T] | None = None) -> Response[T]:
    """The stored response as Litestar's, typed as the value that its bytes hold."""
    response = Response(stored.body, status_code=stored.status, headers=stored.headers, media_type=MediaType.JSON)
    return cast("Response[T]", response)


def build_response(
    value: T, *, status: int = 200, version: int | None = None, location: str | None = None
) -> Response[T]:
    """Build Litestar's response of a value; `version` becomes the ETag."""
    return to_response(encode_response(value, status=status, version=version, location=location), type(value))


IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description='The ETag that the change is based on, such as `"3"`. 412 when it is stale.',
        schema_extra={"pattern": r'^\s*(\*|(W/)?"?\d{1,9}"?)\s*$'},
    ),
]
_ETAG = re.compile(r'^\s*(?:W/)?"?(\d{1,9})"?\s*$')


def parse_if_match(if_match: str | None) -> int | None:
    """The version that If-Match names; None when it is absent or `*`. Raises Invalid."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.match(if_match)
    if match is None:
        detail = 'If-Match takes one ETag of this API, such as "3", or *.'
        raise Invalid(detail, errors=[Fault(pointer="If-Match", detail=detail)])
    return int(match[1])
