"""Sources: where an example is from, and what produced it."""

from typing import Literal
from uuid import UUID

import msgspec

SourceType = Literal["human", "import", "synthetic", "log", "document"]


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an example is from: for an import, which one, its format and the line; for a log, which request."""

    type: SourceType
    import_id: UUID | None = None
    format: str | None = None
    line: int | None = None
    name: str | None = None
    request_id: UUID | None = None
