"""What a provider can do, as its adapter declares it. Checks before a tune and the table in docs read it. Pure."""

from typing import Literal

import msgspec

from service.providers.provider import Method

Format = Literal["openai_chat", "openai_preference", "vertex_gemini", "vertex_preference", "bedrock_conversation"]
# How a job is known again after a create whose response was lost. With `client_id` and `request_token` the same create
# may be sent again: it makes no second job.
Identity = Literal["metadata", "suffix", "labels", "client_id", "request_token"]
IDEMPOTENT: frozenset[Identity] = frozenset({"client_id", "request_token"})


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A hyperparameter that a provider accepts, by its name there."""

    kind: Literal["integer", "number", "text", "flag"]
    """The kind of value."""
    default: int | float | str | bool | None = None
    """The provider's value when none is sent; null where it is not known."""
    minimum: float | None = None
    """The smallest value allowed."""
    maximum: float | None = None
    """The largest value allowed."""
    above: float | None = None
    """The value has to be larger than this."""
    choices: tuple[str, ...] = ()
    """The texts allowed; for a number, texts allowed in its place, such as `auto`."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of a connection that only this kind of provider has, such as a region."""

    description: str
    """What it says."""
    required: bool = False
    """Whether a connection needs it."""
    pattern: str = r"^[ -~]{1,500}$"
    """A regular expression for its value."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of provider can do. Sizes are in bytes, times in seconds."""

    name: str
    """The provider's name for people."""
    formats: dict[Method, Format]
    """The training methods, each with the format of its training file."""
    identity: Identity
    """How a job is known again."""
    settles_after: float = 60.0
    """How long after a create without a response its job may still appear in the list."""
    parameters: dict[Method, dict[str, Parameter]] = {}
    """The hyperparameters of each method. A method that is not named here takes any."""
    options: dict[str, Option] = {}
    """Settings that only connections of this kind have."""
    needs_secret: bool = True
    """Whether a connection needs a secret."""
    needs_address: bool = True
    """Whether a connection needs a base_url."""
    reported: bool = False
    """Whether nobody is asked about a job: whoever trains reports how it goes."""
    secret: str = "An API key."  # noqa: S105 - a description
    """What the secret of a connection is."""
    min_examples: int = 1
    """The fewest training rows that it accepts."""
    max_examples: int | None = None
    """The most training rows that it accepts; null where it is not known."""
    max_file_bytes: int | None = None
    """The largest training file; null where it is not known."""
    max_validation_rows: int | None = None
    """The most validation rows; null where it is not known."""
    suffix_length: int | None = 64
    """The longest suffix; null where a tuned model's name takes none."""
    seed: bool = True
    """Whether a seed can be chosen."""
    weights_per_message: bool = False
    """Whether messages with weight 0 are left out of training."""
    tools: bool = True
    """Whether tool calls can be trained."""
    lists_states: bool = True
    """Whether one list tells the states of many jobs."""
    events: bool = False
    """Whether a job has a log that can be read."""
    metrics: bool = False
    """Whether losses can be read while a job runs."""
    checkpoints: bool = False
    """Whether a job's checkpoints can be listed."""
    pause: bool = False
    """Whether a job can be paused and resumed."""
    deployment: Literal["none", "automatic", "needed"] = "none"
    """Whether a tuned model has to be deployed before it can be run."""
    weights: bool = False
    """Whether the tuned weights can be downloaded."""
    imports_models: bool = False
    """Whether weights from elsewhere can be uploaded and deployed."""
    model_limits: bool = False
    """Whether it tells the ranges of hyperparameters for each model."""
    quote: bool = False
    """Whether it tells a price before a job is created."""
    cost: bool = False
    """Whether it tells a job's price afterwards."""
    wandb: bool = False
    """Whether it shows its jobs at Weights & Biases by itself."""
    webhooks: bool = False
    """Whether it tells by a webhook that a job has ended."""
    deletes_models: bool = False
    """Whether a tuned model can be deleted."""
    new_jobs: bool = True
    """Whether it takes new jobs at all."""
    closed_hint: str | None = None
    """What to do instead where it takes no new jobs."""
