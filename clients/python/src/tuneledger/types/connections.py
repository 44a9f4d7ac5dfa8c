# Generated from openapi/openapi.json by `make clients`.
"""Structs of connections."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tuneledger._shapes import OneOf, Shape


class BaseModel(Shape, frozen=True, kw_only=True):
    """A model that providers of one kind tune; `id` is what a tune's target names. Contexts are in tokens."""

    id: str
    kind: OneOf["openai", "sandbox"]
    name: str
    methods: list[OneOf["dpo", "supervised"]]
    prices: Prices | None
    context_tokens: int | None
    training_context_tokens: int | None
    no_new_tunes_from: dt.date | None
    notes: str | None


class BaseModelPage(Shape, frozen=True, kw_only=True):
    """One page of base models."""

    data: list[BaseModel]
    next_cursor: str | None
    count: int | None = None


class Capabilities(Shape, frozen=True, kw_only=True):
    """What an account's server offers beyond jobs and files; a server that lacks one is asked without it.

    `stored_completions`: it keeps chat answers and finds them by metadata, so an answer that was lost on its way
    is fetched rather than paid for again; null: as servers of its kind do. `structured_output`: it takes a JSON
    Schema for an answer.
    """

    checkpoints: bool = True
    events: bool = True
    metadata: bool = True
    metadata_filter: bool = True
    results: bool = True
    stored_completions: bool | None = None
    structured_output: bool = True


class Connection(Shape, frozen=True, kw_only=True):
    """An account at a provider, without its secret, which is write-only."""

    id: str
    name: str
    kind: OneOf["openai", "sandbox"]
    base_url: str
    header_name: str
    header_prefix: str
    capabilities: Capabilities
    extra_body: dict[str, Any]
    timeout_seconds: float
    concurrency: int
    prices: dict[str, ModelPrice]
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime


class ConnectionCheck(Shape, frozen=True, kw_only=True):
    """The provider took the secret and lists its jobs to it; `models` are those it shows, empty where it lists none."""

    connection_id: str
    ok: bool
    models: list[str]
    checked_at: dt.datetime


class ConnectionPage(Shape, frozen=True, kw_only=True):
    """One page of connections."""

    data: list[Connection]
    next_cursor: str | None
    count: int | None = None


class ModelPrice(Shape, frozen=True, kw_only=True):
    """US dollars for a million tokens, as decimal texts."""

    input: str
    output: str


class Money(Shape, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: Decimal
    currency: str


class NewCapabilities(Shape, frozen=True, kw_only=True):
    """What the provider's server offers beyond files and jobs; one that lacks something is asked without it."""

    checkpoints: bool = True
    events: bool = True
    metadata: bool = True
    metadata_filter: bool = True
    results: bool = True
    stored_completions: bool | None = None
    """It keeps chat answers and finds them by metadata, so that one which was lost on its way is not paid twice.
    Default: true for OpenAI itself and for the sandbox.
    """
    structured_output: bool = True
    """It takes a JSON Schema for an answer."""


class NewPrice(Shape, frozen=True, kw_only=True):
    """What a model costs here."""

    input: str
    """US dollars for a million tokens."""
    output: str
    """US dollars for a million tokens."""


class Prices(Shape, frozen=True, kw_only=True):
    """Per million tokens, as they were on `as_of`. What is not `verified` is hearsay from `source`: not to bill by."""

    training: Money | None
    input: Money | None
    output: Money | None
    as_of: dt.date
    source: str
    verified: bool
