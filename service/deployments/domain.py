"""A deployment: a model that runs on machines paid by the hour, from the request until nothing is paid any more."""

from datetime import datetime, timedelta
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.ledger.decider import Decider, Event

DeploymentPhase = Literal["pending", "creating", "ready", "cold", "stopping", "stopped", "failed"]


class DeploymentRequested(Event):
    """`model` is the provider's name. `stop_after`: it is stopped then, whatever happens."""

    connection_id: UUID
    connection_kind: str
    model: str
    name: str
    stop_after: datetime
    hardware: str | None = None
    min_replicas: int = 0
    max_replicas: int = 1
    idle_minutes: int | None = None
    price_per_hour: str | None = None
    currency: str = "USD"
    request_id: str = ""


class DeploymentSubmitting(Event):
    """It is about to be created at the provider. From here on it may exist and cost, so it is looked for by `token`."""

    token: str


class DeploymentObserved(Event):
    """What the provider reports, when it has changed."""

    deployment_id: str
    state: DeploymentPhase
    raw_status: str
    at: datetime
    address: str | None = None
    error: str | None = None
    price_per_hour: str | None = None


class DeploymentStopRequested(Event):
    reason: str | None = None


class DeploymentStopped(Event):
    """Nothing is paid any more. `by_provider`: it was not stopped by us."""

    at: datetime
    by_provider: bool = False


class DeploymentFailed(Event):
    message: str
    at: datetime


DeploymentEvent = (
    DeploymentRequested
    | DeploymentSubmitting
    | DeploymentObserved
    | DeploymentStopRequested
    | DeploymentStopped
    | DeploymentFailed
)


class DeploymentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment as its log tells it. `started_at`: since when it may cost something."""

    asked: DeploymentRequested
    state: DeploymentPhase = "pending"
    token: str | None = None
    deployment_id: str | None = None
    raw_status: str | None = None
    address: str | None = None
    error: str | None = None
    price_per_hour: str | None = None
    stop_requested: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing is paid any more. One that failed at the provider may still cost something."""
        return self.ended_at is not None


def evolve(deployment: DeploymentRecord | None, event: DeploymentEvent) -> DeploymentRecord:
    if isinstance(event, DeploymentRequested):
        return DeploymentRecord(asked=event, price_per_hour=event.price_per_hour)
    if deployment is None:
        raise ValueError("a stream begins with its request")
    match event:
        case DeploymentSubmitting():
            return replace(deployment, token=event.token, state="creating")
        case DeploymentObserved():
            return replace(
                deployment,
                deployment_id=event.deployment_id,
                state=event.state,
                raw_status=event.raw_status,
                address=event.address or deployment.address,
                error=event.error,
                price_per_hour=event.price_per_hour or deployment.price_per_hour,
                started_at=deployment.started_at or event.at,
            )
        case DeploymentStopRequested():
            return replace(deployment, stop_requested=True)
        case DeploymentStopped():
            return replace(deployment, state="failed" if deployment.state == "failed" else "stopped", ended_at=event.at)
        case DeploymentFailed():
            return replace(deployment, state="failed", error=event.message, ended_at=event.at)
        case _:
            assert_never(event)


DEPLOYMENT: Decider[DeploymentRecord, DeploymentEvent] = Decider(
    "deployment",
    events=(
        DeploymentRequested,
        DeploymentSubmitting,
        DeploymentObserved,
        DeploymentStopRequested,
        DeploymentStopped,
        DeploymentFailed,
    ),
    evolve=evolve,
)


def require_deployment(deployment: DeploymentRecord | None) -> DeploymentRecord:
    if deployment is None:
        raise NotFound("No such deployment.")
    return deployment


def begin(deployment: DeploymentRecord | None, *, token: str) -> list[DeploymentEvent]:
    """Record that it is about to be created. Not after a request to stop, and not twice."""
    record = require_deployment(deployment)
    return [] if record.token or record.stop_requested or record.ended else [DeploymentSubmitting(token=token)]


def observe(deployment: DeploymentRecord | None, seen: DeploymentObserved) -> list[DeploymentEvent]:
    """Record what changed. One that the provider stopped by itself has ended."""
    record = require_deployment(deployment)
    if record.ended:
        return []
    if seen.state == "stopped":
        return [DeploymentStopped(at=seen.at, by_provider=not record.stop_requested)]
    known = (record.deployment_id, record.state, record.raw_status, record.address, record.error)
    news = (seen.deployment_id, seen.state, seen.raw_status, seen.address or record.address, seen.error)
    return [] if known == news else [seen]


def stop(deployment: DeploymentRecord | None, *, reason: str | None, at: datetime) -> list[DeploymentEvent]:
    """Stop it: at once if it cannot exist yet, else by asking the provider. Again is fine."""
    record = require_deployment(deployment)
    if record.ended or record.stop_requested:
        return []
    if record.token is None:
        return [DeploymentStopped(at=at)]
    return [DeploymentStopRequested(reason=reason)]


def record_stopped(deployment: DeploymentRecord | None, *, at: datetime, by_provider: bool) -> list[DeploymentEvent]:
    record = require_deployment(deployment)
    return [] if record.ended else [DeploymentStopped(at=at, by_provider=by_provider)]


def fail(deployment: DeploymentRecord | None, message: str, *, at: datetime) -> list[DeploymentEvent]:
    record = require_deployment(deployment)
    return [] if record.ended else [DeploymentFailed(message=message, at=at)]


def require_deployable(kind: str, *, deployment: str) -> None:
    """Raises Conflict where models of this kind are not deployed by themselves."""
    if deployment == "automatic":
        raise Conflict(f"A model at {kind} runs without a deployment of its own.")
    if deployment == "none":
        raise Conflict(f"A model at {kind} is run as it is; it needs no deployment.")


def compute_hours(record: DeploymentRecord, *, now: datetime) -> float:
    """The hours since it was seen at the provider, to its end."""
    if record.started_at is None:
        return 0.0
    return max((record.ended_at or now) - record.started_at, timedelta()) / timedelta(hours=1)
