"""Verify an export of the log offline: leaves, order, streams, the root, its signature, and earlier checkpoints.

Findings name the event. It trusts only the keys passed to it, and nothing that the export says about itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from tuneledger.audit.lines import FORMAT, TILE, Header, Line, Tile, leaf_of, read
from tuneledger.audit.merkle import Frontier
from tuneledger.audit.notes import HASH_BYTES, NoteRefused, Verifier, checkpoint_of, opened

MAX_FINDINGS = 1_000
WINDOW = 4 * TILE  # leaves in memory: the events of a tile precede it
Source = Literal["own", "earlier", "kept"]
Kind = Literal[
    "not_readable", "truncated", "altered", "removed", "inserted", "reordered", "signature", "root", "earlier_head"
]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, and at which event, if one can be named."""

    kind: Kind
    detail: str
    seq: int | None = None


class Report(msgspec.Struct, kw_only=True):
    """`findings` is empty if everything is as signed. It has at most MAX_FINDINGS about single lines."""

    events: int = 0
    size: int = 0
    root: str = ""
    findings: list[Finding] = []

    def add(self, kind: Kind, detail: str, seq: int | None = None) -> None:
        self.findings.append(Finding(kind=kind, detail=detail, seq=seq))


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint of this log that a trusted key signed, and its source."""

    size: int
    root: bytes
    source: Source


def own_keys(header: bytes) -> list[str]:
    """The keys named in the export itself; none if its first line is no header."""
    parsed = read(header, Header)
    return parsed.keys if parsed else []


def verify(lines: Iterable[bytes], *, trusted: Sequence[Verifier], kept: Sequence[str] = ()) -> Report:
    """Verify an export line by line; holds one number per stream. `kept` are notes of earlier checkpoints."""
    report, source = Report(), iter(lines)
    header = read(next(source, b""), Header)
    if header is None or header.format != FORMAT:
        report.add("not_readable", "The file does not begin as an export of a log does.")
        return report
    heads = list(_heads(header, trusted, kept, report))
    checker = _Checker(header, report, {head.size for head in heads})
    for number, text in enumerate(source, 2):
        checker.take(number, text)
    checker.end()
    checker.compare(heads)
    report.events, report.size, report.root = checker.events, header.size, checker.tree.root().hex()
    return report


def _heads(header: Header, trusted: Sequence[Verifier], kept: Sequence[str], report: Report) -> Iterator[Head]:
    """Yield the heads to compare with. A bad earlier checkpoint of the export is no finding: it only locates."""
    if not header.checkpoint and header.size:
        report.add("signature", "The export has no signed head.")
    own: list[tuple[Source, str]] = [("own", header.checkpoint)] if header.checkpoint else []
    for source, note in [*own, *(("earlier", note) for note in header.earlier), *(("kept", note) for note in kept)]:
        head = _head(source, note, trusted, header, report if source != "earlier" else Report())
        if head is not None:
            yield head


def _head(source: Source, note: str, trusted: Sequence[Verifier], header: Header, report: Report) -> Head | None:
    try:
        head = checkpoint_of(opened(note, trusted))
    except NoteRefused as error:
        report.add("signature", f"A checkpoint cannot be trusted: {error}.")
        return None
    if head.origin != header.origin:
        report.add("signature", f"A checkpoint is of another log: {head.origin}.")
        return None
    if source == "own" and head.size != header.size:
        report.add("signature", f"The signed head is over {head.size} events, and the export says {header.size}.")
    return Head(size=head.size, root=head.root, source=source)


class _Checker:
    """One pass over the events. Collects `roots` at the sizes of signed heads, `sizes`."""

    def __init__(self, header: Header, report: Report, sizes: set[int]) -> None:
        self.header = header
        self.report = report
        self.tree = Frontier()
        self.events = 0
        self.roots = {0: Frontier().root()}
        self._sizes = sizes
        self._versions: dict[str, int] = {}
        self._recent: dict[int, tuple[int, bytes]] = {}
        self._differing: list[int] = []
        self._last_us = 0

    def take(self, number: int, text: bytes) -> None:
        line = read(text, Line)
        if line is not None:
            self._event(line)
            return
        tile = read(text, Tile)
        if tile is not None:
            self._sealed(tile)
            return
        self._add_finding("not_readable", f"Line {number} of the file is neither an event nor sealed leaves.")

    def _event(self, line: Line) -> None:
        following = self.tree.size + 1
        if line.seq > following:
            self._add_finding("removed", _gone(following, line.seq - 1), following)
        if line.seq < following:
            kind: Kind = "inserted" if self._leaf(line.seq) else "reordered"
            self._add_finding(kind, f"Event {line.seq} stands after event {following - 1}.", line.seq)
            return
        leaf = leaf_of(self.header.workspace_id, line)
        if leaf.hex() != line.leaf:
            self._add_finding(
                "altered", f"Event {line.seq} does not give its leaf: what it says was changed.", line.seq
            )
        before = self._versions.get(line.stream_id, 0)
        if line.version != before + 1:
            detail = f"Event {line.seq} is version {line.version} of its stream, after version {before}."
            self._add_finding("removed" if line.version > before else "reordered", detail, line.seq)
        if line.recorded_us < self._last_us:
            self._add_finding("reordered", f"Event {line.seq} was recorded before the one that it follows.", line.seq)
        self._versions[line.stream_id] = line.version
        self._last_us = line.recorded_us
        self._add(line.seq, leaf)

    def _add_finding(self, kind: Kind, detail: str, seq: int | None = None) -> None:
        """Add a finding about one line. The limit leaves findings about heads unaffected."""
        if len(self.report.findings) < MAX_FINDINGS:
            self.report.add(kind, detail, seq)

    def _add(self, seq: int, leaf: bytes) -> None:
        self._skip(seq - 1)
        self._recent[seq % WINDOW] = (seq, leaf)
        self.tree.add(leaf)
        self._store_root()
        self.events += 1

    def _leaf(self, seq: int) -> bytes | None:
        known = self._recent.get(seq % WINDOW)
        return known[1] if known and known[0] == seq else None

    def _skip(self, size: int) -> None:
        """Fill in missing leaves, so that the following ones keep their index."""
        for stop in sorted({size, *(head for head in self._sizes if self.tree.size < head < size)}):
            self.tree.add_missing(stop - self.tree.size)
            self._store_root()

    def _store_root(self) -> None:
        if self.tree.size in self._sizes:
            self.roots[self.tree.size] = self.tree.root()

    def _sealed(self, tile: Tile) -> None:
        """Compare the events' leaves with the sealed ones, which locate a changed event."""
        try:
            hashes = bytes.fromhex(tile.hashes)
        except ValueError:
            hashes = b""
        if len(hashes) != TILE * HASH_BYTES:
            self._add_finding("not_readable", f"The sealed leaves of tile {tile.tile} are not readable.")
            return
        for at in range(TILE):
            seq = tile.tile * TILE + at + 1
            leaf = self._leaf(seq)
            differs = leaf is not None and leaf != hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]
            if differs and len(self._differing) < MAX_FINDINGS:
                self._differing.append(seq)

    def end(self) -> None:
        if self.tree.size < self.header.size:
            detail = f"The export ends after event {self.tree.size} of {self.header.size}."
            self.report.add("truncated", detail, self.tree.size + 1)
        if self.tree.size > self.header.size:
            beyond = self.header.size + 1
            detail = f"Event {beyond} stands after the last of the export: no head is signed over it."
            self.report.add("inserted", detail, beyond)

    def compare(self, heads: Sequence[Head]) -> None:
        """Compare the events' roots with the signed ones, and find between which two they begin to differ."""
        agreeing = [head.size for head in heads if self.roots.get(head.size) == head.root]
        wrong = [head for head in heads if self.roots.get(head.size) != head.root]
        for seq in self._differing:
            signed = seq <= max(agreeing, default=0)
            what = "was sealed as another: the sealed leaf was changed" if signed else "is not what was sealed"
            self._add_finding("altered", f"Event {seq} {what}.", seq)
        first = min((head.size for head in wrong if head.size in self.roots), default=0)
        last = max((size for size in agreeing if size < first), default=0)
        for head in [head for head in wrong if head.source != "earlier"] or wrong[:1]:
            if head.size in self.roots:
                self._differs(head, last + 1, first)
            else:
                detail = f"A head was signed over {head.size} events, and there are {self.tree.size}."
                self.report.add("removed", detail, self.tree.size + 1)

    def _differs(self, head: Head, low: int, high: int) -> None:
        what = "the signed head" if head.source == "own" else "a head that was signed earlier"
        detail = f"The first {head.size} events are not those of {what}"
        if low == high:
            detail += f": event {low} is the first that is not"
        elif (low, high) != (1, head.size):
            detail += f": the first that is not is among events {low} to {high}"
        self.report.add("root" if head.source == "own" else "earlier_head", f"{detail}.", low if low == high else None)


def _gone(first: int, last: int) -> str:
    return f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."
