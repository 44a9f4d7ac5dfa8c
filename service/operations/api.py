"""Routes of operations: get, list and cancel."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.http.bodies import NO_NUL
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.ledger.store import Caller, Ledger
from service.operations import projection as views
from service.operations.cancel_registry import CancelFunctions, needs_cancel
from service.operations.domain import Operation, OperationState

Wait = Annotated[
    float,
    QueryParameter(
        ge=0, le=60, description="Seconds to wait for the operation to end; the response comes as soon as it does."
    ),
]
# Under another name in the signature: Litestar keeps `state` for itself.
StateFilter = Annotated[
    OperationState | None, QueryParameter(name="state", description="Only operations in this state.")
]
KindFilter = Annotated[
    str | None,
    QueryParameter(max_length=100, pattern=NO_NUL, description="Only operations of this kind, such as `import`."),
]


class OperationPage(Page[Operation], frozen=True, kw_only=True):
    """One page of operations, the newest first."""


@get(
    "/operations",
    operation_id="list_operations",
    summary="List operations, the newest first",
    guards=[require_scope("operations:read")],
    tags=["operations"],
)
async def list_operations(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: StateFilter = None,
    kind: KindFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OperationPage:
    before = decode_cursor(cursor, tuple[UUID])
    rows = await views.list_operations(
        ledger.engine,
        caller.workspace_id,
        state=in_state,
        kind=kind,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    return page(OperationPage, rows, limit, key=lambda row: row.id)


@get(
    "/operations/{operation_id:uuid}",
    operation_id="get_operation",
    summary="Read an operation, or wait for its end",
    guards=[require_scope("operations:read")],
    tags=["operations"],
)
async def get_operation(
    operation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    wait: Wait = 0,
) -> Operation:
    return await views.wait_for_operation(ledger.engine, caller.workspace_id, operation_id, wait=wait)


@post(
    "/operations/{operation_id:uuid}/cancel",
    operation_id="cancel_operation",
    summary="Ask an operation to stop",
    guards=[require_scope("operations:write")],
    status_code=200,
    tags=["operations"],
)
async def cancel_operation(
    operation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    cancels: NamedDependency[CancelFunctions],
) -> Operation:
    """It may still end well: `cancel_requested` is true until the work has noticed. Asking again changes nothing."""
    operation = await views.get_operation(ledger.engine, caller.workspace_id, operation_id)
    if needs_cancel(operation, cancels):
        await cancels[operation.kind](ledger, caller, operation_id)
    return await views.get_operation(ledger.engine, caller.workspace_id, operation_id)


router = Router(path="/", route_handlers=[list_operations, get_operation, cancel_operation])
