"""Route that lists a run's model calls."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.page_bytes import is_cut
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.inference import queries
from service.inference.schemas import CallPage, call_from_row
from service.ledger.store import Caller, Ledger
from service.operations.projection import get_operation

# Not called `state` in the signature: Litestar reserves that name.
InState = Annotated[
    Literal["answered", "failed"] | None, QueryParameter(name="state", description="Only calls in this state.")
]


@get(
    "/operations/{operation_id:uuid}/calls",
    operation_id="list_operation_calls",
    summary="List an operation's model calls",
    guards=[require_scope("operations:read")],
    tags=["operations"],
)
async def list_operation_calls(
    operation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: InState = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CallPage:
    """Empty for operations that ask no model."""
    await get_operation(ledger.engine, caller.workspace_id, operation_id)
    after = decode_cursor(cursor, tuple[int])
    rows = await queries.list_calls(
        ledger.engine,
        caller.workspace_id,
        operation_id,
        state=in_state,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    calls = page(CallPage, rows, limit, key=lambda row: row.seq, is_cut=is_cut(rows))
    return msgspec.structs.replace(calls, data=[call_from_row(row) for row in rows[:limit]])


router = Router(path="/", route_handlers=[list_operation_calls])
