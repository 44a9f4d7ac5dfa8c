"""Strings of a format or a regular expression, for the parts of a schema that ask for one."""

import re
from random import Random
from uuid import UUID

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
LONGEST_TRIED = 60  # characters; a pattern can take for ever on long texts
LONGEST_MADE = 2_000
MOST_REPEATS = 3  # of what may be repeated without end
CLASSES = {"d": DIGITS, "w": LETTERS + DIGITS, "s": " ", "D": LETTERS, "W": " ", "S": LETTERS}


def of_format(name: str, words: list[str], chance: Random) -> str | None:
    """A string of one of JSON Schema's formats, about these words where it has room for words. None for others."""
    host = "-".join(re.sub(r"[^a-z0-9]", "", word.lower()) or "x" for word in words[:2]) or "example"
    day = f"20{chance.randint(10, 29)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    hour = f"{chance.randint(0, 23):02d}:{chance.randint(0, 59):02d}:{chance.randint(0, 59):02d}"
    made = {
        "date": day,
        "time": f"{hour}Z",
        "date-time": f"{day}T{hour}Z",
        "duration": f"P{chance.randint(1, 30)}D",
        "email": f"{host}@example.org",
        "hostname": f"{host}.example.org",
        "ipv4": f"192.0.2.{chance.randint(1, 254)}",
        "ipv6": f"2001:db8::{chance.randint(1, 9999):x}",
        "uuid": str(UUID(int=chance.getrandbits(128), version=4)),
        "uri": f"https://{host}.example.org/{chance.randint(1, 999)}",
    }
    return made.get(name)


def matching(pattern: str, candidates: list[str], chance: Random) -> str:
    """The first candidate that the pattern finds something in; else a string made from the pattern."""
    try:
        found = next((text for text in candidates if len(text) <= LONGEST_TRIED and re.search(pattern, text)), None)
    except re.error:
        return candidates[0] if candidates else ""
    return _Maker(pattern, chance).made() if found is None else found


class _Maker:
    """Reads a pattern from left to right and writes what it would match: groups, classes, choices and repeats."""

    def __init__(self, pattern: str, chance: Random) -> None:
        self._pattern = pattern
        self._chance = chance
        self._at = 0

    def made(self) -> str:
        return self._choice()

    def _choice(self) -> str:
        options = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            options.append(self._sequence())
        return self._chance.choice(options)

    def _sequence(self) -> str:
        made = ""
        while self._next() not in ("", "|", ")"):
            start = self._at
            once = self._atom()
            end = self._at
            least, most = self._times()
            after, times = self._at, self._chance.randint(least, most)
            made += once if times else ""
            for _ in range(times - 1):
                if len(made) > LONGEST_MADE:
                    break
                self._at = start
                made += self._atom()
            self._at = max(end, after)
        return made

    def _times(self) -> tuple[int, int]:
        found = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}").match(self._pattern, self._at)
        if not found:
            return 1, 1
        self._at = found.end() + self._pattern[found.end() : found.end() + 1].count("?")
        if found[0] in "*+?":
            return {"*": (0, MOST_REPEATS), "+": (1, MOST_REPEATS), "?": (0, 1)}[found[0]]
        least = int(found[1] or 0)
        return least, int(found[3]) if found[3] else least + (MOST_REPEATS if found[2] else 0)

    def _atom(self) -> str:
        sign = self._taken()
        if sign in "^$":
            return ""
        if sign == "(":
            group = re.compile(r"\?(?::|P?<\w+>)").match(self._pattern, self._at)
            self._at = group.end() if group else self._at
            made = self._choice()
            self._at += 1
            return made
        if sign == "[":
            return self._chance.choice(self._members() or "x")
        if sign == "\\":
            return self._escaped(self._taken())
        return self._chance.choice(LETTERS) if sign == "." else sign

    def _escaped(self, sign: str) -> str:
        return "" if sign in "bBAZ" else self._chance.choice(CLASSES.get(sign, sign or "x"))

    def _members(self) -> str:
        denied, found = self._next() == "^", ""
        self._at += denied
        while self._next() != "]" or not found:
            sign = self._taken()
            if not sign:
                break
            if sign == "\\":
                escaped = self._taken()
                found += CLASSES.get(escaped, escaped)
            elif self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                found += "".join(chr(code) for code in range(ord(sign), ord(self._taken()) + 1))
            else:
                found += sign
        self._at += 1
        return "".join(one for one in LETTERS + DIGITS + " -_" if one not in found) if denied else found

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _taken(self) -> str:
        sign = self._next()
        self._at += 1
        return sign
