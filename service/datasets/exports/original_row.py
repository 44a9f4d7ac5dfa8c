"""The row that an example was imported from, where it still says what the example says. Pure."""

from typing import Any

import msgspec

from service.datasets.exports.writers.export_formats import ExportFormat
from service.datasets.exports.writers.written_example import WrittenExample
from service.datasets.imports.shapes.recognition import SHAPES
from service.datasets.imports.shapes.row import Row
from service.datasets.imports.shapes.shape_reader import RowReader


def find_original(example: WrittenExample, format_: ExportFormat) -> bytes | None:
    """The row as it came, if reading it in this format gives the example as it is now; else None.

    One with a rating is left to the writer, since the raters may have changed their minds.
    """
    if example.original is None:
        return None
    row = RowReader(SHAPES[format_], unanswered="keep").read(1, "", example.original)
    if not isinstance(row, Row) or row.rating is not None:
        return None
    is_same = (
        msgspec.json.decode(row.content) == example.content
        and _decode(row.metadata) == _decode(example.metadata)
        and row.tags in ((), example.tags)
        and row.split in (None, example.split)
    )
    return example.original if is_same else None


def _decode(value: Any) -> Any:
    return None if value is None else msgspec.json.decode(bytes(value))
