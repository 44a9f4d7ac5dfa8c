# Generated from openapi/openapi.json by `make clients`.
"""Structs of imports."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Fault


class Import(Shape, frozen=True, kw_only=True):
    """A file on its way in. `rows` are good, `bad` are not; of the good, `duplicates` were there already."""

    id: str
    dataset_id: str
    format: OneOf["alpaca", "csv", "openai-chat"]
    on_error: OneOf["abort", "skip"]
    name: str | None
    state: OneOf["adding", "cancelled", "failed", "staged", "succeeded", "uploading", "withdrawing"]
    rows: int
    bad: int
    bytes: int
    added: int
    duplicates: int
    failure: ImportFailure | None
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime


class ImportFailure(Shape, frozen=True, kw_only=True):
    """Why nothing of the file is in the dataset; `line` where it is one line's fault."""

    code: str
    detail: str
    line: int | None


class ImportPage(Shape, frozen=True, kw_only=True):
    """One page of imports, the newest first."""

    data: list[Import]
    next_cursor: str | None
    count: int | None = None


class RowError(Shape, frozen=True, kw_only=True):
    """A row that was not taken: its line (for a JSON array its number), and each fault."""

    line: int
    errors: list[Fault]


class RowErrorPage(Shape, frozen=True, kw_only=True):
    """One page of the rows that were not taken, by line. The first 10,000 of an import are kept."""

    data: list[RowError]
    next_cursor: str | None
    count: int | None = None
