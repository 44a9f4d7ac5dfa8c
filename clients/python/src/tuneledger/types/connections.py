# Generated from openapi/openapi.json by `make clients`.
"""Structs of connections."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import field

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Money


class BaseModel(Shape, frozen=True, kw_only=True):
    """A model that can be tuned at one provider, or on own hardware."""

    id: str
    """The value to pass as a tune's `base_model`."""
    provider: str
    """The provider; `local` for own hardware."""
    kind: OneOf["bedrock", "files", "fireworks", "local", "openai", "ray", "sandbox", "together", "vertex"] | None
    """Kind of connection that tunes it; null for own hardware."""
    name: str
    """Name for people."""
    methods: list[OneOf["dpo", "kto", "reinforcement", "supervised"]]
    """Tuning methods it supports. Empty: it can only be deployed."""
    hyperparameters: dict[str, dict[str, Parameter]]
    """The hyperparameters of each method, with ranges and defaults."""
    prices: Prices | None
    """Null when unknown."""
    parameters_billion: float | None
    """Its size, in billions of parameters. Null when unknown."""
    active_parameters_billion: float | None
    """How many of them one token uses, in a mixture of experts. Null: all."""
    memory: Memory | None
    """What training on own hardware needs. Null unless the weights are open and the size is known."""
    context_tokens: int | None
    """Longest input and output together, in tokens. Null when unknown."""
    training_context_tokens: int | None
    """Longest training example, in tokens. Null when unknown."""
    licence: str | None
    """The licence. Null when unknown."""
    open_weights: bool
    """Whether the weights can be taken home."""
    first_choice_for: str | None
    """What it is a good first choice for. Null: others are better to begin with."""
    no_new_tunes_from: dt.date | None
    """From this day on the provider takes no new tunes of it. Null: no such day is known."""
    shutdown_date: dt.date | None
    """From this day on it and its tuned models answer no more. Null: no such day is known."""
    source: str
    """Where this row was read."""
    source_date: dt.date
    """The day it was read."""
    listed: bool | None
    """Whether the connection's account lists it now. Null unless `connection_id` is given."""
    entry_id: str | None
    """The id of the workspace's own entry. Null: the row is the catalogue's."""
    notes: str | None
    """Anything else to know, such as limits. Null when there is nothing."""


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
    kind: OneOf["bedrock", "files", "fireworks", "local", "openai", "ray", "sandbox", "together", "vertex"]
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
    options: dict[str, str]
    """Settings of this kind of provider alone."""
    query_: dict[str, str] = field(name="query")
    """Added to the URL of every request."""
    takes_webhooks: bool
    """Whether signed webhooks of the provider are taken."""
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


class ConnectionHook(Shape, frozen=True, kw_only=True):
    """Where the provider is to send its webhooks."""

    connection_id: str
    """The connection."""
    path_: str = field(name="path")
    """Below this server's address; give the provider the whole URL."""
    active: bool
    """Whether a secret is known, so that what comes is believed to be the provider's."""


class ConnectionPage(Shape, frozen=True, kw_only=True):
    """One page of connections."""

    data: list[Connection]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Integration(Shape, frozen=True, kw_only=True):
    """An account where models are published or tunes shown. The secret is write-only and not shown."""

    id: str
    """The integration's id."""
    name: str
    """Unique in the workspace."""
    kind: OneOf["huggingface", "mlflow", "object_store", "wandb"]
    """What it is."""
    url: str
    """Where it is."""
    options: dict[str, str]
    """Settings of this kind alone."""
    created_at: dt.datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    updated_at: dt.datetime
    """When it last changed."""


class IntegrationPage(Shape, frozen=True, kw_only=True):
    """One page of integrations."""

    data: list[Integration]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Memory(Shape, frozen=True, kw_only=True):
    """Memory to train on own hardware, in GB; an estimate for short examples and small batches."""

    lora_gb: float
    """With LoRA on weights in 16 bit."""
    qlora_gb: float
    """With LoRA on weights in 4 bit."""
    full_gb: float
    """With all parameters trained."""
    disk_gb: float
    """Space for the weights on disk."""


class ModelPrice(Shape, frozen=True, kw_only=True):
    """US dollars per million tokens, as decimal strings."""

    input: str
    """For input tokens."""
    output: str
    """For output tokens."""


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


class NewPrices(Shape, frozen=True, kw_only=True):
    """Prices per million tokens, and where they were read."""

    as_of: dt.date
    """The day the prices were looked up."""
    source: str
    """Where the prices come from."""
    currency: str = "USD"
    """ISO 4217 code."""
    input: str | None = None
    """For input tokens of the tuned model."""
    output: str | None = None
    """For output tokens of the tuned model."""
    training: str | None = None
    """For training."""
    verified: bool = False
    """Whether they are the provider's own."""


class Parameter(Shape, frozen=True, kw_only=True):
    """A hyperparameter that a provider accepts, by its name there."""

    kind: OneOf["flag", "integer", "number", "text"]
    """The kind of value."""
    above: float | None = None
    """The value has to be larger than this."""
    choices: list[str] = []
    """The texts allowed; for a number, texts allowed in its place, such as `auto`."""
    default: int | float | str | bool | None = None
    """The provider's value when none is sent; null where it is not known."""
    maximum: float | None = None
    """The largest value allowed."""
    minimum: float | None = None
    """The smallest value allowed."""


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
