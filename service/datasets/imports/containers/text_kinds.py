"""Tell tables from JSON, and both from other texts."""

import csv
from itertools import islice

from service.datasets.imports.containers.file_description import FileHints
from service.datasets.imports.containers.signatures import build_kind_error, refuse_known_texts
from service.datasets.imports.containers.tables.csv_rows import recognize_dialect

TABLE_NAMES = (".csv", ".tsv", ".tab")
TABLE_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
JSON_NAMES = (".jsonl", ".ndjson", ".json")


def is_table(start: str, hints: FileHints) -> bool:
    """Whether a text is a table; otherwise it is JSON. Raises Unreadable when it is neither."""
    text = start.lstrip()
    if hints.container == "csv":
        refuse_known_texts(text)
        return True
    if text.startswith(("{", "[")) or not text:
        return False
    refuse_known_texts(text)
    if hints.container == "json" or (hints.name or "").lower().endswith(JSON_NAMES):
        return False
    media_type = (hints.content_type or "").partition(";")[0].strip().lower()
    if (hints.name or "").lower().endswith(TABLE_NAMES) or media_type in TABLE_TYPES or hints.columns:
        return True
    if any(line.lstrip().startswith("{") for line in text.splitlines()):
        return False  # JSONL with a bad first line
    if _has_columns(text, hints.delimiter):
        return True
    raise build_kind_error("text, neither JSON nor a table with a header")


def _has_columns(text: str, delimiter: str | None) -> bool:
    """Whether the first two records have the same number of cells, and more than one."""
    dialect = recognize_dialect(text, delimiter)
    try:
        lines = islice(text.splitlines(keepends=True), dialect.skipped, None)
        widths = [len(record) for record in islice(csv.reader(lines, delimiter=dialect.delimiter), 2)]
    except csv.Error:
        return False
    return len(widths) > 1 and widths[0] > 1 and len(set(widths)) == 1
