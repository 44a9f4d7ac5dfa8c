"""What a bad exporter, a bad disk or a forger can do to the file of a log, and what an auditor has to find then."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import msgspec

from tests.audit.tamper_cases import Found

Lines = list[bytes]
Spoiler = Callable[[Lines], Lines]

NO_EXPORT: Found = [("not_readable", None)]
UNREADABLE: Found = [("not_readable", None), ("removed", 300), ("removed", 307), ("root", None)]


class Spoilt(msgspec.Struct, frozen=True, kw_only=True):
    """`file` makes it of an export's lines. All of it is `found` without a head that was kept."""

    file: Spoiler
    found: list[Any]


def at(lines: Lines, seq: int) -> int:
    return next(number for number, line in enumerate(lines) if line.startswith(b'{"seq":%d,' % seq))


def header(change: dict[str, Any]) -> Spoiler:
    return lambda lines: [encoded(json.loads(lines[0]) | change), *lines[1:]]


def line(change: Callable[[dict[str, Any]], Any], seq: int = 300) -> Spoiler:
    def spoil(lines: Lines) -> Lines:
        number = at(lines, seq)
        return [*lines[:number], encoded(change(json.loads(lines[number]))), *lines[number + 1 :]]

    return spoil


def tile(change: Callable[[dict[str, Any]], Any]) -> Spoiler:
    """The first one."""

    def spoil(lines: Lines) -> Lines:
        number = at(lines, 257) - 1
        return [*lines[:number], encoded(change(json.loads(lines[number]))), *lines[number + 1 :]]

    return spoil


def raw(old: bytes, new: bytes, seq: int = 300) -> Spoiler:
    def spoil(lines: Lines) -> Lines:
        number = at(lines, seq)
        assert old in lines[number]
        return [*lines[:number], lines[number].replace(old, new, 1), *lines[number + 1 :]]

    return spoil


def put(new: bytes, seq: int = 300) -> Spoiler:
    """Before the event."""
    return lambda lines: [*lines[: at(lines, seq)], new, *lines[at(lines, seq) :]]


def move(seq: int, behind: int) -> Spoiler:
    def spoil(lines: Lines) -> Lines:
        rest = [*lines]
        one = rest.pop(at(lines, seq))
        return [*rest[: at(rest, behind) + 1], one, *rest[at(rest, behind) + 1 :]]

    return spoil


def encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


