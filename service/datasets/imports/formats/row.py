"""What every format is read into: a row that can be stored, or what is wrong with it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Literal, Protocol

import msgspec

from service.datasets.examples.chat_content import ENCODER, MAX_DEPTH, deeper_than, too_deep
from service.errors import Fault, Invalid

LIMIT = 16 * 1024 * 1024  # bytes of one row
NUL = b"\\u0000"  # in JSON a NUL has no other spelling
BLOCK = 256 * 1024  # bytes read at once; the rows in them make one batch

# 200 characters of UTF-8 fit into an index entry of Postgres.
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Tags = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...]
Rating = Annotated[int, msgspec.Meta(ge=1, le=5)]
Split = Literal["train", "validation", "test"]
Metadata = dict[str, Any]


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A good row. `content` is canonical; `original` is the row as it came, in JSON, where the format is another."""

    line: int
    content: bytes
    original: bytes | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    rating: int | None = None
    split: Split | None = None
    metadata: bytes | None = None


class BadRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that cannot be taken. `line` is where it starts, from 1; in a JSON array it is the number of the row."""

    line: int
    faults: tuple[Fault, ...]


class Unreadable(Invalid):
    """The file cannot be read"""

    code = "unreadable_file"

    def __init__(self, fault: Fault, *more: Fault) -> None:
        super().__init__(fault.detail, errors=(fault, *more))


class Reader(Protocol):
    """Bytes in, however they were cut; batches of rows out, in flat memory. Raises Unreadable for a whole file."""

    def __call__(
        self, stream: AsyncIterator[bytes], /, *, limit: int = LIMIT, block: int = BLOCK
    ) -> AsyncIterator[Sequence[Row | BadRow]]: ...


class RowFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a row may say beside its content."""

    external_id: ExternalId | None = None
    tags: Tags | None = None
    rating: Rating | None = None
    split: Split | None = None
    metadata: Metadata | None = None


class HasRowFields(Protocol):
    """A row of any shape with the fields of Beside (structs cannot inherit fields from two sides)."""

    @property
    def external_id(self) -> str | None: ...
    @property
    def tags(self) -> tuple[str, ...] | None: ...
    @property
    def rating(self) -> int | None: ...
    @property
    def split(self) -> Split | None: ...
    @property
    def metadata(self) -> dict[str, Any] | None: ...


def build_row(line: int, content: bytes, *, beside: HasRowFields, original: bytes | None = None) -> Row:
    """The row to store; a tag said twice counts once."""
    return Row(
        line=line,
        content=content,
        original=original,
        external_id=beside.external_id,
        tags=tuple(dict.fromkeys(beside.tags)) if beside.tags else (),
        rating=beside.rating,
        split=beside.split,
        metadata=None if beside.metadata is None else ENCODER.encode(beside.metadata),
    )


def find_metadata_faults(beside: HasRowFields, *, at: str) -> Iterator[Fault]:
    """What the type of metadata cannot say: that it is too deep to store."""
    if beside.metadata is not None and deeper_than(beside.metadata, MAX_DEPTH):
        yield too_deep(f"{at}/metadata")


def build_too_long_fault(limit: int, *, at: str = "") -> Fault:
    return Fault(pointer=at, detail=f"longer than {limit:,} bytes", code="line_too_long")


def build_empty_file_error() -> Unreadable:
    return Unreadable(Fault(detail="the file has no rows", code="empty_file"))
