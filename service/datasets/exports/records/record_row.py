"""A row of `format=tuneledger`: an example with its identity, as exports write it and imports take it. Pure."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Content
from service.datasets.examples.ratings import ExampleLabel, Rating, Vote
from service.datasets.examples.sources import Source
from service.datasets.splits import Split

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class RecordRepair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the answer took the place of, and the instruction."""

    instruction: str | None = None
    replaced: Content


class RecordRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An example. `original` is the row that it was first imported from; `history` and `texts` are for reading."""

    content: Content
    id: UUID | None = None
    external_id: Name | None = None
    tags: tuple[Tag, ...] = ()
    split: Split | None = None
    ratings: Annotated[dict[Name, Rating], msgspec.Meta(max_length=1_000)] = {}
    label: ExampleLabel | None = None
    votes: Annotated[tuple[Vote, ...], msgspec.Meta(max_length=1_000)] = ()
    repair: RecordRepair | None = None
    metadata: dict[str, Any] | None = None
    source: Source | None = None
    original: Any = None
    created_at: datetime | None = None
    created_by: Name | None = None
    history: list[dict[str, Any]] | None = None
    texts: dict[str, Any] | None = None
