"""Files that are an export but for a few bytes, by chance: the same for the same seed."""

import random
from collections.abc import Callable

PIECES = [
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r", b"\t", b" ", b"\\", b"/", b"+", b"-", b"0", b"1.", b".0"),
    *(b"e1", b"E", b"9" * 17, b"null", b"true", b"\x00", b"\x1f", b"\x7f", b"\x85", b"\xc3", b"\xff", b"\xed\xa0\x80"),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xe2\x80\x94", b"\xf0\x9f\x98\x80", b"\\n", b"\\/", b"\\u0000", b"\\ud800"),
    *(b'"seq":2,', b'"more":1,'),
]
Change = Callable[[random.Random, bytes, int], bytes]


def _piece(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + chance.choice(PIECES) + data[at + chance.choice([0, 0, 1, 2, 4]) :]


def _byte(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + chance.randbytes(1) + data[at + 1 :]


def _gone(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + data[at + chance.choice([1, 2, 5, 50, 500]) :]


def _twice(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + data[at : at + chance.choice([1, 10, 100, 400])] + data[at:]


def _case(_: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + data[at : at + 1].swapcase() + data[at + 1 :]


def _lines(chance: random.Random, data: bytes, _: int) -> bytes:
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


CHANGES: list[Change] = [_piece, _piece, _byte, _gone, _twice, _case, _lines]


def mutated(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        data = chance.choice(CHANGES)(chance, data, chance.randrange(len(data) + 1))
    return data
