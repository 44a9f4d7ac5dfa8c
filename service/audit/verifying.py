"""Checking an export of the log without asking anybody: leaves, order, streams, the root, its signature, earlier heads.

What it says names the event. It trusts the keys it is given, and nothing that the export says of itself.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from service.audit.exporting import FORMAT
from service.audit.notes import HASH_BYTES, Checkpoint, NoteRefused, Verifier, checkpoint_of, opened
from service.audit.sealing import TILE
from service.ledger.merkle import Frontier

MOST_FINDINGS = 1_000
Kind = Literal[
    "not_readable", "truncated", "altered", "removed", "inserted", "reordered", "signature", "root", "earlier_head"
]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the export has it; `data` is the text its leaf was made of, `recorded_us` in microseconds UTC."""

    seq: int
    stream: str
    stream_id: str
    version: int
    type: str
    actor: str
    request_id: str
    recorded_us: int
    data: str
    leaf: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    workspace_id: str
    origin: str
    size: int
    checkpoint: str | None
    keys: list[str]


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    tile: int
    hashes: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, and at which event, where one can be named."""

    kind: Kind
    detail: str
    seq: int | None = None


class Report(msgspec.Struct, kw_only=True):
    """`findings` is empty when all is as it was signed; at most MOST_FINDINGS are told."""

    events: int = 0
    size: int = 0
    root: str = ""
    findings: list[Finding] = []

    def tell(self, kind: Kind, detail: str, seq: int | None = None) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(kind=kind, detail=detail, seq=seq))


def own_keys(header: bytes) -> list[str]:
    """The keys that an export names itself; none when its first line is no header."""
    read = _read(header, Header)
    return read.keys if read else []


def leaf_of(workspace_id: str, line: Line) -> bytes:
    """sha256(0x00 ‖ the JSON array of the event's envelope), as Postgres wrote it (migration 0001)."""
    envelope = [
        workspace_id,
        line.seq,
        line.stream,
        line.stream_id,
        line.version,
        line.type,
        line.actor,
        line.request_id,
        line.recorded_us,
        line.data,
    ]
    return hashlib.sha256(b"\x00" + json.dumps(envelope, ensure_ascii=False).encode()).digest()


def verify(lines: Iterable[bytes], *, trusted: Sequence[Verifier], kept: Sequence[str] = ()) -> Report:
    """Check an export in flat memory. `kept` are notes of checkpoints from earlier."""
    report, source = Report(), iter(lines)
    header = _read(next(source, b""), Header)
    if header is None or header.format != FORMAT:
        report.tell("not_readable", "The file does not begin as an export of a log does.")
        return report
    heads = list(_heads(header, trusted, kept, report))
    checking = _Checking(header, report, {head.size: head for head, _ in heads})
    for number, text in enumerate(source, 2):
        checking.take(number, text)
    checking.end()
    for head, note in heads:
        checking.compare(head, own=note is header.checkpoint)
    report.events, report.size, report.root = checking.events, header.size, checking.tree.root().hex()
    return report


def _heads(
    header: Header, trusted: Sequence[Verifier], kept: Sequence[str], report: Report
) -> Iterator[tuple[Checkpoint, str]]:
    """The heads that a trusted key has signed for this log."""
    if not header.checkpoint and header.size:
        report.tell("signature", "The export has no signed head.")
    for note in [*([header.checkpoint] if header.checkpoint else []), *kept]:
        try:
            head = checkpoint_of(opened(note, trusted))
        except NoteRefused as refused:
            report.tell("signature", f"A checkpoint cannot be trusted: {refused}.")
            continue
        if head.origin != header.origin:
            report.tell("signature", f"A checkpoint is of another log: {head.origin}.")
            continue
        if note is header.checkpoint and head.size != header.size:
            detail = f"The signed head is over {head.size} events, and the export says {header.size}."
            report.tell("signature", detail)
        yield head, note


class _Checking:
    """One pass over the events. `roots` are the roots at the sizes that heads were signed for."""

    def __init__(self, header: Header, report: Report, heads: dict[int, Checkpoint]) -> None:
        self.header = header
        self.report = report
        self.tree = Frontier()
        self.events = 0
        self.roots: dict[int, bytes] = {}
        self._wanted = set(heads)
        self._versions: dict[str, int] = {}
        self._recent: dict[int, bytes] = {}
        self._last_us = 0

    def take(self, number: int, text: bytes) -> None:
        line = _read(text, Line)
        if line is not None:
            self._event(line)
            return
        tile = _read(text, Tile)
        if tile is not None:
            self._sealed(tile)
            return
        self.report.tell("not_readable", f"Line {number} of the file is neither an event nor sealed leaves.")

    def _event(self, line: Line) -> None:
        following = self.tree.size + 1
        if line.seq > following:
            self.report.tell("removed", _gone(following, line.seq - 1), following)
        if line.seq < following:
            kind: Kind = "inserted" if line.seq in self._recent else "reordered"
            self.report.tell(kind, f"Event {line.seq} stands after event {following - 1}.", line.seq)
            return
        leaf = leaf_of(self.header.workspace_id, line)
        if leaf.hex() != line.leaf:
            self.report.tell("altered", f"Event {line.seq} does not give its leaf: what it says was changed.", line.seq)
        before = self._versions.get(line.stream_id, 0)
        if line.version != before + 1:
            detail = f"Event {line.seq} is version {line.version} of its stream, after version {before}."
            self.report.tell("removed" if line.version > before else "reordered", detail, line.seq)
        if line.recorded_us < self._last_us:
            self.report.tell("reordered", f"Event {line.seq} was recorded before the one that it follows.", line.seq)
        self._versions[line.stream_id] = line.version
        self._last_us = max(self._last_us, line.recorded_us)
        self._add(line.seq, leaf)

    def _add(self, seq: int, leaf: bytes) -> None:
        self._skip(seq - 1)
        self._recent[seq] = leaf
        self._recent.pop(seq - 4 * TILE, None)
        self._grow(leaf)
        self.events += 1

    def _grow(self, leaf: bytes) -> None:
        self.tree.add(leaf)
        self._note()

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
            self.report.tell("not_readable", f"The sealed leaves of tile {tile.tile} are not readable.")
            return
        for at in range(TILE):
            seq = tile.tile * TILE + at + 1
            found = self._recent.get(seq)
            if found is not None and found != hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]:
                self.report.tell("altered", f"Event {seq} is not what was sealed.", seq)

    def end(self) -> None:
        if self.tree.size < self.header.size:
            detail = f"The export ends after event {self.tree.size} of {self.header.size}."
            self.report.tell("truncated", detail, self.tree.size + 1)
        if self.tree.size > self.header.size:
            beyond = self.header.size + 1
            detail = f"Event {beyond} stands after the last of the export: no head is signed over it."
            self.report.tell("inserted", detail, beyond)

    def compare(self, head: Checkpoint, *, own: bool) -> None:
        root = self.roots.get(head.size) if head.size else Frontier().root()
        if root is None:
            detail = f"A head was signed over {head.size} events, and there are {self.tree.size}."
            self.report.tell("removed", detail, self.tree.size + 1)
        elif root != head.root:
            what = "the signed head" if own else "a head that was signed earlier"
            detail = f"The first {head.size} events are not those of {what}."
            self.report.tell("root" if own else "earlier_head", detail)


def _gone(first: int, last: int) -> str:
    return f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."


def _read(text: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
