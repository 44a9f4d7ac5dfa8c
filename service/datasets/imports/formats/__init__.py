"""The formats examples come in, by the name a caller gives. Exports of openai-chat are the stored canonical bytes."""

from collections.abc import Mapping
from types import MappingProxyType

from service.datasets.imports.formats import alpaca, openai_chat
from service.datasets.imports.formats import csv as table
from service.datasets.imports.formats.row import BLOCK, LIMIT, BadRow, Reader, Row, Unreadable

__all__ = ["BLOCK", "LIMIT", "READERS", "BadRow", "Reader", "Row", "Unreadable"]

READERS: Mapping[str, Reader] = MappingProxyType(
    {"openai-chat": openai_chat.read, "alpaca": alpaca.read, "csv": table.read}
)
