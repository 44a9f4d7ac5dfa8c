"""Values that somebody sends who wants to know what happens: as JSON for bodies, as text for everything else."""

import json
from urllib.parse import quote

ID = "018f0000-0000-7000-8000-00000000abcd"
WORDS = (
    "",
    " ",
    "a\u202e\u2066b\u200b",
    "../../etc/passwd",
    "' OR 1=1; DROP TABLE events; --",
    "{{7*7}}${7*7}<%= 7*7 %>%s%n",
    "x" * 70_000,
    ID.replace("-", ""),
    ID.upper(),
    f"{{{ID}}}",
    f"urn:uuid:{ID}",
    ID[:-1],
    "1e400",
    "NaN",
    "-0",
    str(2**63),
    str(-(2**63) - 1),
    str(2**64),
    "null",
    "true",
    "[]",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00+19:19",
    "2026-02-30T25:61:61",
    "294277-01-01T00:00:00Z",
    "infinity",
)
NO_TEXTS = ("0", "-0", "-0.0", "-1", "0.5", "1e400", "-1e400", "1e308", "NaN", "Infinity", "true", "null")
LARGE = (2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**400)
SHAPES = (
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[null]",
    '{"": null}',
    '{"a": 1, "a": 2}',
    '{"a\\u0000b": 1}',
    '{"\\ud800": 1}',
    "[" * 600 + "]" * 600,
    '{"a":' * 300 + "1" + "}" * 300,
    "[" * 60 + "]" * 60,
    "[" + ",".join(["1"] * 20_000) + "]",
    "[" + ",".join(['"same"', '"same"'] * 600) + "]",
    "{" + ",".join(f'"k{n}": {n}' for n in range(6_000)) + "}",
)
ESCAPED = ('"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"')
IN_BODIES: tuple[bytes, ...] = (
    *(json.dumps(word).encode() for word in WORDS),
    *(text.encode() for text in (*NO_TEXTS, *map(str, LARGE), *SHAPES, *ESCAPED)),
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
)
# A request line has its limit: a long text here is one that the server takes in.
ELSEWHERE: tuple[bytes, ...] = (
    *(quote(word[:5_000], safe="").encode() for word in WORDS if word),
    *(quote(text).encode() for text in NO_TEXTS),
    *(b"%00", b"a%00b", b"%ff%fe", b"%ed%a0%80", b"%2e%2e%2f", b"%", b"a%26b%3dc"),
)
IN_HEADERS: tuple[bytes, ...] = (
    *(word.encode("ascii", "ignore")[:5_000] for word in WORDS if word.strip()),
    *(b'"\xe4\xff"', b'W/"1"', b'"1", "2"', b"*", b'"' + b"9" * 40 + b'"', b"%00"),
)
