# Generated from openapi/openapi.json by `make clients`.
"""Structs of connections."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tuneledger._shapes import OneOf, Shape


class BaseModel(Shape, frozen=True, kw_only=True):
    """A model that providers of one kind can tune."""

    id: str
    """The model's id at the provider."""
    kind: OneOf["openai", "sandbox"]
    """The kind of provider."""
    name: str
    """The model's name for people."""
    methods: list[OneOf["dpo", "supervised"]]
    """The training methods that it can be tuned with."""
    prices: Prices | None
    """Its prices; null where they are not known."""
    context_tokens: int | None
    """The most tokens of a request and its answer; null where it is not known."""
    training_context_tokens: int | None
    """The most tokens of a training example; null where it is not known."""
    no_new_tunes_from: dt.date | None
    """The day from which the provider takes no new tunes of it; null where none is announced."""
    notes: str | None
    """What else to know before tuning it."""


class BaseModelPage(Shape, frozen=True, kw_only=True):
    """One page of base models."""

    data: list[BaseModel]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Capabilities(Shape, frozen=True, kw_only=True):
    """Optional features of a provider's server. Requests do not use those that it lacks.

    With `stored_completions`, a lost response is fetched again instead of paid for twice.
    """

    checkpoints: bool = True
    """Whether a job's checkpoints can be listed."""
    events: bool = True
    """Whether a job's events can be listed."""
    metadata: bool = True
    """Whether jobs carry metadata; without it, a job is found again by its suffix."""
    metadata_filter: bool = True
    """Whether jobs can be listed by metadata."""
    results: bool = True
    """Whether a finished job has a result file with its curves."""
    stored_completions: bool | None = None
    """Whether it stores chat completions and finds them by metadata. Null: the default of its kind."""
    structured_output: bool = True
    """Whether it accepts a JSON Schema for the response."""


class Connection(Shape, frozen=True, kw_only=True):
    """An account at a provider. The secret is write-only and not shown."""

    id: str
    """The connection's id."""
    name: str
    """Unique in the workspace."""
    kind: OneOf["openai", "sandbox"]
    """Which provider."""
    base_url: str
    """Where the provider's API is."""
    header_name: str
    """Header that carries the secret."""
    header_prefix: str
    """Text before the secret in that header."""
    capabilities: Capabilities
    """What the provider's server supports."""
    extra_body: dict[str, Any]
    """Added to the body of every job that is created."""
    timeout_seconds: float
    """Longest wait for a chat response, in seconds; for other responses at most 120."""
    concurrency: int
    """Requests a worker has open at once."""
    prices: dict[str, ModelPrice]
    """By the provider's model name. They override the catalog's prices."""
    created_at: dt.datetime
    """When the connection was created."""
    created_by: str
    """Name of the member who created it."""
    updated_at: dt.datetime
    """When the connection last changed."""


class ConnectionCheck(Shape, frozen=True, kw_only=True):
    """The provider accepted the secret and listed its jobs."""

    connection_id: str
    """The connection that was checked."""
    ok: bool
    """Always true; a failed check is an error response."""
    models: list[str]
    """Models the provider lists; empty when it lists none."""
    checked_at: dt.datetime
    """When the provider was asked."""


class ConnectionPage(Shape, frozen=True, kw_only=True):
    """One page of connections."""

    data: list[Connection]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ModelPrice(Shape, frozen=True, kw_only=True):
    """US dollars per million tokens, as decimal strings."""

    input: str
    """For input tokens."""
    output: str
    """For output tokens."""


class Money(Shape, frozen=True, kw_only=True):
    """An exact amount of money."""

    amount: Decimal
    """A decimal number, as a string."""
    currency: str
    """ISO 4217 code, such as `USD`."""


class NewCapabilities(Shape, frozen=True, kw_only=True):
    """Optional features of the provider's server. Tuneledger also works without those that are false."""

    checkpoints: bool = True
    """It lists a job's checkpoints."""
    events: bool = True
    """It lists a job's events."""
    metadata: bool = True
    """It stores metadata with a job."""
    metadata_filter: bool = True
    """It can search jobs by metadata."""
    results: bool = True
    """It offers a job's result files."""
    stored_completions: bool | None = None
    """It stores chat completions and finds them by metadata, so a lost response is not paid for twice. Default: true
    for OpenAI itself and for the sandbox.
    """
    structured_output: bool = True
    """It accepts a JSON Schema for the response."""


class NewPrice(Shape, frozen=True, kw_only=True):
    """A model's price on this connection."""

    input: str
    """US dollars per million tokens."""
    output: str
    """US dollars per million tokens."""


class Prices(Shape, frozen=True, kw_only=True):
    """Prices per million tokens. Don't bill by a price that is not `verified`."""

    training: Money | None
    """Price of a million training tokens; null where it is not known."""
    input: Money | None
    """Price of a million input tokens; null where it is not known."""
    output: Money | None
    """Price of a million output tokens; null where it is not known."""
    as_of: dt.date
    """The day the prices were read."""
    source: str
    """Where the prices were read."""
    verified: bool
    """Whether the prices come from the provider itself."""
