"""What somebody with the database's password can do to a log, by SQL, and what an auditor has to find then."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tuneledger.audit.verifier import Report

Found = list[tuple[str, int | None]]


class Tampering(msgspec.Struct, frozen=True, kw_only=True):
    """`found` by who has only the key; `kept`: what is found beside it by who has kept the head over 700 events.

    An `...` in `found` stands for any number of others. `grows`: by how much the log goes on before it is exported.
    """

    done: Sequence[str]
    found: list[Any]
    kept: Found = []
    grows: int = 0


def summarize(report: Report) -> Found:
    return [(finding.kind, finding.seq) for finding in report.findings]


def matches(finding: Found, wanted: list[Any]) -> bool:
    if ... not in wanted:
        return finding == wanted
    at = wanted.index(...)
    first, last = wanted[:at], wanted[at + 1 :]
    return len(finding) > len(wanted) and finding[:at] == first and finding[len(finding) - len(last) :] == last


def event(change: str, seq: int = 300) -> str:
    return f"update ledger.events set {change} where workspace_id = :ws and seq = {seq}"


def leaf(which: str = "seq = 300") -> str:
    """As a forger who knows how leaves are made would make it."""
    envelope = "workspace_id, seq, stream, stream_id, version, type, actor, request_id"
    at = "(extract(epoch from recorded_at) * 1000000)::bigint"
    rehashed = f"convert_to(json_build_array({envelope}, {at}, data::text)::text, 'UTF8')"
    return f"update ledger.events set leaf = sha256('\\x00'::bytea || {rehashed}) where workspace_id = :ws and {which}"


def sealed_leaf(
    seq: int = 300, value: str = "(select leaf from ledger.events where workspace_id = :ws and seq = {})"
) -> str:
    """So that the tile says what the event says."""
    place = f"overlay(hashes placing {value.format(seq)} from {(seq - 1) % 256 * 32 + 1})"
    return f"update ledger.tiles set hashes = {place} where workspace_id = :ws and number = {(seq - 1) // 256}"


def gone(table: str, which: str = "true") -> str:
    return f"delete from ledger.{table} where workspace_id = :ws and {which}"


def copied(seq: int, from_: str = ":ws", of: int = 300) -> str:
    rest = "stream, stream_id, version, type, data, actor, request_id, recorded_at, leaf"
    row = f"select :ws, {seq}, {rest} from ledger.events where workspace_id = {from_} and seq = {of}"
    return f"insert into ledger.events {row}"


def note(value: str) -> str:
    return f"update ledger.checkpoints set note = {value} where workspace_id = :ws and size = 700"


def changed(change: str, *more: str) -> Tampering:
    """It does not give its leaf, it is not what was sealed, and all are not what was signed."""
    return Tampering(done=[event(change), *more], found=ALTERED, kept=EARLIER)


ALTERED: Found = [("altered", 300), ("altered", 300), ("root", None)]
EARLIER: Found = [("earlier_head", None)]
MALLORY = event("actor = 'mallory'")
SWAPPED = (event("seq = -1"), event("seq = 300", 301), event("seq = 301", -1))
RENUMBERED = (
    "update ledger.events set seq = -seq where workspace_id = :ws and seq > 300",
    "update ledger.events set seq = -seq - 1 where workspace_id = :ws and seq < 0",
)
UNCONSTRAINED = (
    "alter table ledger.events drop constraint if exists pk_events",
    "alter table ledger.events drop constraint if exists uq_events_stream_version",
)
UNSEALED = (gone("checkpoints"), gone("subtrees"), gone("tiles"))
BEGUN_ANEW = (gone("events"), gone("heads"), *UNSEALED)

EVENTS: dict[str, Tampering] = {
    "its stream": changed("stream = 'other'"),
    "its type": changed("type = 'ToyBroken'"),
    "its actor": changed("actor = 'mallory'"),
    "its request": changed("request_id = 'another'"),
    "its data": changed("""data = '{"share"\\:0.6,"said"\\:"yes"}'"""),
    "the spaces in its data": changed("""data = '{"share"\\: 0.5,"said"\\:"yes"}'"""),
    "the order of its data": changed("""data = '{"said"\\:"yes","share"\\:0.5}'"""),
    "how a text in its data is escaped": changed("""data = '{"share"\\:0.5,"said"\\:"\\u0079es"}'"""),
    "how a number in its data is written": changed("""data = '{"share"\\:0.50,"said"\\:"yes"}'"""),
    "a key of its data, put in twice": changed("""data = '{"share"\\:0.5,"share"\\:0.5,"said"\\:"yes"}'"""),
    "its leaf alone": Tampering(done=[event("leaf = sha256('x')")], found=[("altered", 300)]),
    "it and its leaf": Tampering(done=[MALLORY, leaf()], found=[("altered", 300), ("root", None)], kept=EARLIER),
    "it, its leaf and the sealed leaf": Tampering(
        done=[MALLORY, leaf(), sealed_leaf()], found=[("root", None)], kept=EARLIER
    ),
    "it and its leaf, where no tile is full yet": Tampering(
        done=[event("actor = 'mallory'", 690), leaf("seq = 690")], found=[("root", None)], kept=EARLIER
    ),
    "the last one and its leaf": Tampering(
        done=[event("actor = 'mallory'", 700), leaf("seq = 700")], found=[("root", 700)], kept=[("earlier_head", 700)]
    ),
    "its time, later": Tampering(
        done=[event("recorded_at = recorded_at + interval '1 hour'")],
        found=[("altered", 300), ("reordered", 301), ("altered", 300), ("root", None)],
        kept=EARLIER,
    ),
    "its time, earlier": Tampering(
        done=[event("recorded_at = 'epoch'")],
        found=[("altered", 300), ("reordered", 300), ("altered", 300), ("root", None)],
        kept=EARLIER,
    ),
    "its time, to one that no number holds": Tampering(
        done=[event("recorded_at = '9999-01-01'")],
        found=[("not_readable", None), ("removed", 300), ("removed", 307), ("root", None)],
        kept=EARLIER,
    ),
    "its version": Tampering(
        done=[event("version = 1000")],
        found=[("altered", 300), ("removed", 300), ("reordered", 307), ("altered", 300), ("root", None)],
        kept=EARLIER,
    ),
    "whose it is: another stream's": Tampering(
        done=[event("stream_id = gen_random_uuid(), version = 1")],
        found=[("altered", 300), ("removed", 307), ("altered", 300), ("root", None)],
        kept=EARLIER,
    ),
    "whose it is: nobody's": Tampering(
        done=["alter table ledger.events alter actor drop not null", event("actor = null")],
        found=[("not_readable", None), ("removed", 300), ("removed", 307), ("root", None)],
        kept=EARLIER,
    ),
    "all of them": Tampering(
        done=["update ledger.events set actor = 'mallory' where workspace_id = :ws"],
        found=[("altered", 1), ("altered", 2), ..., ("root", None)],
        kept=EARLIER,
    ),
    # The last: what comes after it would find another table.
    "how all are kept": Tampering(
        done=["alter table ledger.events alter data type jsonb using data::jsonb"],
        found=[("altered", 1), ("altered", 2), ..., ("root", None)],
        kept=EARLIER,
    ),
}
PLACES: dict[str, Tampering] = {
    "removed": Tampering(
        done=[gone("events", "seq = 300")],
        found=[("removed", 300), ("removed", 307), ("root", None)],
        kept=EARLIER,
    ),
    "removed, from the first on": Tampering(
        done=[gone("events", "seq <= 300")],
        found=[("removed", 1), *(("removed", seq) for seq in range(301, 308)), ("root", None)],
        kept=EARLIER,
    ),
    "removed, and those after it given its number": Tampering(
        done=[gone("events", "seq = 300"), *RENUMBERED],
        found=[("altered", 300), ("altered", 301), ..., ("removed", 700)],
        kept=[("removed", 700)],
    ),
    "removed, and all leaves made anew": Tampering(
        done=[gone("events", "seq = 300"), *RENUMBERED, leaf("seq >= 300")],
        found=[("removed", 306), ("truncated", 700), ..., ("removed", 700)],
        kept=[("removed", 700)],
    ),
    "removed at the end": Tampering(
        done=[gone("events", "seq > 690")], found=[("truncated", 691), ("removed", 691)], kept=[("removed", 691)]
    ),
    "removed at the end, with the heads over it": Tampering(
        done=[
            gone("events", "seq > 600"),
            gone("checkpoints", "size > 600"),
            "update ledger.heads set seq = 600 where workspace_id = :ws",
        ],
        found=[],
        kept=[("removed", 601)],
    ),
    "removed at the end, and others recorded in its place": Tampering(
        done=[
            gone("events", "seq > 600"),
            gone("checkpoints", "size > 600"),
            "update ledger.heads set seq = 600 where workspace_id = :ws",
        ],
        grows=100,
        found=[],
        kept=EARLIER,
    ),
    "swapped": Tampering(
        done=SWAPPED,
        found=[
            ("altered", 300),
            ("altered", 301),
            ("altered", 300),
            ("altered", 301),
            ("root", None),
        ],
        kept=EARLIER,
    ),
    "swapped, and the leaves made anew": Tampering(
        done=[*SWAPPED, leaf("seq in (300, 301)")],
        found=[("altered", 300), ("altered", 301), ("root", None)],
        kept=EARLIER,
    ),
    "swapped in their stream": Tampering(
        done=[event("version = -1"), event("version = 43", 307), event("version = 44")],
        found=[
            ("altered", 300),
            ("removed", 300),
            ("altered", 307),
            ("reordered", 307),
            ("removed", 314),
            ("altered", 300),
            ("altered", 307),
            ("root", None),
        ],
        kept=EARLIER,
    ),
    "twice under one number": Tampering(done=[*UNCONSTRAINED, copied(300)], found=[("inserted", 300)]),
    "twice, at the end": Tampering(
        done=[
            *UNCONSTRAINED,
            copied(701),
            "update ledger.heads set seq = 701 where workspace_id = :ws",
        ],
        grows=1,
        found=[("altered", 701), ("reordered", 701), ("reordered", 701), ("root", None)],
    ),
    "in another workspace": Tampering(
        done=[event("workspace_id = :other")],
        found=[("removed", 300), ("removed", 307), ("root", None)],
        kept=EARLIER,
    ),
    "from another workspace": Tampering(
        done=[gone("events", "seq = 300"), copied(300, ":other", of=5)],
        found=[("altered", 300), ("reordered", 301), ("removed", 307), ("altered", 300), ("root", None)],
        kept=EARLIER,
    ),
    "beyond the head": Tampering(done=[*UNCONSTRAINED, copied(701)], found=[]),
}
