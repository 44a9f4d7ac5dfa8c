"""The interfaces of providers, one per ability. An adapter implements those that its traits name.

Every call raises ProviderRefused (for good) or ProviderUnavailable (try again).
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from service.providers.provider import (
    AccountCheck,
    Completion,
    JobSpec,
    Method,
    MetricPoint,
    RemoteEvent,
    RemoteJob,
    TuneCheckpoint,
    ignore_headers,
)
from service.providers.traits import Format, Parameter

DeploymentState = Literal["creating", "ready", "cold", "stopping", "stopped", "failed"]


class TrainingFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file on disk to send. `name` contains the digest, so a file whose response was lost is found by its name."""

    name: str
    path: Path
    digest: str
    bytes: int
    rows: int
    format: Format


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """The jobs that carry a token, the oldest first. `complete`: no other one is in the provider's list.

    Without a job it means absent when complete, and unknown when not.
    """

    jobs: tuple[RemoteJob, ...] = ()
    complete: bool = True


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is new about a job, oldest first. `cursor` is the adapter's own: pass it back to get what comes next.

    `troubles` say which parts could not be read. The other parts are there all the same, and the cursor stays before
    what is missing. Points and checkpoints may repeat: a step or an id names each once.
    """

    cursor: str | None = None
    events: tuple[RemoteEvent, ...] = ()
    metrics: tuple[MetricPoint, ...] = ()
    checkpoints: tuple[TuneCheckpoint, ...] = ()
    troubles: tuple[str, ...] = ()


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's price for a job. `allowed` is false when its own limits refuse the job."""

    amount: Decimal
    currency: str
    tokens: int | None = None
    allowed: bool = True


class DeploymentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What to deploy. `model` is the provider's name of the tuned model; `token` lets a lost deployment be found."""

    model: str
    token: str
    name: str
    hardware: str | None = None
    min_replicas: int = 0
    max_replicas: int = 1
    idle_minutes: int | None = None


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """A deployed model. `address` is what a request names as its model; null until it is known.

    `hourly_price`: in US dollars, for each replica that runs.
    """

    id: str
    state: DeploymentState
    raw_status: str
    address: str | None = None
    error: str | None = None
    updated_at: datetime | None = None
    hourly_price: Decimal | None = None


class WeightFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a tuned model's weights. `ref` is the adapter's own; size and digest (sha256) are null if unknown."""

    name: str
    ref: str
    bytes: int | None = None
    digest: str | None = None


class Tuner(Protocol):
    """Trains models."""

    async def check(self) -> AccountCheck:
        """Prove that the secret works and that jobs may be listed."""

    async def base_models(self) -> tuple[str, ...]:
        """Ids of the untuned models the account sees; empty if the provider does not list them."""

    async def upload(self, file: TrainingFile) -> str:
        """Send a file in constant memory. Returns the provider's reference once a job can use it."""

    async def find_file(self, file: TrainingFile) -> str | None:
        """The reference of this file if the provider has it already, as after an upload whose response was lost."""

    async def delete_file(self, reference: str) -> None:
        """Remove a file; one that is gone already is fine."""

    async def find(self, token: str) -> Lookup:
        """Find the jobs that were submitted with this token."""

    async def submit(self, order: JobSpec) -> RemoteJob:
        """Create the job, without retries. After ProviderUnavailable it may exist, so `find` it first."""

    async def job(self, job_id: str) -> RemoteJob:
        """Read one job."""

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        """Read many jobs with few requests. Those missing in the answer may exist: read them with `job`."""

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        """What happened to a job since `cursor`. Parts that fail are told as troubles, not raised."""

    async def cancel(self, job_id: str) -> RemoteJob:
        """Ask the provider to cancel a job. The job may still succeed."""

    async def aclose(self) -> None:
        """Close the connections."""


class Chat(Protocol):
    """Answers chats, in the shape of OpenAI's chat completions whatever the provider's own shape is."""

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
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None = None,
        opened: Callable[[Mapping[str, str]], None] = ignore_headers,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Stream one chat completion as OpenAI's chunks. The last chunk with `usage` counts the tokens.

        `opened` is called with the headers as of a Completion once the provider has accepted the request: what is
        raised before is an answer with a status, and what is raised after is an error inside the stream.
        """


class Provider(Tuner, Chat, Protocol):
    """What every adapter can do."""


@runtime_checkable
class Pauser(Protocol):
    """Pauses jobs."""

    async def pause(self, job_id: str) -> RemoteJob:
        """Ask the provider to pause a job."""

    async def resume(self, job_id: str) -> RemoteJob:
        """Ask the provider to go on with a paused job."""


@runtime_checkable
class Quoter(Protocol):
    """Tells a price beforehand."""

    async def quote(self, order: JobSpec) -> Quote | None:
        """Ask for the price of a job; null where the provider gives none for it."""


@runtime_checkable
class ParameterSource(Protocol):
    """Knows the limits of each model."""

    async def parameters(self, base_model: str, method: Method) -> dict[str, Parameter]:
        """The method's hyperparameters in the ranges of this model. Raises Refused if it cannot be tuned."""


@runtime_checkable
class Deployer(Protocol):
    """Runs models on machines that are paid by the hour."""

    async def find_deployment(self, token: str) -> Deployment | None:
        """Find the deployment that was made with this token."""

    async def deploy(self, spec: DeploymentSpec) -> Deployment:
        """Start a deployment, without retries. After ProviderUnavailable it may exist, so find it first."""

    async def deployment(self, deployment_id: str) -> Deployment:
        """Read one deployment."""

    async def undeploy(self, deployment_id: str) -> None:
        """Stop a deployment and its costs; one that is gone already is fine."""


@runtime_checkable
class WeightSource(Protocol):
    """Gives tuned weights away."""

    async def weights(self, job_id: str, *, checkpoint: str | None = None) -> tuple[WeightFile, ...]:
        """List the files of a job's weights."""

    def read_weights(self, file: WeightFile) -> AsyncIterator[bytes]:
        """Download one file."""


@runtime_checkable
class ModelHost(Protocol):
    """Takes weights from elsewhere."""

    async def import_model(self, name: str, base_model: str, files: Sequence[Path]) -> str:
        """Upload a LoRA adapter or a merged model. Returns the provider's name of it. The same name again is fine."""


class HostedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A tuned model that an account has. `base_model` is null where the provider does not say it."""

    name: str
    base_model: str | None = None


@runtime_checkable
class ModelFinder(Protocol):
    """Knows the account's tuned models."""

    async def find_model(self, model: str) -> HostedModel | None:
        """The tuned model with this name; null if the account has none."""


@runtime_checkable
class ModelDeleter(Protocol):
    """Deletes models."""

    async def delete_model(self, model: str) -> None:
        """Delete a tuned model; one that is gone already is fine."""
