"""What an erasure is after, by kind: ids of subjects of texts, and single texts of subjects that keep others."""

from typing import Literal
from uuid import UUID

import msgspec

TextKey = tuple[UUID, bytes]  # subject and digest
StagedKey = tuple[UUID, int]  # import and row


class ErasureTargets(msgspec.Struct, kw_only=True):
    """Grows while the targets look. `prompts` and `import_errors` are single texts: their subjects keep the others.

    `needle` is the JSON of the person's key, when the erasure is about a person.
    """

    examples: set[UUID] = msgspec.field(default_factory=set)
    candidates: set[UUID] = msgspec.field(default_factory=set)
    labels: set[UUID] = msgspec.field(default_factory=set)
    calls: set[UUID] = msgspec.field(default_factory=set)
    documents: set[UUID] = msgspec.field(default_factory=set)
    requests: set[UUID] = msgspec.field(default_factory=set)
    prompts: set[TextKey] = msgspec.field(default_factory=set)
    import_errors: set[TextKey] = msgspec.field(default_factory=set)
    import_rows: set[StagedKey] = msgspec.field(default_factory=set)
    needle: bytes | None = None

    @property
    def size(self) -> int:
        """How many they are: a pass that does not add to it was the last."""
        return sum(len(value) for name in COUNTED for value in (getattr(self, name),))

    @property
    def subjects(self) -> dict[str, set[UUID]]:
        """The ids under which `ledger.contents` has texts that go as a whole, by kind."""
        return {name: getattr(self, name) for name in WHOLE}


WHOLE: tuple[Literal["examples", "candidates", "labels", "calls", "documents"], ...] = (
    "examples",
    "candidates",
    "labels",
    "calls",
    "documents",
)
COUNTED = (*WHOLE, "requests", "prompts", "import_errors", "import_rows")
