"""Containers: from the bytes of a file to batches of JSON rows, whatever the file is. `open_rows` is the way in."""

from collections.abc import AsyncIterator

from service.datasets.imports.containers.byte_source import ByteSource, read_blocks
from service.datasets.imports.containers.csv_rows import open_csv, recognize_dialect
from service.datasets.imports.containers.file_description import NO_HINTS, FileDescription, FileHints
from service.datasets.imports.containers.json_rows import JsonRow, read_json_rows
from service.datasets.imports.containers.text_encodings import decode_text, recognize_encoding
from service.datasets.imports.containers.unreadable import BLOCK_BYTES, MAX_ROW_BYTES, Unreadable

__all__ = ["BLOCK_BYTES", "MAX_ROW_BYTES", "FileDescription", "FileHints", "JsonRow", "Unreadable", "open_rows"]

START_BYTES = 64 * 1024  # what a file is recognized by


async def open_rows(
    stream: AsyncIterator[bytes],
    hints: FileHints = NO_HINTS,
    *,
    limit: int = MAX_ROW_BYTES,
    block: int = BLOCK_BYTES,
) -> tuple[FileDescription, AsyncIterator[list[JsonRow]]]:
    """What the file is, and its rows in batches; each row is a JSON object as it stands, or of cells by column.

    `limit` is of the bytes of a row, `block` of those read at once. Raises Unreadable now or later, when the file is
    bad as a whole. Close the rows if you do not read all of them.
    """
    source = ByteSource(stream)
    start = await source.peek(START_BYTES)
    encoding = recognize_encoding(start, hints.encoding)
    text = decode_text(read_blocks(source.read(), size=block), encoding)
    start_text = start.removeprefix(encoding.mark).decode(encoding.name, errors="replace")
    if _is_table(start_text, hints):
        dialect = recognize_dialect(start_text, hints.delimiter)
        header, rows = await open_csv(text, dialect, hints.columns, limit=limit, encoding=encoding.name)
        description = FileDescription(
            kind="csv",
            encoding=encoding.name,
            delimiter=dialect.delimiter,
            columns=header.columns,
            header_line=None if hints.columns else header.line,
        )
        return description, rows
    is_array = start_text.lstrip().startswith("[")
    rows = read_json_rows(text, limit=limit, encoding=encoding.name)
    return FileDescription(kind="json" if is_array else "jsonl", encoding=encoding.name), rows


def _is_table(start: str, hints: FileHints) -> bool:
    if hints.container is not None:
        return hints.container == "csv"
    if start.lstrip().startswith(("{", "[")):
        return False
    named = (hints.name or "").lower().endswith((".csv", ".tsv", ".tab"))
    return named or (hints.content_type or "").partition(";")[0].strip() in {"text/csv", "text/tab-separated-values"}
