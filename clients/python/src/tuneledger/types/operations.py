# Generated from openapi/openapi.json by `make clients`.
"""Structs of operations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Operation


class Call(Shape, frozen=True, kw_only=True):
    """One question. `key` says which of the run; `text` is null once erased; of a failed one, what was said instead.

    `repeats`: the call whose answer this one took for free. `in_doubt`: an attempt may have been paid for and
    lost. `latency_ms` in milliseconds, of the last attempt; `cost` is null where no price is known.
    """

    id: str
    """The call's id."""
    key: str
    """Which question of the run this is, such as `example/<id>`."""
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
    repeats: str | None
    """The earlier call whose answer was reused for free; null otherwise."""
    error_code: str | None
    """Why the call failed; null when it was answered."""
    error_detail: str | None
    """The failure in words; null when it was answered."""
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
