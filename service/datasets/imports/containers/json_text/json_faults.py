"""Say what keeps a text from being JSON, in words that tell what to write instead."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from service.datasets.examples.chat_content import decode_or_fault
from service.datasets.imports.containers.json_text.json_arrays import WHOLE
from service.errors import Fault
from service.json_pointers import pointer

ANY_JSON = msgspec.json.Decoder()
STRINGS = re.compile(WHOLE, re.DOTALL)
PYTHON_REPR = re.compile(rb"\s*+\[?\s*+\{\s*+'")
# What stands outside strings, and what to do about it.
MISTAKES = (
    (re.compile(rb"\b(None|True|False)\b"), "{found} is Python's: write null, true or false (json.dumps does)"),
    (re.compile(rb",\s*[}\]]"), "there is a comma before a closing bracket"),
    (re.compile(rb"[{,]\s*[A-Za-z_]\w*\s*:"), "the names of fields need double quotes"),
    (re.compile(rb"//|/\*"), "JSON has no comments"),
    (re.compile(rb"\}\s*\S"), "something else stands behind the object"),
)


def decode_row(data: bytes, *, at: str) -> Any | Fault:
    """Any JSON value, or the fault that says what is wrong with the text and what to write instead."""
    value = decode_or_fault(ANY_JSON, data, at=at)
    if not isinstance(value, Fault) or value.code in {"lone_surrogate", "too_deep", "not_utf8"}:
        return value
    if PYTHON_REPR.match(data):
        return Fault(pointer=at, detail="This is Python's repr, not JSON: write it with json.dumps.", code="malformed")
    if (fault := next(_find_infinite_numbers(data, at), None)) is not None:
        return fault
    outside = STRINGS.sub(b'""', data)
    for pattern, mistake in MISTAKES:
        if (match := pattern.search(outside)) is not None:
            found = match[0].decode(errors="replace")
            return Fault(pointer=at, detail=f"This is not JSON: {mistake.format(found=found)}.", code="malformed")
    return value


def _find_infinite_numbers(data: bytes, at: str) -> Iterator[Fault]:
    """Find NaN and numbers without end, which Python writes and JSON does not have."""
    try:
        waiting = [(at, json.loads(data))]
    except (ValueError, RecursionError):
        return
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            detail = f"{name} is not a number in JSON: write null, or leave the field out."
            yield Fault(pointer=where, detail=detail, code="not_a_number")
        elif isinstance(value, dict):
            waiting += [(f"{where}{pointer(name)}", child) for name, child in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{where}/{index}", child) for index, child in enumerate(value)]
