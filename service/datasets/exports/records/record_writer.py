"""Write examples as `format=tuneledger`. An example that was imported that way goes out as it came. Pure."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.sources import Source

SOURCE_DECODER = msgspec.json.Decoder(Source)
ENCODER = msgspec.json.Encoder()
History = dict[UUID, dict[str, Any]]


def write_rows(rows: Sequence[Any], history: History | None = None) -> bytes:
    """A line for each row; texts are spliced in as they are stored."""
    return ENCODER.encode_lines([_build_row(row, (history or {}).get(row.id)) for row in rows])


def _build_row(row: Any, history: dict[str, Any] | None) -> dict[str, Any]:
    source = SOURCE_DECODER.decode(row.source)
    origin = source.origin
    repair = None
    if row.replaced is not None:
        instruction = None if row.instruction is None else row.instruction.decode()
        repair = {"instruction": instruction, "replaced": _raw(row.replaced)}
    fields = {
        "id": row.id,
        "external_id": row.external_id,
        "content": _raw(row.content),
        "tags": row.tags,
        "split": row.split,
        "ratings": None if row.ratings == "{}" else _raw(row.ratings),
        "label": _raw(row.label),
        "votes": None if row.votes == "[]" else _raw(row.votes),
        "repair": repair,
        "metadata": _raw(row.metadata),
        "source": msgspec.convert(origin.source, Source) if origin and origin.source else source,
        "original": _raw(row.original),
        "created_at": (origin and origin.created_at) or row.created_at,
        "created_by": (origin and origin.created_by) or row.created_by,
        **(history or {}),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _raw(text: bytes | str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text)
