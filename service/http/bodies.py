"""Request bodies: decoded once, strictly, into the struct that the route declares."""

from codecs import BOM_UTF8
from functools import lru_cache
from typing import Annotated, Any, TypeVar, dataclass_transform

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.params import BodyKwarg, SkipValidationMarker

from service.errors import Fault, Invalid, TooLarge, UnsupportedMediaType
from service.json_pointers import parse_fault
from service.json_values import (
    MAX_VALUES,
    MAX_VALUES_WITHOUT_TEXTS,
    find_duplicate_key,
    has_too_many_values,
    without_collection,
)

T = TypeVar("T")
ANY_JSON = msgspec.json.Decoder()

MAX_BYTES = 1_000_000
# For the `opt` of a route whose bodies have texts of examples or calls: the setting JSON_BODY_LIMIT is its limit.
CARRIES_TEXTS = {"carries_texts": True}

# Skips Litestar's lenient conversion ("5" to 5): StrictRequest has already decoded the body strictly.
JSON = Annotated[T, BodyKwarg(media_type=RequestEncodingType.JSON), SkipValidationMarker()]

# Postgres text cannot hold NUL.
NO_NUL = r"^[^\x00]*$"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, msgspec.Meta(max_length=20_000, pattern=NO_NUL)]
Reason = Annotated[str, msgspec.Meta(max_length=2_000, pattern=NO_NUL, description="The reason; the history shows it.")]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body. An unknown field is an error."""


@lru_cache(maxsize=1024)
def build_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def decode(body: bytes, kind: Any, *, max_values: int = MAX_VALUES, checks_keys: bool = True) -> Any:
    """Decode `body` as `kind`. Raises Invalid with a JSON pointer to the first fault, TooLarge for too many values.

    A key that an object has twice is a fault: nobody can say which one is meant. `checks_keys`: not if parts of the
    body are decoded again.
    """
    if has_too_many_values(body, max_values):
        detail = f"The body has more than {max_values:,} objects, lists and fields; send it in parts."
        raise TooLarge(detail, errors=[Fault(detail=detail, code="too_large")])
    try:
        with without_collection():
            value = build_decoder(kind).decode(body)
            duplicate = find_duplicate_key(body, ANY_JSON.decode(body)) if checks_keys else None
    except msgspec.ValidationError as error:
        fault = parse_fault(str(error), kind)
        raise Invalid(fault.detail, errors=[fault]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = f"The body is not valid JSON: {error}."
        raise Invalid(detail, errors=[Fault(detail=detail, code="not_json")]) from error
    except RecursionError as error:
        detail = "The body is nested too deeply."
        raise Invalid(detail, errors=[Fault(detail=detail, code="too_deep")]) from error
    if duplicate is not None:
        raise Invalid(duplicate.detail, errors=[duplicate])
    return value


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body is decoded as the type that its route declares."""

    async def body(self) -> bytes:
        # A missing body counts as null, so that the error says what the route expects.
        body = await super().body()
        if len(body) > MAX_BYTES and not self.route_handler.opt.get("carries_texts", False):
            raise TooLarge(f"The body is larger than {MAX_BYTES} bytes, the limit of this route.")
        return body.removeprefix(BOM_UTF8) or b"null"

    async def json(self) -> Any:
        media_type, _ = self.content_type
        # The form type is what curl -d sends unless told otherwise.
        accepted = ("", "application/json", "application/x-www-form-urlencoded")
        if media_type not in accepted and not media_type.endswith("+json"):
            raise UnsupportedMediaType(f"This route takes application/json, not {media_type[:100]}.")
        field = self.route_handler.parsed_data_field
        carries_texts = self.route_handler.opt.get("carries_texts", False)
        max_values = MAX_VALUES if carries_texts else MAX_VALUES_WITHOUT_TEXTS
        kind, body = field.annotation if field else Any, await self.body()
        normalize = self.route_handler.opt.get("normalize")  # of a route that takes other spellings of its body too
        try:
            return decode(body, kind, max_values=max_values)
        except Invalid:
            if normalize is None:
                raise
            return decode(normalize(body), kind, max_values=max_values)
