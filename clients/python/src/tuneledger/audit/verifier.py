"""Checking an export of the log without asking anybody: leaves, order, streams, the root, its signature, earlier heads.

What it says names the event. It trusts the keys it is given, and nothing that the export says of itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from tuneledger.audit.lines import FORMAT, TILE, Header, Line, Tile, leaf_of, read
from tuneledger.audit.merkle import Frontier
from tuneledger.audit.notes import HASH_BYTES, NoteRefused, Verifier, checkpoint_of, opened

MOST_FINDINGS = 1_000
WINDOW = 4 * TILE  # leaves at hand: those of a tile come just before it
Source = Literal["own", "earlier", "kept"]
Kind = Literal[
    "not_readable", "truncated", "altered", "removed", "inserted", "reordered", "signature", "root", "earlier_head"
]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, and at which event, where one can be named."""

    kind: Kind
    detail: str
    seq: int | None = None


class Report(msgspec.Struct, kw_only=True):
    """`findings` is empty when all is as it was signed. Of single lines at most MOST_FINDINGS are told."""

    events: int = 0
    size: int = 0
    root: str = ""
    findings: list[Finding] = []

    def tell(self, kind: Kind, detail: str, seq: int | None = None) -> None:
        self.findings.append(Finding(kind=kind, detail=detail, seq=seq))


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A head that a trusted key has signed for this log, and where it is from."""

    size: int
    root: bytes
    source: Source


def own_keys(header: bytes) -> list[str]:
    """The keys that an export names itself; none when its first line is no header."""
    found = read(header, Header)
    return found.keys if found else []


def verify(lines: Iterable[bytes], *, trusted: Sequence[Verifier], kept: Sequence[str] = ()) -> Report:
    """Check an export line by line, holding one number a stream. `kept` are notes of checkpoints from earlier."""
    report, source = Report(), iter(lines)
    header = read(next(source, b""), Header)
    if header is None or header.format != FORMAT:
        report.tell("not_readable", "The file does not begin as an export of a log does.")
        return report
    heads = list(_heads(header, trusted, kept, report))
    checking = _Checking(header, report, {head.size for head in heads})
    for number, text in enumerate(source, 2):
        checking.take(number, text)
    checking.end()
    checking.compare(heads)
    report.events, report.size, report.root = checking.events, header.size, checking.tree.root().hex()
    return report


def _heads(header: Header, trusted: Sequence[Verifier], kept: Sequence[str], report: Report) -> Iterator[Head]:
    """The heads to compare with. Those of the export from earlier only help to name an event, so no key is missed."""
    if not header.checkpoint and header.size:
        report.tell("signature", "The export has no signed head.")
    own: list[tuple[Source, str]] = [("own", header.checkpoint)] if header.checkpoint else []
    for source, note in [*own, *(("earlier", note) for note in header.earlier), *(("kept", note) for note in kept)]:
        head = _head(source, note, trusted, header, report if source != "earlier" else Report())
        if head is not None:
            yield head


def _head(source: Source, note: str, trusted: Sequence[Verifier], header: Header, report: Report) -> Head | None:
    try:
        head = checkpoint_of(opened(note, trusted))
    except NoteRefused as refused:
        report.tell("signature", f"A checkpoint cannot be trusted: {refused}.")
        return None
    if head.origin != header.origin:
        report.tell("signature", f"A checkpoint is of another log: {head.origin}.")
        return None
    if source == "own" and head.size != header.size:
        report.tell("signature", f"The signed head is over {head.size} events, and the export says {header.size}.")
    return Head(size=head.size, root=head.root, source=source)


class _Checking:
    """One pass over the events. `roots` are the roots at the sizes that heads were signed for, the `wanted` ones."""

    def __init__(self, header: Header, report: Report, wanted: set[int]) -> None:
        self.header = header
        self.report = report
        self.tree = Frontier()
        self.events = 0
        self.roots = {0: Frontier().root()}
        self._wanted = wanted
        self._versions: dict[str, int] = {}
        self._recent: dict[int, tuple[int, bytes]] = {}
        self._unlike: list[int] = []
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
        self._tell("not_readable", f"Line {number} of the file is neither an event nor sealed leaves.")

    def _event(self, line: Line) -> None:
        following = self.tree.size + 1
        if line.seq > following:
            self._tell("removed", _gone(following, line.seq - 1), following)
        if line.seq < following:
            kind: Kind = "inserted" if self._leaf(line.seq) else "reordered"
            self._tell(kind, f"Event {line.seq} stands after event {following - 1}.", line.seq)
            return
        leaf = leaf_of(self.header.workspace_id, line)
        if leaf.hex() != line.leaf:
            self._tell("altered", f"Event {line.seq} does not give its leaf: what it says was changed.", line.seq)
        before = self._versions.get(line.stream_id, 0)
        if line.version != before + 1:
            detail = f"Event {line.seq} is version {line.version} of its stream, after version {before}."
            self._tell("removed" if line.version > before else "reordered", detail, line.seq)
        if line.recorded_us < self._last_us:
            self._tell("reordered", f"Event {line.seq} was recorded before the one that it follows.", line.seq)
        self._versions[line.stream_id] = line.version
        self._last_us = line.recorded_us
        self._add(line.seq, leaf)

    def _tell(self, kind: Kind, detail: str, seq: int | None = None) -> None:
        """What is wrong with one line. However many are told, what the heads say comes after them."""
        if len(self.report.findings) < MOST_FINDINGS:
            self.report.tell(kind, detail, seq)

    def _add(self, seq: int, leaf: bytes) -> None:
        self._skip(seq - 1)
        self._recent[seq % WINDOW] = (seq, leaf)
        self.tree.add(leaf)
        self._note()
        self.events += 1

    def _leaf(self, seq: int) -> bytes | None:
        known = self._recent.get(seq % WINDOW)
        return known[1] if known and known[0] == seq else None

    def _skip(self, size: int) -> None:
        """What is missing keeps its place, so that what follows keeps its own."""
        for stop in sorted({size, *(wanted for wanted in self._wanted if self.tree.size < wanted < size)}):
            self.tree.add_missing(stop - self.tree.size)
            self._note()

    def _note(self) -> None:
        if self.tree.size in self._wanted:
            self.roots[self.tree.size] = self.tree.root()

    def _sealed(self, tile: Tile) -> None:
        """Compare the leaves of what the events say with those that were sealed: these name the event."""
        try:
            hashes = bytes.fromhex(tile.hashes)
        except ValueError:
            hashes = b""
        if len(hashes) != TILE * HASH_BYTES:
            self._tell("not_readable", f"The sealed leaves of tile {tile.tile} are not readable.")
            return
        for at in range(TILE):
            seq = tile.tile * TILE + at + 1
            found = self._leaf(seq)
            differs = found is not None and found != hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]
            if differs and len(self._unlike) < MOST_FINDINGS:
                self._unlike.append(seq)

    def end(self) -> None:
        if self.tree.size < self.header.size:
            detail = f"The export ends after event {self.tree.size} of {self.header.size}."
            self.report.tell("truncated", detail, self.tree.size + 1)
        if self.tree.size > self.header.size:
            beyond = self.header.size + 1
            detail = f"Event {beyond} stands after the last of the export: no head is signed over it."
            self.report.tell("inserted", detail, beyond)

    def compare(self, heads: Sequence[Head]) -> None:
        """Whether the events give the roots that were signed, and between which of these they cease to."""
        agreeing = [head.size for head in heads if self.roots.get(head.size) == head.root]
        wrong = [head for head in heads if self.roots.get(head.size) != head.root]
        for seq in self._unlike:
            signed = seq <= max(agreeing, default=0)
            what = "was sealed as another: the sealed leaf was changed" if signed else "is not what was sealed"
            self._tell("altered", f"Event {seq} {what}.", seq)
        first = min((head.size for head in wrong if head.size in self.roots), default=0)
        last = max((size for size in agreeing if size < first), default=0)
        for head in [head for head in wrong if head.source != "earlier"] or wrong[:1]:
            if head.size in self.roots:
                self._differs(head, last + 1, first)
            else:
                detail = f"A head was signed over {head.size} events, and there are {self.tree.size}."
                self.report.tell("removed", detail, self.tree.size + 1)

    def _differs(self, head: Head, low: int, high: int) -> None:
        what = "the signed head" if head.source == "own" else "a head that was signed earlier"
        detail = f"The first {head.size} events are not those of {what}"
        if low == high:
            detail += f": event {low} is the first that is not"
        elif (low, high) != (1, head.size):
            detail += f": the first that is not is among events {low} to {high}"
        self.report.tell("root" if head.source == "own" else "earlier_head", f"{detail}.", low if low == high else None)


def _gone(first: int, last: int) -> str:
    return f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."