WHOLE: dict[str, Spoilt] = {
    "nothing": Spoilt(file=lambda _: [], found=NO_EXPORT),
    "an empty line": Spoilt(file=lambda _: [b"\n"], found=NO_EXPORT),
    "something else": Spoilt(file=lambda _: [b"<html>\n", b"502 Bad Gateway\n"], found=NO_EXPORT),
    "an empty object": Spoilt(file=lambda lines: [b"{}\n", *lines[1:]], found=NO_EXPORT),
    "no header": Spoilt(file=lambda lines: lines[1:], found=NO_EXPORT),
    "a byte order mark": Spoilt(file=lambda lines: [b"\xef\xbb\xbf", *lines], found=NO_EXPORT),
    "UTF-16": Spoilt(file=lambda lines: [b"".join(lines).decode().encode("utf-16")], found=NO_EXPORT),
    "packed": Spoilt(file=lambda lines: [gzip.compress(b"".join(lines), mtime=0)], found=NO_EXPORT),
    "zeros": Spoilt(file=lambda _: [bytes(100_000)], found=NO_EXPORT),
    "one line": Spoilt(file=lambda lines: [b"".join(lines).replace(b"\n", b" ")], found=NO_EXPORT),
    "another format": Spoilt(file=header({"format": "tuneledger-log@2"}), found=NO_EXPORT),
    "a header of other types": Spoilt(file=header({"keys": [1]}), found=NO_EXPORT),
    "a header that says more": Spoilt(file=header({"audited_by": "somebody"}), found=NO_EXPORT),
    "ends of lines as on Windows": Spoilt(
        file=lambda lines: [each.replace(b"\n", b"\r\n") for each in lines], found=[]
    ),
    "no end of the last line": Spoilt(file=lambda lines: [*lines[:-1], lines[-1].rstrip()], found=[]),
    "spaces": Spoilt(file=lambda lines: [json.dumps(json.loads(each)).encode() + b" \n" for each in lines], found=[]),
    "an empty line at the end": Spoilt(file=lambda lines: [*lines, b"\n"], found=NO_EXPORT),
    "zeros at the end": Spoilt(file=lambda lines: [*lines, bytes(4_096)], found=NO_EXPORT),
    "the file twice": Spoilt(
        file=lambda lines: [*lines, *lines], found=[("not_readable", None), ("inserted", 1), ("inserted", 2), ...]
    ),
    "cut between lines": Spoilt(
        file=lambda lines: lines[: at(lines, 401)], found=[("truncated", 401), ("removed", 401)]
    ),
    "cut in a line": Spoilt(
        file=lambda lines: [*lines[: at(lines, 401)], lines[at(lines, 401)][:60]],
        found=[("not_readable", None), ("truncated", 401), ("removed", 401)],
    ),
    "cut after the header": Spoilt(file=lambda lines: lines[:1], found=[("truncated", 1), ("removed", 1)]),
    "cut at the beginning": Spoilt(
        file=lambda lines: [lines[0], *lines[at(lines, 694) :]],
        found=[("removed", 1), *(("removed", seq) for seq in range(694, 701)), ("root", None)],
    ),
    "a piece that is missing": Spoilt(
        file=lambda lines: [*lines[: at(lines, 300)], *lines[at(lines, 310) :]],
        found=[("removed", 300), *(("removed", seq) for seq in range(310, 317)), ("root", None)],
    ),
}
HEADS: dict[str, Spoilt] = {
    "no head": Spoilt(file=header({"checkpoint": None}), found=[("signature", None)]),
    "an empty head": Spoilt(file=header({"checkpoint": ""}), found=[("signature", None)]),
    "nothing said to be there": Spoilt(
        file=header({"checkpoint": None, "size": 0, "earlier": []}), found=[("inserted", 1)]
    ),
    "less than nothing": Spoilt(
        file=header({"checkpoint": None, "size": -1, "earlier": []}), found=[("signature", None), ("inserted", 0)]
    ),
    "one event less": Spoilt(file=header({"size": 699}), found=[("signature", None), ("inserted", 700)]),
    "one event more": Spoilt(file=header({"size": 701}), found=[("signature", None), ("truncated", 701)]),
    "fewer, and no more in the file": Spoilt(
        file=lambda lines: header({"size": 100})(lines[: at(lines, 101)]), found=[("signature", None), ("removed", 101)]
    ),
    "another log": Spoilt(file=header({"origin": "elsewhere.test/1"}), found=[("signature", None)]),
    "another workspace": Spoilt(
        file=header({"workspace_id": "018f0000-0000-7000-8000-000000000000"}),
        found=[("altered", 1), ("altered", 2), ..., ("root", None)],
    ),
    "a size that is none": Spoilt(file=header({"size": 2**53}), found=NO_EXPORT),
    "earlier heads that are none": Spoilt(file=header({"earlier": ["", "nonsense\n"]}), found=[]),
}
LINES: dict[str, Spoilt] = {
    "an event that is altered": Spoilt(
        file=line(lambda event: event | {"actor": "mallory"}),
        found=[("altered", 300), ("altered", 300), ("root", None)],
    ),
    "a leaf in capitals": Spoilt(
        file=line(lambda event: event | {"leaf": event["leaf"].upper()}), found=[("altered", 300)]
    ),
    "an event twice": Spoilt(file=lambda lines: put(lines[at(lines, 300)], 301)(lines), found=[("inserted", 300)]),
    "an event twice, far away": Spoilt(
        file=lambda lines: [*lines[: at(lines, 300)], lines[at(lines, 1)], *lines[at(lines, 300) :]],
        found=[("inserted", 1)],
    ),
    "an event too late": Spoilt(
        file=move(300, behind=301), found=[("removed", 300), ("reordered", 300), ("removed", 307), ("root", None)]
    ),
    "an event too early": Spoilt(
        file=move(302, behind=299),
        found=[
            ("removed", 300),
            ("reordered", 300),
            ("reordered", 301),
            ("removed", 307),
            ("removed", 308),
            ("root", None),
        ],
    ),
    "an event that says more": Spoilt(file=line(lambda event: event | {"approved_by": "alice"}), found=UNREADABLE),
    "an event that is a tile, too": Spoilt(
        file=line(lambda event: event | {"tile": 1, "hashes": ""}), found=UNREADABLE
    ),
    "an event that says less": Spoilt(
        file=line(lambda event: {name: event[name] for name in event if name != "actor"}), found=UNREADABLE
    ),
    "an event of nobody": Spoilt(file=line(lambda event: event | {"actor": None}), found=UNREADABLE),
    "a list": Spoilt(file=line(lambda event: list(event.values())), found=UNREADABLE),
    "a number": Spoilt(file=line(lambda _: 300), found=UNREADABLE),
    "a name of a field that is escaped": Spoilt(file=raw(b'"actor"', b'"\\u0061ctor"'), found=[]),
    "a field twice": Spoilt(file=raw(b'"actor"', b'"actor":"mallory","actor"'), found=UNREADABLE),
    "a field twice, once as a number": Spoilt(file=raw(b'"actor"', b'"actor":1,"actor"'), found=UNREADABLE),
    "a field twice, once escaped": Spoilt(file=raw(b'"actor"', b'"\\u0061ctor":"","actor"'), found=UNREADABLE),
    "a field twice, the other one last": Spoilt(file=raw(b'"leaf"', b'"actor":"mallory","leaf"'), found=UNREADABLE),
    "a field twice, with spaces": Spoilt(file=raw(b'"actor"', b' "actor" : "mallory", "actor"'), found=UNREADABLE),
    "half a letter": Spoilt(file=raw(b'"tester"', b'"\\ud800"'), found=UNREADABLE),
    "half a letter in a name": Spoilt(file=raw(b'"actor"', b'"\\ud800":1,"actor"'), found=UNREADABLE),
    "not UTF-8": Spoilt(file=raw(b'"tester"', b'"t\xe9ster"'), found=UNREADABLE),
    "letters that are too long": Spoilt(file=raw(b'"tester"', b'"\xc0\xb4ester"'), found=UNREADABLE),
    "a zero byte": Spoilt(file=raw(b'"tester"', b'"test\x00er"'), found=UNREADABLE),
    "an escaped zero": Spoilt(
        file=raw(b'"tester"', b'"tester\\u0000"'), found=[("altered", 300), ("altered", 300), ("root", None)]
    ),
    "a tab in a text": Spoilt(file=raw(b'"tester"', b'"test\ter"'), found=UNREADABLE),
    "a comma too many": Spoilt(file=raw(b'"actor":"tester"', b'"actor":"tester",'), found=UNREADABLE),
    "two events on a line": Spoilt(file=raw(b"}\n", b"} "), found=[("not_readable", None), ("removed", 300), ...]),
    "an event in two lines": Spoilt(file=raw(b',"actor"', b',\n"actor"'), found=[("not_readable", None), *UNREADABLE]),
    **{
        f"the number {text.decode()[:20]}": Spoilt(file=raw(b'"seq":300', b'"seq":' + text), found=UNREADABLE)
        for text in (
            b'"300"',
            b"300.0",
            b"3e2",
            b"3.5",
            b"0300",
            b"+300",
            b"true",
            b"null",
            b"NaN",
            b"-",
            b"9007199254740992",
            b"1" + b"0" * 400,
            b"1" + b"0" * 5_000,
            b"[" * 100_000,
        )
    },
    "the number -3": Spoilt(
        file=raw(b'"seq":300', b'"seq":-3'),
        found=[("reordered", -3), ("removed", 300), ("removed", 307), ("root", None)],
    ),
    "the number -0": Spoilt(
        file=raw(b'"seq":300', b'"seq":-0'),
        found=[("reordered", 0), ("removed", 300), ("removed", 307), ("root", None)],
    ),
    "a number out of this world": Spoilt(
        file=raw(b'"seq":700', b'"seq":1000000000000000', 700),
        found=[("removed", 700), ("altered", 10**15), ("inserted", 701), ("root", 700)],
    ),
    "a line of a megabyte": Spoilt(
        file=line(lambda event: event | {"actor": "m" * 1_000_000}),
        found=[("altered", 300), ("altered", 300), ("root", None)],
    ),
    "a megabyte of nothing": Spoilt(file=put(b"[" * 1_000_000 + b"\n"), found=NO_EXPORT),
    "nesting without end": Spoilt(file=put(b'{"tile":' + b'{"a":' * 100_000 + b"\n"), found=NO_EXPORT),
    "nesting with an end": Spoilt(
        file=put(b'{"tile":1,"hashes":"","more":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n"), found=NO_EXPORT
    ),
    "a header again": Spoilt(file=lambda lines: put(lines[0])(lines), found=NO_EXPORT),
    "an empty line": Spoilt(file=put(b"\n"), found=NO_EXPORT),
    "a line of spaces": Spoilt(file=put(b" \t\r\n"), found=NO_EXPORT),
    "a byte order mark in between": Spoilt(file=raw(b"{", b"\xef\xbb\xbf{"), found=UNREADABLE),
    "a space that is none": Spoilt(file=raw(b"{", b"\x0c{"), found=UNREADABLE),
    "a comment": Spoilt(file=put(b"# checked by hand\n"), found=NO_EXPORT),
}
TILES: dict[str, Spoilt] = {
    "one that is altered": Spoilt(
        file=tile(lambda sealed: sealed | {"hashes": "00" * 32 + sealed["hashes"][64:]}), found=[("altered", 1)]
    ),
    "one byte short": Spoilt(file=tile(lambda sealed: sealed | {"hashes": sealed["hashes"][2:]}), found=NO_EXPORT),
    "half a byte short": Spoilt(file=tile(lambda sealed: sealed | {"hashes": sealed["hashes"][1:]}), found=NO_EXPORT),
    "no hashes": Spoilt(file=tile(lambda sealed: sealed | {"hashes": "?" * 16_384}), found=NO_EXPORT),
    "in capitals": Spoilt(file=tile(lambda sealed: sealed | {"hashes": sealed["hashes"].upper()}), found=[]),
    "one that says more": Spoilt(file=tile(lambda sealed: sealed | {"level": 0}), found=NO_EXPORT),
    "of another number": Spoilt(file=tile(lambda sealed: sealed | {"tile": 1}), found=[]),
    "before the first": Spoilt(file=tile(lambda sealed: sealed | {"tile": -1}), found=[]),
    "of a number out of this world": Spoilt(file=tile(lambda sealed: sealed | {"tile": 2**53 - 1}), found=[]),
    "of a number that is none": Spoilt(file=tile(lambda sealed: sealed | {"tile": 2**53}), found=NO_EXPORT),
    "gone": Spoilt(file=lambda lines: [each for each in lines if not each.startswith(b'{"tile"')], found=[]),
    "twice": Spoilt(file=lambda lines: put(lines[at(lines, 257) - 1], 257)(lines), found=[]),
}
