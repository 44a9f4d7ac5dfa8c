"""Parse the lines of an exported log. Refuses JSON that another parser could read differently."""

import hashlib
import json
import re
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

FORMAT = "tuneledger-log@1"
TILE = 256  # leaves sealed together
MAX_NUMBER = 2**53 - 1  # every JSON parser reads it exactly
TOKENS = re.compile(rb'\\.|[":]', re.DOTALL)
Shape = TypeVar("Shape", bound=msgspec.Struct)
Number = Annotated[int, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]


# No leaf or signature covers further fields, so they are refused.
class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event of the export; `data` is the text that its leaf covers, `recorded_us` is in microseconds UTC."""

    seq: Number
    stream: str
    stream_id: str
    version: Number
    type: str
    actor: str
    request_id: str
    recorded_us: Number
    data: str
    leaf: str


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`earlier` are checkpoints signed since the last full tile: they locate a changed event that no tile covers."""

    format: str
    workspace_id: str
    origin: str
    size: Number
    checkpoint: str | None
    earlier: list[str]
    keys: list[str]


class Tile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tile: Number
    hashes: str


def leaf_of(workspace_id: str, line: Line) -> bytes:
    """sha256(0x00 ‖ the JSON array of the event's envelope), serialized like Postgres does (migration 0001)."""
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


def read(text: bytes, kind: type[Shape]) -> Shape | None:
    """Parse a line as `kind`; None if it is not one."""
    try:
        parsed = msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return parsed if _has_each_field_once(text, parsed) else None


def _has_each_field_once(text: bytes, parsed: msgspec.Struct) -> bool:
    """Whether no field is repeated: another parser might read the other value."""
    if msgspec.json.encode(parsed) == text.strip():
        return True
    in_string, fields = False, 0
    for token in TOKENS.findall(text):
        in_string ^= token == b'"'
        fields += token == b":" and not in_string
    return fields == len(parsed.__struct_fields__)
