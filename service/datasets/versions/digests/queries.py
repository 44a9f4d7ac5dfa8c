"""Compute a version's digest. Of a large dataset the sorted digests are kept, and hashed with what changed since.

What is kept serves one purpose, can be made anew at any time, and is lost when Postgres crashes.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import metadata
from service.database.rows import execute, fetch_all, fetch_value
from service.datasets.counts.queries import count_all
from service.datasets.examples.projection import current_split, revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection
from service.datasets.splits import Split
from service.datasets.versions.digests.sorted_digests import Change, Hasher, hash_changed

# The digests as of `seq` of all examples that can be in a version, sorted, in pieces by their first byte.
digest_pieces = sa.Table(
    "digest_pieces",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("prefix", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("digests", BYTEA, nullable=False),
    sa.Column("splits", JSONB, nullable=False),
    schema="ledger",
    prefixes=["UNLOGGED"],
)
MIN_EXAMPLES = 20_000  # of fewer all are read each time
MAX_CHANGES = 20_000  # after more the pieces are made anew
PREFIXES = 256
MAX_AT_ONCE = 1_000_000  # examples whose digests are in memory at once


class SelectionDigest(msgspec.Struct, frozen=True, kw_only=True):
    """SHA-256 over the sorted content digests, in hex, and the number of examples in all and by split."""

    digest: str
    examples: int
    splits: dict[str, int]


class Outdated(Exception):  # noqa: N818 - it names a state
    """The pieces are gone, or do not fit to what changed since"""


async def compute_digest(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> SelectionDigest:
    """Compute the digest and counts of a selection."""
    everything = Selection(dataset_id=selection.dataset_id, seq=selection.seq, answered=True)
    examples = await count_all(engine, workspace_id, selection.dataset_id) if selection == everything else 0
    if examples >= MIN_EXAMPLES:
        at_once = min(PREFIXES, max(1, PREFIXES * MAX_AT_ONCE // examples))
        try:
            return await _compute_from_pieces(engine, workspace_id, selection, at_once=at_once)
        except Outdated:
            pass
    rows = await fetch_all(engine, _select_pieces(workspace_id, selection).order_by("prefix"))
    hasher = hashlib.sha256()
    for row in rows:
        hasher.update(row.digests)
    return _build_digest(hasher.hexdigest(), _sum_splits(rows))


async def forget_digests(engine: AsyncEngine) -> None:
    """Delete what is kept, of all datasets."""
    await execute(engine, sa.delete(digest_pieces))


async def _compute_from_pieces(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, at_once: int
) -> SelectionDigest:
    """Hash the pieces with the changes since, `at_once` of them in memory. Raises Outdated."""
    seq = await fetch_value(engine, _select_newest(workspace_id, selection))
    changes = [] if seq is None else await _load_changes(engine, workspace_id, selection, seq)
    if seq is None or len(changes) > MAX_CHANGES:
        await _make_pieces(engine, workspace_id, selection)
        seq, changes = selection.seq, []
    by_prefix: dict[int, list[Change]] = {}
    splits, hasher, hashed = Counter[str](), hashlib.sha256(), 0
    for digest, split, times in changes:
        by_prefix.setdefault(digest[0], []).append(Change(digest, times))
        splits[split] += times
    for first in range(0, PREFIXES, at_once):
        prefixes = range(first, min(first + at_once, PREFIXES))
        pieces = await fetch_all(engine, _select_kept(workspace_id, selection.dataset_id, seq, prefixes))
        splits.update(_sum_splits(pieces))
        digests = {piece.prefix: piece.digests for piece in pieces}
        for prefix in prefixes:
            hashed += _hash_piece(hasher, digests.get(prefix, b""), by_prefix.get(prefix, ()))
    if hashed != splits.total():  # others made pieces anew meanwhile, and took these away
        raise Outdated
    return _build_digest(hasher.hexdigest(), splits)


def _hash_piece(hasher: Hasher, digests: bytes, changes: Iterable[Change]) -> int:
    try:
        return hash_changed(hasher, digests, changes)
    except KeyError as error:
        raise Outdated from error


def _sum_splits(rows: Sequence[Any]) -> Counter[str]:
    return sum((Counter(row.splits) for row in rows), Counter())


def _build_digest(digest: str, splits: Counter[str]) -> SelectionDigest:
    counted = {split: number for split, number in sorted(splits.items()) if number}
    return SelectionDigest(digest=digest, examples=splits.total(), splits=counted)


def _select_pieces(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    """The sorted digests by their first byte, with the number of examples by split."""
    states = (
        select_revisions(workspace_id, selection)
        .with_only_columns(current_split.label("split"), revisions.c.content, maintain_column_froms=True)
        .cte("states")
    )
    prefix = sa.func.get_byte(states.c.content, 0).label("prefix")
    ordered = aggregate_order_by(sa.literal_column("''::bytea", BYTEA), states.c.content)
    digests = sa.func.string_agg(states.c.content, ordered, type_=BYTEA).label("digests")
    counts: list[Any] = []
    for split in get_args(Split):
        counts += [sa.literal_column(f"'{split}'"), sa.func.count().filter(states.c.split == split)]
    splits = sa.func.jsonb_build_object(*counts, type_=JSONB)
    return sa.select(prefix, digests, splits.label("splits")).group_by(prefix)


async def _make_pieces(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> None:
    """Store the pieces as of the selection's seq, in place of older ones."""
    rows = _select_pieces(workspace_id, selection).subquery("pieces")
    key = [sa.literal(value, kind) for value, kind in _key(workspace_id, selection)]
    names = ["workspace_id", "dataset_id", "seq", "prefix", "digests", "splits"]
    pieces = insert(digest_pieces).from_select(names, sa.select(*key, rows.c.prefix, rows.c.digests, rows.c.splits))
    await execute(engine, pieces.on_conflict_do_nothing())
    is_older = digest_pieces.c.seq < selection.seq
    await execute(engine, sa.delete(digest_pieces).where(*_of(workspace_id, selection.dataset_id), is_older))


