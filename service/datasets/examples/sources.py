"""Sources: where an example is from, and what produced it."""

from typing import Literal
from uuid import UUID

import msgspec

SourceType = Literal["human", "import", "synthetic", "log", "document"]


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an example is from: for an import, which one, its format and the line; for a log, which request.

    For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters of
    its text from `start` to `end`, and the page from 1).
    """

    type: SourceType
    import_id: UUID | None = None
    format: str | None = None
    line: int | None = None
    name: str | None = None
    request_id: UUID | None = None
    generation_id: UUID | None = None
    candidate_id: UUID | None = None
    model: str | None = None
    document_id: UUID | None = None
    page: int | None = None
    start: int | None = None
    end: int | None = None
