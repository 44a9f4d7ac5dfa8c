"""Readers of the file formats, by the format's name. Exports as openai-chat are the stored canonical bytes."""

from collections.abc import Mapping
from types import MappingProxyType

from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, Unreadable
from service.datasets.imports.formats import alpaca, csv, openai_chat, record_rows
from service.datasets.imports.formats.row import BadRow, Reader, Row

__all__ = ["BLOCK_BYTES", "MAX_ROW_BYTES", "READERS", "BadRow", "Reader", "Row", "Unreadable"]

READERS: Mapping[str, Reader] = MappingProxyType(
    {"openai-chat": openai_chat.read, "alpaca": alpaca.read, "csv": csv.read, "tuneledger": record_rows.read}
)
