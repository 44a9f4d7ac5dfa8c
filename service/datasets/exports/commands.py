"""Write a selection of examples in a format."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.exports.example_pages import read_pages
from service.datasets.exports.record_history import load_history
from service.datasets.exports.record_writer import write_rows
from service.datasets.filters.selection import Selection
from service.datasets.versions.export import stream_jsonl

Include = Literal["fields", "history"]


def stream_export(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, format_: str, include: Include | None
) -> AsyncIterator[bytes]:
    """The lines of the export, in pieces."""
    if format_ == "tuneledger":
        return _stream_records(engine, workspace_id, selection, has_history=include == "history")
    return stream_jsonl(engine, workspace_id, selection, fields=include == "fields")


async def _stream_records(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, has_history: bool
) -> AsyncIterator[bytes]:
    async for rows in read_pages(engine, workspace_id, selection):
        ids = [row.id for row in rows] if has_history else []
        history = await load_history(engine, workspace_id, ids, until=selection.seq)
        yield await asyncio.to_thread(write_rows, rows, history)
