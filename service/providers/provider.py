"""What goes to a provider and comes back, independent of any one of them. Its abilities are in abilities.py. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from service.errors import Fault, ProviderRefused, ProviderUnavailable
from service.network.address_policy import PUBLIC, AddressPolicy
from service.providers.local.local_machine import Machine

Kind = Literal["openai", "together", "vertex", "bedrock", "fireworks", "local", "ray", "files", "sandbox"]
State = Literal["pending", "validating", "queued", "running", "paused", "succeeded", "failed", "cancelled"]
Method = Literal["supervised", "dpo", "kto", "reinforcement"]

# Why there is no usable response: rate limited, timed out, not readable, or not reachable.
UnreachableReason = Literal["busy", "timed_out", "unreadable", "down"]

FINISHED: frozenset[State] = frozenset({"succeeded", "failed", "cancelled"})


REQUEST_ID = "x-request-id"


def ignore_headers(_: Mapping[str, str]) -> None:
    """For who needs no headers."""


class ErrorReply(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's own error, field by field. `status` is null for an error inside a stream.

    `should_retry`: its header `x-should-retry`, which OpenAI's clients obey.
    """

    message: str
    status: int | None = None
    type: str | None = None
    code: str | None = None
    param: str | None = None
    request_id: str | None = None
    should_retry: str | None = None


class Refused(ProviderRefused):
    """The provider refused for good"""

    def __init__(
        self,
        detail: str,
        *,
        provider_code: str | None = None,
        provider_status: int | None = None,
        reply: ErrorReply | None = None,
    ) -> None:
        faults = [Fault(detail=detail, code=provider_code)] if provider_code else []
        super().__init__(detail, errors=faults)
        self.provider_code = provider_code
        self.provider_status = provider_status
        self.reply = reply


class Unreachable(ProviderUnavailable):
    """The provider cannot be reached or asks to wait"""

    # `undone`: it has surely not done what was asked, since it never got the request or sent it back.
    def __init__(
        self,
        detail: str,
        *,
        retry_after: float | None = None,
        provider_code: str | None = None,
        provider_status: int | None = None,
        because: UnreachableReason = "down",
        undone: bool = False,
        reply: ErrorReply | None = None,
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.undone = undone
        self.provider_code = provider_code
        self.provider_status = provider_status
        self.because = because
        self.reply = reply


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Optional features of a provider's server. Requests do not use those that it lacks.

    With `stored_completions`, a lost response is fetched again instead of paid for twice.
    """

    events: bool = True
    """Whether a job's events can be listed."""
    checkpoints: bool = True
    """Whether a job's checkpoints can be listed."""
    results: bool = True
    """Whether a finished job has a result file with its curves."""
    metadata: bool = True
    """Whether jobs carry metadata; without it, a job is found again by its suffix."""
    metadata_filter: bool = True
    """Whether jobs can be listed by metadata."""
    stored_completions: bool | None = None
    """Whether it stores chat completions and finds them by metadata. Null: the default of its kind."""
    structured_output: bool = True
    """Whether it accepts a JSON Schema for the response."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Where a provider is and how to sign in. `extra_body` is added to each job that is created.

    `query`: fields added to each request's URL, such as `api-version`. `options`: settings of this kind of provider
    alone, by the names that its traits declare. `policy` says which addresses may be connected to. `machine`: where
    this process may train; None where it may not.
    """

    kind: str
    base_url: str
    secret: str
    header_name: str = "Authorization"
    header_prefix: str = "Bearer "
    capabilities: Capabilities = Capabilities()
    timeout_seconds: float = 60.0
    extra_body: dict[str, Any] = {}
    query: dict[str, str] = {}
    options: dict[str, str] = {}
    policy: AddressPolicy = PUBLIC
    machine: Machine | None = None

    def __repr__(self) -> str:
        return f"Account(kind={self.kind!r}, base_url={self.base_url!r}, secret=…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("kind", self.kind), ("base_url", self.base_url)]


class AccountCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The account works. `models`: the ids it can see, empty if the provider does not list them.

    `shutdown_dates`: when models end, for those of which the provider says so.
    """

    models: tuple[str, ...] = ()
    shutdown_dates: dict[str, date] = {}


class JobSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One job to create. Files are the provider's ids; `token` is how `find` knows the job again.

    `start_from`: a tuned model or checkpoint to go on from. `extra`: the method's own settings, such as a grader.
    """

    base_model: str
    training_file: str
    token: str
    validation_file: str | None = None
    suffix: str | None = None
    seed: int | None = None
    method: Method = "supervised"
    hyperparameters: dict[str, bool | int | float | str] = {}
    start_from: str | None = None
    extra: dict[str, Any] = {}


class RemoteError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job failed, as the provider reports it."""

    message: str
    code: str | None = None
    param: str | None = None


class RemoteJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the provider reports it. `raw_status`: its status, unchanged. `model`: the tuned model.

    `cost`: what the provider charges, where it says so. `updated_at` and `steps_done` change when there is news.
    """

    id: str
    state: State
    raw_status: str
    base_model: str
    model: str | None = None
    trained_tokens: int | None = None
    error: RemoteError | None = None
    finished_at: datetime | None = None
    estimated_finish: datetime | None = None
    result_files: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    steps_done: int | None = None
    steps_total: int | None = None
    cost: Decimal | None = None
    currency: str = "USD"


class RemoteEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the job's own log."""

    id: str
    at: datetime | None
    level: str
    message: str


class MetricPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Measured at a step: losses in nats per token, accuracies 0 to 1; `not_finite` names the NaNs and infinities."""

    step: int
    """The training step, from 0."""
    train_loss: float | None = None
    """Loss on the training examples, in nats per token."""
    valid_loss: float | None = None
    """Loss on a batch of validation examples, in nats per token."""
    train_accuracy: float | None = None
    """Token accuracy on the training examples, 0 to 1."""
    valid_accuracy: float | None = None
    """Token accuracy on a batch of validation examples, 0 to 1."""
    full_valid_loss: float | None = None
    """Loss on all validation examples, in nats per token."""
    full_valid_accuracy: float | None = None
    """Token accuracy on all validation examples, 0 to 1."""
    not_finite: tuple[str, ...] = ()
    """Names of the measures that were NaN or infinite."""


class TuneCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A model saved during training."""

    id: str
    step: int
    model: str
    at: datetime | None
    metrics: MetricPoint


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A model's answer; tokens are null where the provider does not count them. `raw` is the whole reply.

    `refusal`: the model's own words when it declined. `cost` in US dollars, where the provider says it itself.
    `cached_tokens` are among the input's, `reasoning_tokens` among the output's. `headers`: request id and rate limits.
    """

    text: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    finish_reason: str | None
    raw: dict[str, Any]
    refusal: str | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()
    logprobs: dict[str, Any] | None = None
    cost: Decimal | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    headers: Mapping[str, str] = {}

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request, for its support."""
        return self.headers.get(REQUEST_ID)
