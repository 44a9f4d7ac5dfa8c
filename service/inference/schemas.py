"""Model calls as HTTP sends them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.http.pagination import Page
from service.inference.outcomes import StoredAnswer
from service.inference.queries import format_cost

CALL_COLUMNS = (
    "id",
    "key",
    "state",
    "connection_id",
    "provider_model",
    "model_id",
    "model_version",
    "finish_reason",
    "input_tokens",
    "output_tokens",
    "latency_ms",
    "attempts",
    "in_doubt",
    "repeats",
    "error_code",
    "error_detail",
    "recorded_at",
    "cached_tokens",
    "reasoning_tokens",
    "provider_code",
    "provider_request_id",
)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a model, and its answer or failure."""

    id: UUID
    """The call's id."""
    key: str
    """The question's name in the run, such as `example/<id>`."""
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
    """The answer; of a failed call, the text the model returned instead. Null if there is none or it was erased."""
    tool_calls: list[dict[str, Any]]
    """The answer's tool calls, in OpenAI's shape."""
    finish_reason: str | None
    """Why the model stopped, in the provider's words."""
    input_tokens: int | None
    """Input tokens, as counted by the provider."""
    output_tokens: int | None
    """Output tokens, as counted by the provider."""
    cached_tokens: int | None
    """Those of the input tokens that the provider had cached; null when unknown."""
    reasoning_tokens: int | None
    """Those of the output tokens that were spent on reasoning; null when unknown."""
    cost: dict[str, str] | None
    """`amount` and `currency`; null when no price is known."""
    latency_ms: int
    """Duration of the last attempt, in milliseconds."""
    attempts: int
    """How many times the provider was asked."""
    in_doubt: bool
    """True if the answer to an earlier attempt may have been lost. You may have paid for that attempt too."""
    repeats: UUID | None
    """The earlier call whose answer was reused for free; null otherwise."""
    error_code: str | None
    """Code of the failure; null when the call was answered."""
    error_detail: str | None
    """The failure in words; null when the call was answered."""
    provider_code: str | None
    """The provider's own code, such as context_length_exceeded; null without one."""
    provider_request_id: str | None
    """The provider's id of the request, for its support; null when unknown."""
    recorded_at: datetime
    """When the call was recorded."""


class CallPage(Page[Call], frozen=True, kw_only=True):
    """One page of a run's calls, in the order in which they ended."""


def call_from_row(row: Any) -> Call:
    answer = None if row.body is None else msgspec.json.decode(row.body, type=StoredAnswer)
    return Call(
        text=answer.text if answer else None,
        tool_calls=list(answer.tool_calls) if answer else [],
        cost=format_cost(row.cost, row.currency),
        **{name: getattr(row, name) for name in CALL_COLUMNS},
    )
