"""Lists: keyset pages. The cursor holds the `seq` of the first page and the sort key of the last row."""

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
MAX_LIMIT = 1_000

Limit = Annotated[
    int,
    QueryParameter(
        ge=1,
        le=MAX_LIMIT,
        description="Maximum number of items (default 50). A page of long texts ends at about 16 MB.",
    ),
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        max_length=1_000,
        description="The `next_cursor` of the previous page; opaque.",
        schema_extra={"pattern": "^[A-Za-z0-9_-]*$"},
    ),
]
Named = Annotated[
    str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="Only the item with this name.")
]
Count = Annotated[bool, QueryParameter(description="Also count all matches; slower than the page alone.")]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True, omit_defaults=True):
    """One page of a list."""

    data: Sequence[T]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


def page(
    kind: Callable[..., P],
    rows: Sequence[T],
    limit: int,
    *,
    key: Callable[[T], Any],
    is_cut: bool = False,
    goes_on_after: Any = None,
) -> P:
    """Build a page from `limit` + 1 queried rows; the extra row says that there is a next page, as does `is_cut`.

    `goes_on_after` is the key up to which rows were looked at, if that was not the end.
    """
    data = rows[:limit]
    more = is_cut or len(rows) > limit
    last = key(data[-1]) if more else goes_on_after
    return kind(data=data, next_cursor=None if last is None else encode_cursor(last))


def encode_cursor(key: Any) -> str:
    """Encode a sort key, a tuple or one value, as opaque text."""
    values = key if isinstance(key, tuple) else (key,)
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


def decode_cursor(text: str | None, kind: type[T]) -> T | None:
    """Decode a cursor as the tuple type `kind`; None without a cursor. Raises Invalid when it is not from this list."""
    if text is None:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(packed, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        detail = "This cursor is not from this list; use the `next_cursor` of the previous page."
        raise Invalid(detail, errors=[Fault(pointer="?cursor", detail=detail, code="bad_cursor")]) from error
