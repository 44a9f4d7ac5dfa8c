"""What every format is parsed into: a row that can be stored, or what is wrong with it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import ENCODER, MAX_DEPTH, build_too_deep_fault, is_deeper_than
from service.datasets.examples.domain import ExampleLabel, Vote
from service.datasets.examples.ratings import Rating as Rated
from service.datasets.examples.sources import Source
from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES
from service.errors import Fault

ESCAPED_NUL = b"\\u0000"  # the only spelling of NUL in JSON

# 200 characters of UTF-8 fit into an index entry of Postgres.
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Tags = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...]
Rating = Annotated[int, msgspec.Meta(ge=1, le=5)]
Split = Literal["train", "validation", "test"]
Metadata = dict[str, Any]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What only a row of `format=tuneledger` brings along. `replaced` is canonical content."""

    id: UUID | None = None
    source: Source
    ratings: dict[str, Rated] = {}
    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()
    replaced: bytes | None = None
    instruction: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A good row. `content` is canonical; `original` is the row as it was sent, as JSON, unless that is the same."""

    line: int
    content: bytes
    original: bytes | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    rating: int | None = None
    split: Split | None = None
    metadata: bytes | None = None
    record: Record | None = None


class BadRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that cannot be added. `line` is where it starts, from 1; in a JSON array it is the number of the row."""

    line: int
    faults: tuple[Fault, ...]


class Reader(Protocol):
    """Read a stream of bytes as batches of rows, in constant memory. Raises Unreadable if the whole file is bad."""

    def __call__(
        self, stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
    ) -> AsyncIterator[Sequence[Row | BadRow]]: ...


class RowFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The fields that a row may have besides its content."""

    external_id: ExternalId | None = None
    tags: Tags | None = None
    rating: Rating | None = None
    split: Split | None = None
    metadata: Metadata | None = None


class HasRowFields(Protocol):
    """Any row with the fields of RowFields (structs cannot inherit fields from two classes)."""

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


def build_row(line: int, content: bytes, *, fields: HasRowFields, original: bytes | None = None) -> Row:
    """The row to store, each tag once."""
    return Row(
        line=line,
        content=content,
        original=original,
        external_id=fields.external_id,
        tags=tuple(dict.fromkeys(fields.tags)) if fields.tags else (),
        rating=fields.rating,
        split=fields.split,
        metadata=None if fields.metadata is None else ENCODER.encode(fields.metadata),
    )


def find_metadata_faults(fields: HasRowFields, *, at: str) -> Iterator[Fault]:
    """Find metadata that is too deep to store, which its type cannot express."""
    if fields.metadata is not None and is_deeper_than(fields.metadata, MAX_DEPTH):
        yield build_too_deep_fault(f"{at}/metadata")
