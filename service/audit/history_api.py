"""GET /history: who did what, when and why, in sentences."""

from litestar import Router, get
from litestar.di import NamedDependency, Provide

from service.access.auth import check_scope, require_scope
from service.access.roles import Authority
from service.audit.event_filters import FeedCursor, SeqRange, provide_event_filter, provide_seq_range
from service.audit.history import MAX_WITH_CONTENT, ChangesLoader, HistoryLine, Include, load_history_lines
from service.http.pagination import Limit, Page
from service.ledger.readers import feed
from service.ledger.readers.feed import EventFilter
from service.ledger.store import Caller, Ledger


class Account(Page[HistoryLine], frozen=True, kw_only=True):
    """One page of a history in sentences, oldest first. A page may be short while `next_cursor` is set."""

    reached: int
    """Every matching event up to this seq has been returned."""
    lineage: str | None = None
    """Path that lists the dataset versions and models which contain the example. Null unless this is one example's
    history."""


@get(
    "/history",
    operation_id="read_history",
    summary="List the history in sentences",
    guards=[require_scope("audit:read")],
    dependencies={"event_filter": Provide(provide_event_filter), "span": Provide(provide_seq_range)},
    tags=["audit"],
)
async def read_history(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    event_filter: NamedDependency[EventFilter],
    span: NamedDependency[SeqRange],
    authority: NamedDependency[Authority],
    change_texts: NamedDependency[ChangesLoader],
    limit: Limit = 50,
    cursor: FeedCursor = None,
    include: Include = None,
) -> Account:
    """Takes the filters of the event feed: by resource, actor, request, operation or time."""
    if include:
        check_scope(authority, "datasets:read", what="include=content")
        limit = min(limit, MAX_WITH_CONTENT)
    start = max(int(cursor or 0), span.after)
    result = await feed.load_page(
        ledger.engine, caller.workspace_id, after=start, until=span.until, limit=limit, event_filter=event_filter
    )
    next_cursor = str(result.reached) if result.more else None
    example_id = event_filter.stream_id if event_filter.stream == "example" else None
    lineage = f"/v1/examples/{example_id}/lineage" if example_id else None
    lines = await load_history_lines(
        ledger.engine, caller.workspace_id, result.events, change_texts if include else None
    )
    return Account(data=lines, next_cursor=next_cursor, reached=result.reached, lineage=lineage)


router = Router(path="/", route_handlers=[read_history])
