# Generated from openapi/openapi.json by `make clients`.
"""Structs of audit."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import Shape
from tuneledger.types.shared import FeedEvent, HistoryLine


class Account(Shape, frozen=True, kw_only=True):
    """One page of a history in sentences, oldest first. A page may be short while `next_cursor` is set."""

    data: list[HistoryLine]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    reached: int
    """Every matching event up to this seq has been returned."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
    lineage: str | None = None
    """Path that lists the dataset versions and models which contain the example. Null unless this is one example's
    history.
    """


class ConsistencyProof(Shape, frozen=True, kw_only=True):
    """Proof that the log only grew: the first `from_size` of `to_size` events are unchanged."""

    from_size: int
    """Events in the earlier tree."""
    to_size: int
    """Events in the later tree."""
    from_root: str
    """Root of the earlier tree, in base64."""
    to_root: str
    """Root of the later tree, in base64."""
    hashes: list[str]
    """The RFC 9162 consistency proof: hashes in base64."""


class EventPage(Shape, frozen=True, kw_only=True):
    """One page of events, oldest first. With filters a page may be short or empty while `next_cursor` is set."""

    data: list[FeedEvent]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    reached: int
    """Every matching event up to this seq has been returned. To follow the log, send it as `after`."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class InclusionProof(Shape, frozen=True, kw_only=True):
    """Proof that event `seq` is in the log: leaf `seq` - 1 of the Merkle tree over the first `size` events."""

    seq: int
    """The event's number in the log."""
    size: int
    """How many events the tree covers."""
    leaf: str
    """Hash of the event, in base64."""
    root: str
    """Root of the tree, in base64."""
    hashes: list[str]
    """Sibling hashes from the leaf up to the root, in base64."""


class LedgerCheckpoint(Shape, frozen=True, kw_only=True):
    """A signed checkpoint of the log: how many events it has, and the Merkle root over them."""

    origin: str
    """Name of the log: the server's log name and the workspace's id."""
    size: int
    """How many events the checkpoint covers."""
    root: str
    """RFC 9162 Merkle root over the first `size` events, in base64."""
    note: str
    """The signed text, in C2SP's tlog-checkpoint form. Keep it byte for byte."""
    keys: list[str]
    """Public keys that sign the log, as C2SP verifier keys."""
    sealed_at: dt.datetime
    """When the checkpoint was signed."""


class Tile(Shape, frozen=True, kw_only=True):
    """256 hashes of the Merkle tree."""

    level: int
    """0: hashes of events. Above: roots of subtrees over 256 to the power of `level` events."""
    number: int
    """Position of the tile on its level, from 0."""
    hashes: list[str]
    """256 hashes, in base64."""
