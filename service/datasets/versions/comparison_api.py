"""Two moments of a dataset compared, over HTTP: a page at a time, or all of it as lines."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from service.access.auth import require_scope
from service.datasets.domain import DATASET
from service.datasets.filters.selection import Selection
from service.datasets.versions.diff import (
    Change,
    Counts,
    Difference,
    Field,
    count_differences,
    list_differences,
    stream_differences,
)
from service.datasets.versions.version_as_of import Seq
from service.datasets.versions.version_selection import resolve_selection
from service.http.pagination import Count, Cursor, Limit, Page, decode_cursor, page
from service.ledger.store import Caller, Ledger

From = Annotated[str, QueryParameter(name="from", max_length=200, description="A version, an RFC 3339 time or a seq.")]
To = Annotated[str | None, QueryParameter(max_length=200, description="The same; default: now.")]
With = Annotated[
    UUID | None,
    QueryParameter(name="with", description="The dataset that `to` is a moment of, such as a fork. Default: this one."),
]
Only = Annotated[
    Change | Field | None,
    QueryParameter(
        description="Only examples that were added, edited or removed, or edited ones that differ in this field."
    ),
]


class DifferencePage(Page[Difference], frozen=True, kw_only=True, omit_defaults=True):
    """One page of the examples that differ, by example id; `changes` counts them all when asked for."""

    changes: Counts | None = None
    """How many examples were added, edited and removed in all, if asked for."""


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared with what."""

    before: Selection
    after: Selection


async def provide_sides(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    from_: From,
    to: To = None,
    with_: With = None,
) -> Sides:
    for id_ in filter(None, (dataset_id, with_)):
        await ledger.get(DATASET, caller.workspace_id, id_)
    before = await resolve_selection(ledger, caller.workspace_id, dataset_id, from_, parameter="?from")
    after = await resolve_selection(ledger, caller.workspace_id, with_ or dataset_id, to, parameter="?to")
    return Sides(before=before, after=after)


@get(
    "/datasets/{dataset_id:uuid}/compare",
    operation_id="compare_dataset",
    summary="Compare two moments of a dataset",
    description="Lists what was added, edited and removed, with before and after: `changed` says whether an edited "
    "example has another text, other ratings, tags or metadata, or another split. A version's filter applies. With a "
    "fork, copies are compared with what they are copies of.",
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def compare_dataset(
    sides: NamedDependency[Sides],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    only: Only = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    count: Count = False,
) -> DifferencePage:
    return await _load_page(ledger, caller.workspace_id, sides, only=only, limit=limit, cursor=cursor, count=count)


@get(
    "/datasets/{dataset_id:uuid}/diff",
    operation_id="diff_dataset",
    summary="Compare two versions or times",
    description="The earlier name of `/compare`.",
    deprecated=True,
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def diff_dataset(
    sides: NamedDependency[Sides],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
    count: Count = False,
) -> DifferencePage:
    return await _load_page(ledger, caller.workspace_id, sides, only=None, limit=limit, cursor=cursor, count=count)


@get(
    "/datasets/{dataset_id:uuid}/compare/export",
    operation_id="export_comparison",
    summary="Compare two moments of a dataset, as lines",
    description="All that `/compare` lists, a JSON object a line.",
    guards=[require_scope("datasets:read")],
    media_type="application/x-ndjson",
    tags=["versions"],
)
async def export_comparison(
    sides: NamedDependency[Sides], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], only: Only = None
) -> Stream:
    lines = stream_differences(ledger.engine, caller.workspace_id, sides.before, sides.after, only=only)
    return Stream(lines, media_type="application/x-ndjson")


async def _load_page(
    ledger: Ledger,
    workspace_id: UUID,
    sides: Sides,
    *,
    only: Change | Field | None,
    limit: int,
    cursor: str | None,
    count: bool,
) -> DifferencePage:
    at = decode_cursor(cursor, tuple[Seq, UUID])
    before, after = sides.before, sides.after
    if at is not None:  # what is compared with now stays what now was on the first page
        after = msgspec.structs.replace(after, seq=min(after.seq, at[0]))
    rows = await list_differences(
        ledger.engine, workspace_id, before, after, past=at[1] if at else None, limit=limit + 1, only=only
    )
    result = page(DifferencePage, rows, limit, key=lambda row: (after.seq, row.example_id))
    changes = await count_differences(ledger.engine, workspace_id, before, after) if count else None
    return msgspec.structs.replace(result, changes=changes)


router = Router(
    path="/",
    route_handlers=[compare_dataset, diff_dataset, export_comparison],
    dependencies={"sides": Provide(provide_sides)},
)
