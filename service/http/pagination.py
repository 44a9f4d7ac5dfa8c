"""Lists: keyset pages whose cursor carries the moment of the first page and the place of the last row."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL

T = TypeVar("T")
P = TypeVar("P")
MOST = 1_000

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many at the most (default 50).")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=1_000, description="`next_cursor` of the page before; opaque.")
]
Named = Annotated[str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="The one of this name.")]
Count = Annotated[bool, QueryParameter(description="Whether to count all matches, which costs more than a page.")]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True, omit_defaults=True):
    """One page of a list. `next_cursor` is null on the last; `count` is present when asked for."""

    data: Sequence[T]
    next_cursor: str | None
    count: int | None = None


def page(kind: Callable[..., P], rows: Sequence[T], limit: int, *, key: Callable[[T], Any]) -> P:
    """The first `limit` of rows of which one more was asked for; the cursor is the last one's `key`."""
    more = len(rows) > limit
    return kind(data=rows[:limit], next_cursor=cursor(key(rows[limit - 1])) if more else None)


def cursor(place: Any) -> str:
    """A place as opaque text: a tuple of values, or one value."""
    packed = place if isinstance(place, tuple) else (place,)
    return base64.urlsafe_b64encode(msgspec.json.encode(packed)).rstrip(b"=").decode()


def place(text: str | None, kind: type[T]) -> T | None:
    """What `cursor` packed, as `kind` (a tuple type); None without one. Raises Invalid when it is not one of ours."""
    if text is None:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(packed, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        detail = "This cursor is not one that this list gave."
        raise Invalid(detail, errors=[Fault(pointer="?cursor", detail=detail, code="bad_cursor")]) from error
