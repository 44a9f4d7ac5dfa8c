"""What the lines of an exported log say. Nothing passes that another reader of JSON could take for something else."""

import hashlib
import json
import re
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

FORMAT = "tuneledger-log@1"
TILE = 256  # leaves that are sealed together
MOST = 2**53 - 1  # what every reader of JSON holds exactly
TOKENS = re.compile(rb'\\.|[":]', re.DOTALL)
Shape = TypeVar("Shape", bound=msgspec.Struct)
Number = Annotated[int, Meta(ge=-MOST, le=MOST)]


# What a line says beyond these fields is under no leaf and no signature, so it is not let pass with them.
class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event as the export has it; `data` is the text its leaf was made of, `recorded_us` in microseconds UTC."""

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
    """`earlier` are heads that were signed since the last full tile: with them an event is named that is in none."""

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


def read(text: bytes, kind: type[Shape]) -> Shape | None:
    """The line as a `kind`; None when it is not one."""
    try:
        found = msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if _says_each_once(text, found) else None


def _says_each_once(text: bytes, found: msgspec.Struct) -> bool:
    """Whether no field is there twice: who reads it elsewhere might take the other one."""
    if msgspec.json.encode(found) == text.strip():
        return True
    within, fields = False, 0
    for token in TOKENS.findall(text):
        within ^= token == b'"'
        fields += token == b":" and not within
    return fields == len(found.__struct_fields__)
