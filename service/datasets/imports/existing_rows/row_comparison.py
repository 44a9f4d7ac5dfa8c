"""A row of a file beside the example that has its key: what the file changes, and what is counted. No I/O."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.datasets.examples import domain as examples
from service.datasets.examples.domain import (
    EXAMPLE,
    ExampleAdded,
    ExampleDeleted,
    ExampleEdited,
    ExampleEvent,
    ExampleRated,
    ExampleRepaired,
    ExampleRestored,
    ExampleState,
)
from service.datasets.examples.ratings import Rating
from service.datasets.imports.domain import ImportState
from service.datasets.imports.staging_area import RowError
from service.errors import Fault
from service.ledger.decider import RecordedEvent, StreamState
from service.ledger.texts import SubjectTexts

Outcome = Literal["changed", "unchanged", "skipped", "deleted", "restored"]


class FileRow(msgspec.Struct, frozen=True):
    """A staged row as the example that it would be, with its texts by their place in it."""

    event: ExampleAdded
    content: bytes
    metadata: bytes | None


class Lineage(msgspec.Struct, frozen=True):
    """An example with its events and texts: what is in it now, and what imports put there last."""

    id: UUID
    events: Sequence[tuple[RecordedEvent, ExampleEvent]]
    stored: StreamState[ExampleState]
    texts: SubjectTexts

    @property
    def state(self) -> ExampleState:
        return self.stored.state

    def get_imported(self, field: str) -> Any:
        """The value that an import gave the field last; None if none did, or, of a rating, if its text has changed."""
        value = None
        for _, event in self.events:
            if isinstance(event, ExampleAdded) and event.source.import_id is not None:
                value = getattr(event, field)
            elif isinstance(event, ExampleEdited | ExampleRated) and event.import_id is not None:
                new = getattr(event, field, None)
                value = value if new is None else new
            if field == "rating" and isinstance(event, ExampleEdited | ExampleRepaired) and event.content is not None:
                value = None
        return value

    def was_changed_by(self, import_id: UUID, *kinds: type[ExampleEvent]) -> bool:
        return any(
            isinstance(event, kinds) and getattr(event, "import_id", None) == import_id for _, event in self.events
        )


class Comparison:
    """A row of the file beside the example that has its key."""

    def __init__(
        self, import_id: UUID, import_: ImportState, row: FileRow | None, lineage: Lineage | None, rater: str
    ) -> None:
        self.import_id, self.import_, self.row, self.lineage, self.rater = import_id, import_, row, lineage, rater
        self.is_deleted = lineage is None or row is None or lineage.state.deleted

    def decide(self) -> tuple[ExampleEvent | None, bool]:
        """What the file changes, and whether to compare again after it, since more may follow.

        Nothing unless the import updates, and nothing that the last import said too: people may have changed it since.
        """
        lineage, row = self.lineage, self.row
        if lineage is None or row is None or lineage.state.erased or lineage.state.withdrawn:
            return None, False
        if lineage.state.deleted:
            return (self._restore(lineage), True) if self.import_.deleted == "restore" else (None, False)
        return self._update(lineage, row) if self.import_.on_existing == "update" else (None, False)

    def get_outcome(self, event: ExampleEvent | None) -> Outcome:
        lineage, row = self.lineage, self.row
        if lineage is None or row is None or (self.is_deleted and event is None):
            return "deleted"
        if self.is_deleted or lineage.was_changed_by(self.import_id, ExampleRestored):
            return "restored"
        if event or lineage.was_changed_by(self.import_id, ExampleEdited, ExampleRated):
            return "changed"
        return "skipped" if self._differs(lineage, row) else "unchanged"

    def build_error(self) -> RowError:
        line = self.row.event.source.line if self.row else None
        detail = "The text of this row was erased meanwhile."
        if self.lineage is not None:
            detail = f"Example {self.lineage.id} was deleted before; import with deleted=restore to bring it back."
            if self.lineage.state.erased:
                detail = f"Example {self.lineage.id} was erased."
        return RowError(line=line or 0, errors=(Fault(detail=detail, code="deleted"),))

    def _restore(self, lineage: Lineage) -> ExampleEvent | None:
        """Set it back to its last state before the deletion."""
        kept = [recorded for recorded, event in lineage.events if not isinstance(event, ExampleDeleted)]
        then = EXAMPLE.fold(lineage.id, [recorded for recorded, _ in lineage.events][: kept[-1].version])
        if then is None:
            return None
        [event] = examples.restore(lineage.state, then=then.state, revision=then.version)
        return msgspec.structs.replace(event, import_id=self.import_id)

    def _update(self, lineage: Lineage, row: FileRow) -> tuple[ExampleEvent | None, bool]:
        edits, ratings = self._edit(lineage, row), self._rate(lineage, row)
        if not edits:
            return (ratings[0], False) if ratings else (None, False)
        ends_ratings = isinstance(edits[0], ExampleEdited) and edits[0].content is not None
        return edits[0], bool(ratings) or (ends_ratings and row.event.rating is not None)

    def _edit(self, lineage: Lineage, row: FileRow) -> list[ExampleEvent]:
        content = lineage.texts.add(row.content)
        metadata = lineage.texts.add(row.metadata) if row.metadata else None
        is_new = {
            "content": content != lineage.get_imported("content"),
            "tags": bool(row.event.tags) and row.event.tags != lineage.get_imported("tags"),
            "metadata": bool(metadata) and metadata != lineage.get_imported("metadata"),
        }
        edits = examples.edit(
            lineage.state,
            content=content if is_new["content"] else None,
            tags=row.event.tags if is_new["tags"] else None,
            metadata=metadata if is_new["metadata"] else None,
            invalid=row.event.invalid,
            task_version=row.event.task_version,
            unanswered=row.event.unanswered,
        )
        return [msgspec.structs.replace(event, import_id=self.import_id) for event in edits]

    def _rate(self, lineage: Lineage, row: FileRow) -> list[ExampleEvent]:
        rating: Rating | None = row.event.rating
        if rating is None or rating == lineage.get_imported("rating"):
            return []
        rated = examples.rate(lineage.state, rating=rating, rater=self.rater)
        return [msgspec.structs.replace(event, import_id=self.import_id) for event in rated]

    def _differs(self, lineage: Lineage, row: FileRow) -> bool:
        """Whether the file says something that neither the example has, nor the last import had."""
        event, state = row.event, lineage.state
        if self.import_.on_existing == "skip" and self._update(lineage, row)[0]:
            return True
        return bool((event.ratings and event.ratings != state.ratings) or (event.label and event.label != state.label))
