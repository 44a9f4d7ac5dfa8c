# Generated from openapi/openapi.json by `make clients`.
"""Structs of versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import ExampleLabel, Filter, HistoryLine


class Author(Shape, frozen=True, kw_only=True):
    """One actor's part: how many changes of how many examples, from when to when."""

    actor: str
    changes: int
    examples: int
    first_at: dt.datetime
    last_at: dt.datetime


class ChangePage(Shape, frozen=True, kw_only=True):
    """One page of changes in words, the oldest first; `authors` has each actor's part when asked for."""

    data: list[HistoryLine]
    next_cursor: str | None
    authors: list[Author] | None = None
    count: int | None = None


class Counts(Shape, frozen=True, kw_only=True):
    """`Counts`."""

    added: int
    edited: int
    removed: int


class DatasetVersion(Shape, frozen=True, kw_only=True):
    """A moment (`seq`) under a name. `digest` is sha256 over the sorted content digests of its examples, in hex."""

    dataset_id: str
    name: str
    seq: int
    filter: Filter
    digest: str
    examples: int
    splits: dict[str, int]
    notes: str
    created_at: dt.datetime
    created_by: str


class DatasetVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, the newest first."""

    data: list[DatasetVersion]
    next_cursor: str | None
    count: int | None = None


class Difference(Shape, frozen=True, kw_only=True):
    """An example that differs: `before` is null when it was added, `after` when it was removed."""

    example_id: str
    change: OneOf["added", "edited", "removed"]
    before: Side | None
    after: Side | None


class DifferencePage(Shape, frozen=True, kw_only=True):
    """One page of the examples that differ, by example id; `changes` counts them all when asked for."""

    data: list[Difference]
    next_cursor: str | None
    changes: Counts | None = None
    count: int | None = None


class Side(Shape, frozen=True, kw_only=True):
    """An example at one end of a diff. `content` is null once erased."""

    version: int
    content: Any
    metadata: Any
    tags: list[str]
    rating: float | None
    repaired: bool
    label: ExampleLabel | None
