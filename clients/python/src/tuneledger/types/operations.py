# Generated from openapi/openapi.json by `make clients`.
"""Structs of operations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Operation


class Call(Shape, frozen=True, kw_only=True):
    """One question to a model, and its answer or failure."""

    id: str
    """The call's id."""
    key: str
    """The question's name in the run, such as `example/<id>`."""
    state: OneOf["answered", "failed"]
    """`answered`, or `failed` when there is no usable answer."""
    connection_id: str
    """The connection that was asked."""
    provider_model: str
    """The model, by the provider's name."""
    model_id: str | None
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
    repeats: str | None
    """The earlier call whose answer was reused for free; null otherwise."""
    error_code: str | None
    """Code of the failure; null when the call was answered."""
    error_detail: str | None
    """The failure in words; null when the call was answered."""
    provider_code: str | None
    """The provider's own code, such as context_length_exceeded; null without one."""
    provider_request_id: str | None
    """The provider's id of the request, for its support; null when unknown."""
    recorded_at: dt.datetime
    """When the call was recorded."""


class CallPage(Shape, frozen=True, kw_only=True):
    """One page of a run's calls, in the order in which they ended."""

    data: list[Call]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class OperationPage(Shape, frozen=True, kw_only=True):
    """One page of operations, the newest first."""

    data: list[Operation]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
