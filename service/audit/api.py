"""The event feed."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.authentication import needs
from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL
from service.http.pages import Limit, Page
from service.ledger import feed
from service.ledger.feed import MOST, FeedEvent, Wanted
from service.ledger.store import Caller, Ledger

After = Annotated[
    int, QueryParameter(ge=0, le=MOST, description="The events after this seq. 0, the default, begins with the first.")
]
FeedCursor = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{1,15}$", description="`next_cursor` of the page before: a seq. It goes before `after`."
    ),
]
Types = Annotated[
    list[str] | None,
    QueryParameter(max_items=100, description="Only these types, such as `ExampleRepaired`; repeated or with commas."),
]
Stream = Annotated[
    str | None,
    QueryParameter(max_length=100, pattern=NO_NUL, description="Only one kind of stream, such as `example`."),
]
StreamId = Annotated[UUID | None, QueryParameter(description="Only the events of one resource, by its id.")]
Actor = Annotated[
    str | None,
    QueryParameter(max_length=200, pattern=NO_NUL, description="Only what one actor caused: an API key's name."),
]


class EventPage(Page[FeedEvent], frozen=True, kw_only=True):
    """One page of events, the oldest first. With filters it may be short, even empty, while there is a `next_cursor`.

    `reached` is the seq up to which nothing is left out: to follow the log, ask again with it as `after`.
    """

    reached: int


def provide_wanted(
    types: Types = None, stream: Stream = None, stream_id: StreamId = None, actor: Actor = None
) -> Wanted:
    names = [name for text in types or () for name in text.split(",") if name]
    if any("\0" in name for name in names):
        detail = "A type is the name of an event, without NUL."
        raise Invalid(detail, errors=[Fault(pointer="?types", detail=detail)])
    return Wanted(types=names, stream=stream, stream_id=stream_id, actor=actor)


@get(
    "/events",
    operation_id="list_events",
    summary="Read the event feed",
    guards=[needs("audit:read")],
    dependencies={"wanted": Provide(provide_wanted, sync_to_thread=False)},
    tags=["audit"],
)
async def list_events(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    wanted: NamedDependency[Wanted],
    after: After = 0,
    limit: Limit = 50,
    cursor: FeedCursor = None,
) -> EventPage:
    begin = int(cursor) if cursor else after
    found = await feed.feed(ledger.engine, caller.workspace_id, after=begin, limit=limit, wanted=wanted)
    following = str(found.reached) if found.more else None
    return EventPage(data=found.events, next_cursor=following, reached=found.reached)


@get(
    "/events/{seq:int}",
    operation_id="get_event",
    summary="Read one event",
    guards=[needs("audit:read")],
    tags=["audit"],
)
async def get_event(seq: FromPath[int], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]) -> FeedEvent:
    return await feed.event(ledger.engine, caller.workspace_id, seq)


router = Router(path="/", route_handlers=[list_events, get_event])
