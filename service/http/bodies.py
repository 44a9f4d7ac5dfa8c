"""Request bodies: decoded once, strictly, straight into the struct that the route asks for."""

from functools import lru_cache
from typing import Annotated, Any, TypeVar, dataclass_transform

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.params import BodyKwarg, SkipValidationMarker

from service.errors import Fault, Invalid, UnsupportedMediaType
from service.json_pointers import fault_of

T = TypeVar("T")

# Litestar would decode to plain objects and convert those leniently ("5" for 5); StrictRequest has done better by then.
JSON = Annotated[T, BodyKwarg(media_type=RequestEncodingType.JSON), SkipValidationMarker()]

# Text that Postgres can hold and a person can read: anything but NUL.
NO_NUL = r"^[^\x00]*$"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, msgspec.Meta(max_length=20_000, pattern=NO_NUL)]
Reason = Annotated[str, msgspec.Meta(max_length=2_000, pattern=NO_NUL, description="Why; kept in the history.")]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body. Unknown fields are refused by name."""


@lru_cache(maxsize=1024)
def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def decode(body: bytes, kind: Any) -> Any:
    """Decode `body` as `kind`. Raises Invalid with a JSON pointer to the first fault."""
    try:
        return decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        fault = fault_of(str(error), kind)
        raise Invalid(fault.detail, errors=[fault]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = f"The body is not valid JSON: {error}."
        raise Invalid(detail, errors=[Fault(detail=detail, code="not_json")]) from error
    except RecursionError as error:
        detail = "The body is nested too deeply."
        raise Invalid(detail, errors=[Fault(detail=detail, code="too_deep")]) from error


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body is decoded as the type that its route declares."""

    async def body(self) -> bytes:
        # An absent body reads as null, so that a route which needs one says what it expected.
        return await super().body() or b"null"

    async def json(self) -> Any:
        media_type, _ = self.content_type
        # The second is what curl -d says of JSON unless it is told better; GitHub takes it, too.
        known = ("", "application/json", "application/x-www-form-urlencoded")
        if media_type not in known and not media_type.endswith("+json"):
            raise UnsupportedMediaType(f"This route takes application/json, not {media_type[:100]}.")
        field = self.route_handler.parsed_data_field
        return decode(await self.body(), field.annotation if field else Any)
