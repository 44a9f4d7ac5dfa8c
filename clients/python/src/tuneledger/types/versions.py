# Generated from openapi/openapi.json by `make clients`.
"""Structs of versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import ExampleLabel, Filter, HistoryLine


class Author(Shape, frozen=True, kw_only=True):
    """What one actor changed: how many changes of how many examples, from when to when."""

    actor: str
    """Who made the changes."""
    changes: int
    """How many changes the actor made."""
    examples: int
    """How many examples the actor changed."""
    first_at: dt.datetime
    """When the actor's first change was made."""
    last_at: dt.datetime
    """When the actor's last change was made."""


class ChangePage(Shape, frozen=True, kw_only=True):
    """One page of changes in words, the oldest first; `authors` counts them by actor if asked for."""

    data: list[HistoryLine]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    authors: list[Author] | None = None
    """The actors and their number of changes, if asked for."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Counts(Shape, frozen=True, kw_only=True):
    """`Counts`."""

    added: int
    """How many examples were added."""
    edited: int
    """How many examples were edited."""
    removed: int
    """How many examples were removed."""


class DatasetVersion(Shape, frozen=True, kw_only=True):
    """A named, frozen state of a dataset. `digest` is SHA-256 over its sorted content digests, in hex."""

    dataset_id: str
    """The dataset."""
    name: str
    """The name of the version, unique in its dataset."""
    seq: int
    """The position in the event log that the version froze."""
    filter: Filter
    """Which examples belong to the version."""
    digest: str
    """SHA-256 over the sorted content digests of the examples, in hex; `incomplete: n erased` once some were erased."""
    examples: int
    """How many examples the version has."""
    erased: int
    """How many of them were erased since."""
    splits: dict[str, int]
    """Number of examples by split."""
    notes: str
    """Notes on the version."""
    created_at: dt.datetime
    """When the version was frozen."""
    created_by: str
    """The actor who froze it."""


class DatasetVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, the newest first."""

    data: list[DatasetVersion]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Difference(Shape, frozen=True, kw_only=True):
    """An example that differs: `before` is null when it was added, `after` when it was removed."""

    example_id: str
    """The example that differs."""
    change: OneOf["added", "edited", "removed"]
    """Whether the example was added, edited or removed."""
    before: Side | None
    """The example before. Null if it was added."""
    after: Side | None
    """The example after. Null if it was removed."""


class DifferencePage(Shape, frozen=True, kw_only=True):
    """One page of the examples that differ, by example id; `changes` counts them all when asked for."""

    data: list[Difference]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    changes: Counts | None = None
    """How many examples were added, edited and removed in all, if asked for."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Side(Shape, frozen=True, kw_only=True):
    """An example at one end of a diff. `content` is null once erased."""

    version: int
    """The version of the example."""
    content: Any
    """The content. Null once erased."""
    metadata: Any
    """The metadata. Null if there is none, or once erased."""
    tags: list[str]
    """The tags."""
    rating: float | None
    """Mean rating in stars. Null if not rated."""
    repaired: bool
    """Whether the answer was repaired."""
    label: ExampleLabel | None
    """The label. Null if there is none."""
