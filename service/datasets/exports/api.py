"""Exports over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from service.access.auth import require_scope
from service.datasets.domain import DATASET, VERSION_NAME
from service.datasets.examples.queries import count_erased
from service.datasets.examples.schemas import FilterQuery
from service.datasets.exports.commands import stream_export
from service.datasets.filters.selection import to_filter
from service.datasets.splits import Split
from service.datasets.versions.version_as_of import AsOf
from service.datasets.versions.version_selection import resolve_selection
from service.errors import Fault, Invalid
from service.ledger.store import Caller, Ledger

ERASED_HEADER = "Erased-Examples"  # how many rows an export leaves out


@get(
    "/datasets/{dataset_id:uuid}/export",
    operation_id="export_dataset",
    summary="Export a version, or the examples as of a time",
    description=(
        "Streams JSONL in the order of adding. A version always gives the same bytes, until some of its examples are"
        " erased: these are left out, and the header `Erased-Examples` counts them."
    ),
    guards=[require_scope("datasets:read")],
    media_type="application/x-ndjson",
    tags=["versions"],
)
async def export_dataset(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    format_: Annotated[Literal["openai-chat", "tuneledger"], QueryParameter(name="format")] = "openai-chat",
    version: Annotated[str | None, QueryParameter(pattern=VERSION_NAME, description="A frozen version's name.")] = None,
    as_of: AsOf = None,
    split: Annotated[Split | None, QueryParameter(description="Only this split.")] = None,
    expression: FilterQuery = None,
    include: Annotated[
        Literal["fields", "history"] | None,
        QueryParameter(
            description="`fields` adds external_id (without one, the id), tags, split and metadata to each row, as an "
            "import takes them. `history` adds to rows of `format=tuneledger` their events with all texts."
        ),
    ] = None,
) -> Stream:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    if version is not None and as_of is not None:
        fault = Fault(pointer="?as_of", detail="Give version or as_of, not both.")
        raise Invalid(fault.detail, errors=[fault])
    selection = await resolve_selection(
        ledger, caller.workspace_id, dataset_id, version or as_of, parameter="?version" if version else "?as_of"
    )
    selection = msgspec.structs.replace(selection, split=split, also=to_filter(expression, pointer="?filter"))
    erased = await count_erased(ledger.engine, caller.workspace_id, selection)
    lines = stream_export(ledger.engine, caller.workspace_id, selection, format_=format_, include=include)
    first = await anext(lines, b"")  # an error has to be raised before the response begins
    name = f"{dataset_id}-{version or selection.seq}{f'-{split}' if split else ''}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', ERASED_HEADER: str(erased)}
    return Stream(_prepend(first, lines), media_type=f"application/x-ndjson; format={format_}", headers=headers)


async def _prepend(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


router = Router(path="/", route_handlers=[export_dataset])
