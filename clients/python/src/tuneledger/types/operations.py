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
    key: str
    state: OneOf["answered", "failed"]
    connection_id: str
    provider_model: str
    model_id: str | None
    model_version: str | None
    text: str | None
    tool_calls: list[dict[str, Any]]
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost: dict[str, str] | None
    latency_ms: int
    attempts: int
    in_doubt: bool
    repeats: str | None
    error_code: str | None
    error_detail: str | None
    recorded_at: dt.datetime


class CallPage(Shape, frozen=True, kw_only=True):
    """One page of a run's calls, in the order in which they ended."""

    data: list[Call]
    next_cursor: str | None
    count: int | None = None


class OperationPage(Shape, frozen=True, kw_only=True):
    """One page of operations, the newest first."""

    data: list[Operation]
    next_cursor: str | None
    count: int | None = None
