"""Generate strings for a schema's `format` or `pattern`."""

import re
from random import Random
from uuid import UUID

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
MAX_TRIED_CHARACTERS = 60  # characters; a pattern can take very long on long texts
MAX_CHARACTERS = 2_000
MAX_REPEATS = 3  # of an unbounded repeat
CLASSES = {"d": DIGITS, "w": LETTERS + DIGITS, "s": " ", "D": LETTERS, "W": " ", "S": LETTERS}


def build_formatted(name: str, words: list[str], random: Random) -> str | None:
    """Build a string in one of JSON Schema's formats, with these words if it has any; None for an unknown format."""
    host = "-".join(re.sub(r"[^a-z0-9]", "", word.lower()) or "x" for word in words[:2]) or "example"
    day = f"20{random.randint(10, 29)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    hour = f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}:{random.randint(0, 59):02d}"
    formatted = {
        "date": day,
        "time": f"{hour}Z",
        "date-time": f"{day}T{hour}Z",
        "duration": f"P{random.randint(1, 30)}D",
        "email": f"{host}@example.org",
        "hostname": f"{host}.example.org",
        "ipv4": f"192.0.2.{random.randint(1, 254)}",
        "ipv6": f"2001:db8::{random.randint(1, 9999):x}",
        "uuid": str(UUID(int=random.getrandbits(128), version=4)),
        "uri": f"https://{host}.example.org/{random.randint(1, 999)}",
    }
    return formatted.get(name)


def build_matching(pattern: str, candidates: list[str], random: Random) -> str:
    """The first candidate that matches the pattern, else a string generated from the pattern."""
    try:
        match = next(
            (text for text in candidates if len(text) <= MAX_TRIED_CHARACTERS and re.search(pattern, text)), None
        )
    except re.error:
        return candidates[0] if candidates else ""
    return _PatternWriter(pattern, random).write() if match is None else match


class _PatternWriter:
    """Generates a match of a pattern from left to right: groups, classes, choices and repeats."""

    def __init__(self, pattern: str, random: Random) -> None:
        self._pattern = pattern
        self._random = random
        self._at = 0

    def write(self) -> str:
        return self._choice()

    def _choice(self) -> str:
        options = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            options.append(self._sequence())
        return self._random.choice(options)

    def _sequence(self) -> str:
        written = ""
        while self._next() not in ("", "|", ")"):
            start = self._at
            once = self._atom()
            end = self._at
            minimum, maximum = self._times()
            after, times = self._at, self._random.randint(minimum, maximum)
            written += once if times else ""
            for _ in range(times - 1):
                if len(written) > MAX_CHARACTERS:
                    break
                self._at = start
                written += self._atom()
            self._at = max(end, after)
        return written

    def _times(self) -> tuple[int, int]:
        match = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}").match(self._pattern, self._at)
        if not match:
            return 1, 1
        self._at = match.end() + self._pattern[match.end() : match.end() + 1].count("?")
        if match[0] in "*+?":
            return {"*": (0, MAX_REPEATS), "+": (1, MAX_REPEATS), "?": (0, 1)}[match[0]]
        minimum = int(match[1] or 0)
        return minimum, int(match[3]) if match[3] else minimum + (MAX_REPEATS if match[2] else 0)

    def _atom(self) -> str:
        sign = self._take()
        if sign in "^$":
            return ""
        if sign == "(":
            group = re.compile(r"\?(?::|P?<\w+>)").match(self._pattern, self._at)
            self._at = group.end() if group else self._at
            written = self._choice()
            self._at += 1
            return written
        if sign == "[":
            return self._random.choice(self._members() or "x")
        if sign == "\\":
            return self._escaped(self._take())
        return self._random.choice(LETTERS) if sign == "." else sign

    def _escaped(self, sign: str) -> str:
        return "" if sign in "bBAZ" else self._random.choice(CLASSES.get(sign, sign or "x"))

    def _members(self) -> str:
        denied, match = self._next() == "^", ""
        self._at += denied
        while self._next() != "]" or not match:
            sign = self._take()
            if not sign:
                break
            if sign == "\\":
                escaped = self._take()
                match += CLASSES.get(escaped, escaped)
            elif self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                match += "".join(chr(code) for code in range(ord(sign), ord(self._take()) + 1))
            else:
                match += sign
        self._at += 1
        return "".join(one for one in LETTERS + DIGITS + " -_" if one not in match) if denied else match

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        sign = self._next()
        self._at += 1
        return sign
