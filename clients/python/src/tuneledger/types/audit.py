# Generated from openapi/openapi.json by `make clients`.
"""Structs of audit."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import Shape
from tuneledger.types.shared import FeedEvent, HistoryLine


class Account(Shape, frozen=True, kw_only=True):
    """One page of a history in words, the oldest line first. It may be short while there is a `next_cursor`.

    `reached` is the seq up to which nothing is left out. `lineage` is the path that names every dataset version
    and model which an example reached, where the history is one example's.
    """

    data: list[HistoryLine]
    next_cursor: str | None
    reached: int
    count: int | None = None
    lineage: str | None = None


class ConsistencyProof(Shape, frozen=True, kw_only=True):
    """That the tree over the first `from_size` events is the beginning of the tree over the first `to_size`."""

    from_size: int
    to_size: int
    from_root: str
    to_root: str
    hashes: list[str]


class EventPage(Shape, frozen=True, kw_only=True):
    """One page of events, the oldest first. With filters it may be short, even empty, while there is a `next_cursor`.

    `reached` is the seq up to which nothing is left out: to follow the log, ask again with it as `after`.
    """

    data: list[FeedEvent]
    next_cursor: str | None
    reached: int
    count: int | None = None


class InclusionProof(Shape, frozen=True, kw_only=True):
    """That event `seq` is leaf `seq` - 1 of the tree over the first `size` events. Hashes in base64, from the leaf."""

    seq: int
    size: int
    leaf: str
    root: str
    hashes: list[str]


class LedgerCheckpoint(Shape, frozen=True, kw_only=True):
    """A signed head of the log. `note` is what is signed, in C2SP's tlog-checkpoint form: keep it, word for word.

    `root` is the RFC 9162 root over the first `size` events, in base64; `keys` are those that have signed.
    """

    origin: str
    size: int
    root: str
    note: str
    keys: list[str]
    sealed_at: dt.datetime


class Tile(Shape, frozen=True, kw_only=True):
    """256 hashes of the tree, in base64: of leaves on level 0, of subtrees of 256 to the power of `level` above."""

    level: int
    number: int
    hashes: list[str]
