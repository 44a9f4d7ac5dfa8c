"""The interface that every fine-tuning provider implements, independent of any one of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from service.errors import Fault, ProviderRefused, ProviderUnavailable
from service.network.address_policy import PUBLIC, AddressPolicy

Kind = Literal["openai", "together", "vertex", "bedrock", "fireworks", "sandbox"]
State = Literal["pending", "validating", "queued", "running", "paused", "succeeded", "failed", "cancelled"]
Method = Literal["supervised", "dpo", "reinforcement"]

# Why there is no usable response: rate limited, timed out, not readable, or not reachable.
UnreachableReason = Literal["busy", "timed_out", "unreadable", "down"]

FINISHED: frozenset[State] = frozenset({"succeeded", "failed", "cancelled"})


class Refused(ProviderRefused):
    """The provider refused for good"""

    def __init__(self, detail: str, *, provider_code: str | None = None, provider_status: int | None = None) -> None:
        faults = [Fault(detail=detail, code=provider_code)] if provider_code else []
        super().__init__(detail, errors=faults)
        self.provider_code = provider_code
        self.provider_status = provider_status


class Unreachable(ProviderUnavailable):
    """The provider cannot be reached or asks to wait"""

    def __init__(
        self,
        detail: str,
        *,
        retry_after: float | None = None,
        provider_code: str | None = None,
        provider_status: int | None = None,
        because: UnreachableReason = "down",
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.provider_code = provider_code
        self.provider_status = provider_status
        self.because = because


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
    alone, by the names that its traits declare. `policy` says which addresses may be connected to.
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

    def __repr__(self) -> str:
        return f"Account(kind={self.kind!r}, base_url={self.base_url!r}, secret=…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("kind", self.kind), ("base_url", self.base_url)]


class AccountCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The account works. `models`: the ids it can see, empty if the provider does not list them."""

    models: tuple[str, ...] = ()


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


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A job and what is known of it, oldest first. Points and checkpoints may repeat: a step or id names each once."""

    job: RemoteJob
    events: tuple[RemoteEvent, ...] = ()
    metrics: tuple[MetricPoint, ...] = ()
    checkpoints: tuple[TuneCheckpoint, ...] = ()


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A model's answer; tokens are null where the provider does not count them. `raw` is the whole reply.

    `refusal`: the model's own words when it declined. `cost` in US dollars, where the provider says it itself.
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


class TuningProvider(Protocol):
    """A provider of fine-tuning. Every call raises ProviderRefused (for good) or ProviderUnavailable (try again)."""

    async def check(self) -> AccountCheck:
        """Prove that the secret works and that jobs may be listed."""

    async def base_models(self) -> tuple[str, ...]:
        """Ids of the untuned models the account sees."""

    async def upload(self, name: str, chunks: AsyncIterator[bytes]) -> str:
        """Upload a training file in constant memory. Returns its id once the provider can use it."""

    async def delete_file(self, file_id: str) -> None:
        """Remove a file; one that is gone already is fine."""

    async def find(self, token: str) -> RemoteJob | None:
        """The job that was submitted with this token, if there is one."""

    async def submit(self, order: JobSpec) -> RemoteJob:
        """Create the job, without retries. After ProviderUnavailable it may exist, so `find` it first."""

    async def progress(self, job_id: str, *, after_event: str | None = None) -> Progress:
        """The job, its events after `after_event`, the points they carry, and checkpoints."""

    async def cancel(self, job_id: str) -> RemoteJob:
        """Ask the provider to cancel a job. The job may still succeed."""

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        options: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> Completion:
        """Request one chat completion. `options` are further fields of the request (tools, top_p, seed, …).

        `schema`: JSON Schema for the answer. `token`: lets `find_completion` find the answer later.
        """

    async def delete_completion(self, token: str) -> None:
        """Remove the answers that were made for this token, where the provider keeps answers."""

    async def find_completion(self, token: str) -> Completion | None:
        """Find the completion with this token, if the provider stores completions."""

    def stream(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, options: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Stream one chat completion as OpenAI's chunks. The last chunk with `usage` counts the tokens."""

    async def aclose(self) -> None:
        """Close the connections."""
