"""What an import looks like over HTTP."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.datasets.imports.domain import Format, ImportStage, ImportState, OnError
from service.datasets.imports.staging_area import RowError
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
    """The import of a file. `rows` are good, `bad` are not; of the good, `duplicates` were not new."""

    id: UUID
    """The import's id, also that of its operation."""
    dataset_id: UUID
    """The dataset that gets the examples."""
    format: Format
    """The format of the rows."""
    on_error: OnError
    """`abort`: one bad row fails the import. `skip`: only the good rows are added."""
    name: str | None
    """The file's name, if it was sent."""
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
    """Number of good rows that were already in the dataset or earlier in the file."""
    failure: ImportFailure | None
    """Why nothing was added; null unless the import failed or its examples are being removed."""
    created_at: datetime
    """When the upload began."""
    created_by: str
    """Who started the import."""
    updated_at: datetime
    """When the import last changed."""


class ImportPage(Page[Import], frozen=True, kw_only=True):
    """One page of imports, the newest first."""


class RowErrorPage(Page[RowError], frozen=True, kw_only=True):
    """One page of the rows that were not added, by line. The first 10,000 of an import are stored."""


def from_state(stored: StreamState[ImportState]) -> Import:
    state = stored.state
    failure = state.failure
    fields = {name: getattr(state, name) for name in Import.__struct_fields__ if hasattr(state, name)}
    fields["failure"] = ImportFailure(code=failure.code, detail=failure.detail, line=failure.line) if failure else None
    return Import(
        id=stored.id,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        **fields,
    )
