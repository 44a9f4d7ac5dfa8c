"""Route that lists a run's model calls."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import needs
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.inference import projection
from service.inference.outcomes import StoredAnswer
from service.ledger.store import Caller, Ledger
from service.operations import projection as operations

# Under another name in the signature: Litestar keeps `state` for itself.
InState = Annotated[Literal["answered", "failed"] | None, QueryParameter(name="state", description="Only these.")]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `key` says which of the run; `text` is null once erased; of a failed one, what was said instead.

    `repeats`: the call whose answer this one took for free. `in_doubt`: an attempt may have been paid for and lost.
    `latency_ms` in milliseconds, of the last attempt; `cost` is null where no price is known.
    """

    id: UUID
    """The call's id."""
    key: str
    """Which question of the run this is, such as `example/<id>`."""
    state: Literal["answered", "failed"]
    """`answered`, or `failed` when there is no usable answer."""
    connection_id: UUID
    """The connection that was asked."""
    provider_model: str
    """The model, by the provider's name."""
    model_id: UUID | None
    """Your model; null when a base model was asked."""
    model_version: str | None
    """The version of your model; null when a base model was asked."""
    text: str | None
    """The answer. Of a failed call, what the model said instead. Null once erased, or when there is no text."""
    tool_calls: list[dict[str, Any]]
    """The answer's tool calls, in OpenAI's shape."""
    finish_reason: str | None
    """Why the model stopped, in the provider's word."""
    input_tokens: int | None
    """Tokens of the question, as the provider counted them."""
    output_tokens: int | None
    """Tokens of the answer, as the provider counted them."""
    cost: dict[str, str] | None
    """`amount` and `currency`; null when no price is known."""
    latency_ms: int
    """Milliseconds that the last attempt took."""
    attempts: int
    """How many times the provider was asked."""
    in_doubt: bool
    """Whether an earlier attempt may have been answered and paid for, but its answer was lost."""
    repeats: UUID | None
    """The earlier call whose answer was reused for free; null otherwise."""
    error_code: str | None
    """Why the call failed; null when it was answered."""
    error_detail: str | None
    """The failure in words; null when it was answered."""
    recorded_at: datetime
    """When the call was recorded."""


class CallPage(Page[Call], frozen=True, kw_only=True):
    """One page of a run's calls, in the order in which they ended."""


@get(
    "/operations/{operation_id:uuid}/calls",
    operation_id="list_operation_calls",
    summary="List an operation's model calls",
    guards=[needs("operations:read")],
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
    await operations.get_operation(ledger.engine, caller.workspace_id, operation_id)
    after = decode_cursor(cursor, tuple[int])
    rows = await projection.list_calls(
        ledger.engine,
        caller.workspace_id,
        operation_id,
        state=in_state,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    found = page(CallPage, rows, limit, key=lambda row: row.seq)
    return msgspec.structs.replace(found, data=[_call_from_row(row) for row in rows[:limit]])


def _call_from_row(row: Any) -> Call:
    kept = msgspec.json.decode(row.body, type=StoredAnswer) if row.body is not None else None
    same = (
        "id key state connection_id provider_model model_id model_version finish_reason input_tokens output_tokens "
        "latency_ms attempts in_doubt repeats error_code error_detail recorded_at"
    )
    return Call(
        text=kept.text if kept else None,
        tool_calls=list(kept.tool_calls) if kept else [],
        cost=projection.format_cost(row.cost, row.currency),
        **{name: getattr(row, name) for name in same.split()},
    )


router = Router(path="/", route_handlers=[list_operation_calls])