def _key(workspace_id: UUID, selection: Selection) -> list[tuple[Any, Any]]:
    return [(workspace_id, sa.Uuid), (selection.dataset_id, sa.Uuid), (selection.seq, sa.BigInteger)]


def _of(workspace_id: UUID, dataset_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (digest_pieces.c.workspace_id == workspace_id, digest_pieces.c.dataset_id == dataset_id)


def _select_newest(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    of_dataset = _of(workspace_id, selection.dataset_id)
    return sa.select(sa.func.max(digest_pieces.c.seq)).where(*of_dataset, digest_pieces.c.seq <= selection.seq)


def _select_kept(workspace_id: UUID, dataset_id: UUID, seq: int, prefixes: range) -> sa.Select[Any]:
    columns = (digest_pieces.c.prefix, digest_pieces.c.digests, digest_pieces.c.splits)
    return sa.select(*columns).where(
        *_of(workspace_id, dataset_id),
        digest_pieces.c.seq == seq,
        digest_pieces.c.prefix.between(prefixes.start, prefixes.stop - 1),
    )


async def _load_changes(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, seq: int
) -> Sequence[tuple[bytes, str, int]]:
    """Digest and split of each state that was there at `seq` and ended since (-1), or began since (1)."""
    then = msgspec.structs.replace(selection, seq=seq)
    is_between = (revisions.c.seq_to > seq, revisions.c.seq_to <= selection.seq)
    ended = _select_changed(workspace_id, then, times=-1).where(*is_between)
    begun = _select_changed(workspace_id, selection, times=1).where(revisions.c.seq_from > seq)
    rows: Sequence[Any] = await fetch_all(engine, sa.union_all(ended, begun).limit(MAX_CHANGES + 1))
    return rows


def _select_changed(workspace_id: UUID, selection: Selection, *, times: int) -> sa.Select[Any]:
    return select_revisions(workspace_id, selection).with_only_columns(
        revisions.c.content, current_split, sa.literal_column(str(times)), maintain_column_froms=True
    )
