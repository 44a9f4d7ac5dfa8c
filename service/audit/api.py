"""The event feed."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.audit.event_filters import FeedCursor, SeqRange, provide_seq_range, provide_wanted
from service.http.pagination import Limit, Page
from service.ledger.readers import feed
from service.ledger.readers.feed import MOST, FeedEvent, Wanted
from service.ledger.store import Caller, Ledger

After = Annotated[
    int, QueryParameter(ge=0, le=MOST, description="The events after this seq. 0, the default, begins with the first.")
]


class EventPage(Page[FeedEvent], frozen=True, kw_only=True):
    """One page of events, oldest first. With filters a page may be short or empty while `next_cursor` is set."""

    reached: int
    """Every matching event up to this seq has been returned. To follow the log, send it as `after`."""


@get(
    "/events",
    operation_id="list_events",
    summary="Read the event feed",
    guards=[require_scope("audit:read")],
    dependencies={"wanted": Provide(provide_wanted), "span": Provide(provide_seq_range)},
    tags=["audit"],
)
async def list_events(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    wanted: NamedDependency[Wanted],
    span: NamedDependency[SeqRange],
    after: After = 0,
    limit: Limit = 50,
    cursor: FeedCursor = None,
) -> EventPage:
    begin = max(int(cursor) if cursor else after, span.after)
    found = await feed.feed(
        ledger.engine, caller.workspace_id, after=begin, until=span.until, limit=limit, wanted=wanted
    )
    following = str(found.reached) if found.more else None
    return EventPage(data=found.events, next_cursor=following, reached=found.reached)


@get(
    "/events/{seq:int}",
    operation_id="get_event",
    summary="Read one event",
    guards=[require_scope("audit:read")],
    tags=["audit"],
)
async def get_event(seq: FromPath[int], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]) -> FeedEvent:
    return await feed.event(ledger.engine, caller.workspace_id, seq)


router = Router(path="/", route_handlers=[list_events, get_event])
