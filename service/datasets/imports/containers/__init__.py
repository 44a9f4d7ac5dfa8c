"""Containers: from the bytes of a file to batches of JSON rows, whatever the file is. `open_rows` is the way in."""

from service.datasets.imports.containers.file_description import FileDescription, FileHints
from service.datasets.imports.containers.json_text.json_rows import JsonRow
from service.datasets.imports.containers.rows_opener import open_rows
from service.datasets.imports.containers.unreadable import BLOCK_BYTES, MAX_ROW_BYTES, Unreadable

__all__ = ["BLOCK_BYTES", "MAX_ROW_BYTES", "FileDescription", "FileHints", "JsonRow", "Unreadable", "open_rows"]
