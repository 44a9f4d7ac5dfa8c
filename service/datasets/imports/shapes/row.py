"""What every shape is read into: a row that can be stored, or everything that is wrong with it. Pure."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from service.datasets.examples.ratings import ExampleLabel, Rating, Vote
from service.datasets.examples.sources import Source
from service.datasets.splits import Split
from service.errors import Fault

ESCAPED_NUL = b"\\u0000"  # the only spelling of NUL in JSON

# 200 characters of UTF-8 fit into an index entry of Postgres.
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Tags = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...]
StarCount = Annotated[int, msgspec.Meta(ge=1, le=5)]
Metadata = dict[str, Any]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What only a row of `format=tuneledger` brings along. `replaced` is canonical content."""

    id: UUID | None = None
    source: Source
    ratings: dict[str, Rating] = {}
    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()
    replaced: bytes | None = None
    instruction: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A good row. `content` is canonical; `original` is the row as it was sent, as JSON, unless that is the same.

    `losses` name what of the row the canonical form does not have.
    """

    line: int
    content: bytes
    original: bytes | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    rating: Rating | None = None
    split: Split | None = None
    metadata: bytes | None = None
    record: Record | None = None
    losses: tuple[str, ...] = ()
    unanswered: bool = False


class BadRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that cannot be added. `line` is where it starts, from 1; in a JSON array it is the number of the row."""

    line: int
    faults: tuple[Fault, ...]


class RowFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The fields that a row of any shape may have besides its content, as they are checked."""

    external_id: ExternalId | None = None
    tags: Tags | None = None
    rating: Rating | None = None
    split: Split | None = None
    metadata: Metadata | None = None
