# Generated from openapi/openapi.json by `make clients`.
"""Structs of imports."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Fault


class Import(Shape, frozen=True, kw_only=True):
    """The import of a file. `rows` are good, `bad` are not; of the good, `duplicates` were not new."""

    id: str
    """The import's id, also that of its operation."""
    dataset_id: str
    """The dataset that gets the examples."""
    format: OneOf["alpaca", "csv", "openai-chat", "tuneledger"]
    """The format of the rows."""
    on_error: OneOf["abort", "skip"]
    """`abort`: one bad row fails the import. `skip`: only the good rows are added."""
    name: str | None
    """The file's name, if it was sent."""
    state: OneOf["adding", "cancelled", "failed", "staged", "succeeded", "uploading", "withdrawing"]
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
    created_at: dt.datetime
    """When the upload began."""
    created_by: str
    """Who started the import."""
    updated_at: dt.datetime
    """When the import last changed."""


class ImportFailure(Shape, frozen=True, kw_only=True):
    """Why nothing of the file was added; `line` if one line is at fault."""

    code: str
    """What went wrong, for programs."""
    detail: str
    """What went wrong, for people."""
    line: int | None
    """The line of the file that is at fault, from 1; null if no single one is."""


class ImportPage(Shape, frozen=True, kw_only=True):
    """One page of imports, the newest first."""

    data: list[Import]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class RowError(Shape, frozen=True, kw_only=True):
    """A row that was not added: its line (in a JSON array its number), and each fault."""

    line: int
    """The line in the file, from 1; in a JSON array the number of the row."""
    errors: list[Fault]
    """Everything that is wrong with the row."""


class RowErrorPage(Shape, frozen=True, kw_only=True):
    """One page of the rows that were not added, by line. The first 10,000 of an import are stored."""

    data: list[RowError]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
