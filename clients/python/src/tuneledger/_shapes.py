"""The base class of the API's structs."""

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from typing import Literal as OneOf
else:

    class _Words:
        """Type checkers see the known words. At run time any word decodes, so a new one breaks no client."""

        def __getitem__(self, words: Any) -> type:
            return str

    OneOf = _Words()

__all__ = ["OneOf", "Shape", "etag_of", "remember_etag"]

_ETAG = "_etag"


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """A value of the API. Fields of later server versions are ignored."""

    @property
    def etag(self) -> str | None:
        """The ETag of its response; for an item of a list, the one from its `version`; else None."""
        known: str | None = self.__dict__.get(_ETAG)
        version = getattr(self, "version", None)
        return f'"{version}"' if known is None and isinstance(version, int) else known


def remember_etag(shape: object, etag: str | None) -> None:
    if isinstance(shape, Shape) and etag is not None:
        shape.__dict__[_ETAG] = etag


def etag_of(value: "Shape | str | int") -> str:
    """The value for If-Match. Raises ValueError for a struct without an ETag."""
    if isinstance(value, int):
        return f'"{value}"'
    if isinstance(value, str):
        return f'"{value}"' if value.isdigit() else value
    if value.etag is None:
        raise ValueError(f"this {type(value).__name__} has no ETag: get it by its id first")
    return value.etag
