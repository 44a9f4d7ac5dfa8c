"""What an import looks like over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Content
from service.datasets.examples.ratings import Rating
from service.datasets.imports.domain import (
    Format,
    ImportSource,
    ImportStage,
    ImportState,
    OnDeleted,
    OnError,
    OnExisting,
)
from service.datasets.imports.shapes.row_fields import Extra
from service.datasets.imports.staging_area import RowError
from service.datasets.splits import Split
from service.http.pagination import Page
from service.ledger.decider import StreamState


class ImportFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing of the file was added; `line` if one line is at fault."""

    code: str
    """What went wrong, for programs."""
    detail: str
    """What went wrong, for people."""
    line: int | None
    """The line of the file that is at fault, from 1; null if no single one is."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """The import of a file. `rows` are good, `bad` are not; a good row is added, changed, restored or a duplicate."""

    id: UUID
    """The import's id, also that of its operation."""
    dataset_id: UUID
    """The dataset that gets the examples."""
    format: Format | None
    """The format of the rows, as it was said or recognized; null while it is not known."""
    on_error: OnError
    """`abort`: one bad row fails the import. `skip`: only the good rows are added."""
    on_existing: OnExisting
    """What happens to rows that are in the dataset: `skip`, `update` or `fail`."""
    deleted: OnDeleted
    """What happens to rows whose example was deleted: `skip` or `restore`."""
    extra: Extra | None
    """Where unknown columns go; null for an import of before there was a choice."""
    map: str | None
    """Which columns are which fields, as it was sent."""
    name: str | None
    """The file's name, if it was sent."""
    source: ImportSource | None
    """Where the file came from; null for a file that was sent."""
    sha256: str | None
    """The digest of the file's bytes in hexadecimal; null until it was read."""
    state: ImportStage
    """How far the import is."""
    rows: int
    """Number of good rows."""
    bad: int
    """Number of bad rows."""
    bytes: int
    """Size of the file in bytes."""
    added: int
    """Number of examples added so far."""
    duplicates: int
    """Number of good rows that changed nothing: unchanged, skipped or deleted before."""
    changed: int
    """Number of rows that changed an example's text, tags, metadata or rating."""
    unchanged: int
    """Number of rows that are in the dataset as they are, or as the last import had them."""
    skipped: int
    """Number of rows that differ from their example and were not taken."""
    rows_deleted: int
    """Number of rows whose example was deleted before; they were not taken."""
    restored: int
    """Number of rows whose deleted example was restored."""
    losses: dict[str, int]
    """What rows have that examples cannot have, such as `refusal`, with the number of rows. The originals keep it."""
    failure: ImportFailure | None
    """Why nothing was added; null unless the import failed or its examples are being removed."""
    created_at: datetime
    """When the upload began."""
    created_by: str
    """Who started the import."""
    updated_at: datetime
    """When the import last changed."""


class RowPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it would come in."""

    line: int
    """The line in the file, from 1; in a JSON array the number of the row."""
    content: Content
    """The messages."""
    external_id: str | None
    """Your own id of it."""
    tags: list[str]
    """Its tags."""
    split: Split | None
    """The split that the row or the request names; null if the dataset's policy would decide."""
    rating: Rating | None
    """Its rating."""
    metadata: dict[str, Any] | None
    """What else the row has."""
    losses: list[str]
    """What the row has that an example cannot have."""


class FileKind(msgspec.Struct, frozen=True, kw_only=True):
    """What a file turned out to be."""

    kind: str
    """Such as `jsonl`, `json` or `csv`."""
    encoding: str
    """The encoding of its text."""
    delimiter: str | None
    """What separates the cells of a table."""
    columns: list[str]
    """The columns of a table."""
    compression: list[str]
    """What it was packed with, from the outside in: `gzip`, `zstd` or `zip`."""
    members: list[str]
    """The members of a ZIP file that are read."""
    ignored: list[str]
    """Members of a ZIP file, or sheets of a spreadsheet, that are not read."""
    sheet: str | None
    """The sheet of a spreadsheet that is read."""


class ImportPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of the file would do. Nothing was written."""

    format: Format
    """The format of the rows, as it was said or recognized."""
    title: str
    """The format's name for people."""
    file: FileKind
    """What the file is."""
    rows: int
    """Number of good rows."""
    bad: int
    """Number of bad rows."""
    losses: dict[str, int]
    """What rows have that examples cannot have, with the number of rows."""
    sample: list[RowPreview]
    """The first good rows, at most 20."""
    errors: list[RowError]
    """The first bad rows, at most 50, each with all its faults."""


class ImportPage(Page[Import], frozen=True, kw_only=True):
    """One page of imports, the newest first."""


class RowErrorPage(Page[RowError], frozen=True, kw_only=True):
    """One page of the rows that were not added, by line. The first 10,000 of an import are stored."""


def from_state(stored: StreamState[ImportState]) -> Import:
    state = stored.state
    failure = state.failure
    fields = {name: getattr(state, name) for name in Import.__struct_fields__ if hasattr(state, name)}
    counts = state.reconciled
    fields |= {name: getattr(counts, name) for name in ("changed", "unchanged", "skipped", "restored")}
    fields["duplicates"] = counts.unchanged + counts.skipped + counts.deleted
    fields["rows_deleted"] = counts.deleted
    fields["failure"] = ImportFailure(code=failure.code, detail=failure.detail, line=failure.line) if failure else None
    return Import(
        id=stored.id,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        **fields,
    )
