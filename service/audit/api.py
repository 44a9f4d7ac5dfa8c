"""The event feed."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.audit.event_filters import FeedCursor, SeqRange, provide_event_filter, provide_seq_range
from service.http.pagination import Limit, Page
from service.ledger.readers import feed
from service.ledger.readers.feed import MAX_SEQ, EventFilter, FeedEvent
from service.ledger.store import Caller, Ledger

After = Annotated[
    int,
    QueryParameter(ge=0, le=MAX_SEQ, description="Only events after this seq. Default 0: from the first."),
]


class EventPage(Page[FeedEvent], frozen=True, kw_only=True):
    """One page of events, oldest first. With filters a page may be short or empty while `next_cursor` is set."""

    reached: int
    """Every matching event up to this seq has been returned. To follow the log, send it as `after`."""


@get(
    "/events",
    operation_id="list_events",
    summary="List events",
    guards=[require_scope("audit:read")],
    dependencies={"event_filter": Provide(provide_event_filter), "span": Provide(provide_seq_range)},
    tags=["audit"],
)
async def list_events(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    event_filter: NamedDependency[EventFilter],
    span: NamedDependency[SeqRange],
    after: After = 0,
    limit: Limit = 50,
    cursor: FeedCursor = None,
) -> EventPage:
    start = max(int(cursor) if cursor else after, span.after)
    result = await feed.load_page(
        ledger.engine, caller.workspace_id, after=start, until=span.until, limit=limit, event_filter=event_filter
    )
    next_cursor = str(result.reached) if result.more else None
    return EventPage(data=result.events, next_cursor=next_cursor, reached=result.reached)


@get(
    "/events/{seq:int}",
    operation_id="get_event",
    summary="Get an event",
    guards=[require_scope("audit:read")],
    tags=["audit"],
)
async def get_event(seq: FromPath[int], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]) -> FeedEvent:
    return await feed.get_event(ledger.engine, caller.workspace_id, seq)


router = Router(path="/", route_handlers=[list_events, get_event])
