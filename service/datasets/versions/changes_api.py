"""Changes of a dataset between two versions, over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.audit.event_filters import Actor
from service.audit.history import MAX_WITH_CONTENT, HistoryLine, Include, load_history_lines
from service.datasets.domain import DATASET
from service.datasets.versions.changes import Author, SeqRange, count_by_author, list_changes
from service.datasets.versions.text_changes import load_changes
from service.datasets.versions.version_as_of import Seq, resolve_as_of_in
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.ledger.store import Caller, Ledger

Since = Annotated[
    str,
    QueryParameter(
        name="from", max_length=200, description="Only changes after this: a version, an RFC 3339 time or a seq."
    ),
]
Until = Annotated[
    str | None,
    QueryParameter(name="to", max_length=200, description="Only changes up to this, included. Default: now."),
]
Authors = Annotated[bool, QueryParameter(description="Whether to count the changes by actor. This reads all of them.")]


class ChangePage(Page[HistoryLine], frozen=True, kw_only=True, omit_defaults=True):
    """One page of changes in words, the oldest first; `authors` counts them by actor if asked for."""

    authors: list[Author] | None = None
    """The actors and their number of changes, if asked for."""


@get(
    "/datasets/{dataset_id:uuid}/changes",
    operation_id="list_dataset_changes",
    summary="List the changes between two versions",
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def list_dataset_changes(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    from_: Since,
    to: Until = None,
    actor: Actor = None,
    by_actor: Authors = False,
    limit: Limit = 50,
    cursor: Cursor = None,
    include: Include = None,
) -> ChangePage:
    """Every change of an example, also those undone later; `/compare` has the result of all of them."""
    workspace_id, at = caller.workspace_id, decode_cursor(cursor, tuple[Seq, Seq])
    await ledger.get(DATASET, workspace_id, dataset_id)
    begin = await resolve_as_of_in(ledger, workspace_id, dataset_id, from_, parameter="?from")
    end = at[0] if at else await resolve_as_of_in(ledger, workspace_id, dataset_id, to, parameter="?to")
    whole = SeqRange(workspace_id=workspace_id, dataset_id=dataset_id, after=begin, until=end, actor=actor)
    rest = SeqRange(
        workspace_id=workspace_id, dataset_id=dataset_id, after=max(begin, at[1] if at else 0), until=end, actor=actor
    )
    limit = min(limit, MAX_WITH_CONTENT) if include else limit
    events = await list_changes(ledger.engine, rest, limit=limit + 1)
    lines = await load_history_lines(ledger.engine, workspace_id, events, load_changes if include else None)
    counted = await count_by_author(ledger.engine, whole) if by_actor else None
    result = page(ChangePage, lines, limit, key=lambda each: (end, each.seq))
    return ChangePage(data=result.data, next_cursor=result.next_cursor, authors=counted)


router = Router(path="/", route_handlers=[list_dataset_changes])
