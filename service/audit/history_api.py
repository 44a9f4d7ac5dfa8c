"""Who did what, when and why, in sentences."""

from litestar import Router, get
from litestar.di import NamedDependency, Provide

from service.access.auth import require_scope
from service.audit.event_filters import FeedCursor, SeqRange, provide_seq_range, provide_wanted
from service.audit.history import HistoryLine, to_history_lines
from service.http.pagination import Limit, Page
from service.ledger.readers import feed
from service.ledger.readers.feed import Wanted
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
    summary="Read what happened, in words",
    guards=[require_scope("audit:read")],
    dependencies={"wanted": Provide(provide_wanted), "span": Provide(provide_seq_range)},
    tags=["audit"],
)
async def read_history(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    wanted: NamedDependency[Wanted],
    span: NamedDependency[SeqRange],
    limit: Limit = 50,
    cursor: FeedCursor = None,
) -> Account:
    """Of one resource, of one actor, of one request or operation, of a time: the filters are those of the feed."""
    begin = max(int(cursor or 0), span.after)
    found = await feed.feed(
        ledger.engine, caller.workspace_id, after=begin, until=span.until, limit=limit, wanted=wanted
    )
    following = str(found.reached) if found.more else None
    one = wanted.stream_id if wanted.stream == "example" else None
    lineage = f"/v1/examples/{one}/lineage" if one else None
    return Account(data=to_history_lines(found.events), next_cursor=following, reached=found.reached, lineage=lineage)


router = Router(path="/", route_handlers=[read_history])
