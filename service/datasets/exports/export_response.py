"""The response with an export: from its artifact, as it is made, or from a file."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from litestar import Response
from litestar.response import Stream

from service.artifacts.artifact_store import PIECE_BYTES, ArtifactStore
from service.artifacts.content_response import Conditions, open_content
from service.datasets.examples.queries import count_erased
from service.datasets.exports.commands import ExportRequest, find_stored, make_export, stream_and_store
from service.datasets.exports.export_report import ExportReport, format_counts
from service.ledger.store import Caller, Ledger

ERASED_HEADER = "Erased-Examples"  # how many rows an export leaves out
LOSSES_HEADER, LEFT_OUT_HEADER = "Export-Losses", "Export-Left-Out"


async def respond_with_export(
    ledger: Ledger,
    store: ArtifactStore,
    caller: Caller,
    export: ExportRequest,
    conditions: Conditions,
    *,
    strict: bool,
) -> Response[Any]:
    """Raises Unprocessable when `strict` and the format cannot carry all of it."""
    if export.options.is_lossless and await find_stored(ledger, store, caller, export) is None:
        erased = await count_erased(ledger.engine, caller.workspace_id, export.selection)
        pieces = stream_and_store(ledger, store, caller, export)
        first = await anext(pieces, b"")  # an error has to be raised before the response begins
        return _stream(export, _prepend(first, pieces), _build_headers(None, erased))
    made = await make_export(ledger, store, caller, export)
    if strict:
        made.check_strict(export.options.format)
    headers = _build_headers(made.report, made.report.erased)
    if made.stored is not None:
        return await open_content(store, caller.workspace_id, made.stored, conditions, headers)
    return _stream(export, _read_file(made.file), headers | {"Content-Length": str(made.report.bytes)})


def _build_headers(report: ExportReport | None, erased: int) -> dict[str, str]:
    losses, left_out = (report.losses, report.left_out) if report else ({}, {})
    return {
        ERASED_HEADER: str(erased),
        LOSSES_HEADER: format_counts(losses),
        LEFT_OUT_HEADER: format_counts(left_out),
    }


def _stream(export: ExportRequest, pieces: AsyncIterator[bytes], headers: dict[str, str]) -> Stream:
    headers["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    headers["Content-Type"] = export.media_type  # else it is the route's
    return Stream(pieces, headers=headers)


async def _prepend(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _read_file(file: BinaryIO | None) -> AsyncIterator[bytes]:
    if file is None:
        return
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece
