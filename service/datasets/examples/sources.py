"""Sources: where an example is from, and what produced it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

SourceType = Literal["human", "import", "synthetic", "log", "document"]


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an example was in the dataset that it was exported from with `format=tuneledger`."""

    id: UUID | None = None
    """The example's id there."""
    source: dict[str, Any] | None = None
    """Where it was from there."""
    created_at: datetime | None = None
    """When it was added there."""
    created_by: str | None = None
    """Who added it there."""


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What an example was copied from by a fork or a merge."""

    dataset_id: UUID
    """The dataset it was copied from."""
    example_id: UUID
    """The example it is a copy of."""
    version: int
    """The version of that example."""
    root_id: UUID
    """The first of the row of copies, the same for all of them."""


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an example is from: for an import, which one, its format and the line; for a log, which request.

    For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters of
    its text from `start` to `end`, and the page from 1).
    """

    type: SourceType
    """The kind of source."""
    import_id: UUID | None = None
    """The import that added it."""
    format: str | None = None
    """The format of the imported file."""
    line: int | None = None
    """The line in the imported file, from 1."""
    name: str | None = None
    """A name for the source, such as a file or a tool."""
    request_id: UUID | None = None
    """The logged request it was made from."""
    generation_id: UUID | None = None
    """The generation that made it."""
    candidate_id: UUID | None = None
    """The candidate it was made from."""
    model: str | None = None
    """The model that wrote the example."""
    document_id: UUID | None = None
    """The document it was made from."""
    page: int | None = None
    """The page of the document, from 1."""
    start: int | None = None
    """Start of the passage in the document's text, in characters."""
    end: int | None = None
    """End of the passage in the document's text, in characters."""
    origin: Origin | None = None
    """What it was before it was exported and imported again."""
    copy: Copied | None = None
    """What it was copied from, if a fork or a merge did."""
