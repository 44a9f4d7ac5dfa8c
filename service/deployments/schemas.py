"""HTTP requests and responses for deployments."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from service.connections.base_models.schemas import Money
from service.deployments.domain import DeploymentPhase, DeploymentRecord, DeploymentRequested, compute_hours
from service.http.bodies import NO_NUL, Body
from service.http.pagination import Page
from service.ledger.decider import StreamState

Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6})?$", description="US dollars, a decimal number.")]
Hardware = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
ModelName = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=NO_NUL)]
DisplayName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")]
DEFAULT_HOURS = 8.0
OF_STREAM = ("id", "created_at", "created_by", "updated_at")
OF_REQUEST = (
    *("connection_id", "connection_kind", "model", "name"),
    *("hardware", "min_replicas", "max_replicas", "idle_minutes"),
)


class NewDeployment(Body):
    """A model to run on machines of its own. They cost by the hour until the deployment is stopped."""

    connection_id: UUID
    """The connection to the provider that has the model."""
    model: ModelName
    """The provider's name of the model: a tune's or model version's `provider_model`."""
    name: DisplayName = "tuneledger"
    """A name that the provider shows."""
    hardware: Hardware | None = None
    """The machine, by the provider's name. Null: the provider's choice."""
    min_replicas: Annotated[int, Meta(ge=0, le=64)] = 0
    """The fewest machines. 0 scales to zero where the provider can: the first request after that has to wait."""
    max_replicas: Annotated[int, Meta(ge=1, le=64)] = 1
    """The most machines."""
    idle_minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None
    """Minutes without a request after which machines are given back. Null: the provider's choice."""
    price_per_hour: Amount | None = None
    """What a machine costs by the hour, where the provider does not say."""
    stop_after_hours: Annotated[float, Meta(gt=0, le=8_760)] = DEFAULT_HOURS
    """It is stopped after so many hours, whatever happens."""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """A model that runs on machines of its own."""

    id: UUID
    """The deployment's id."""
    state: DeploymentPhase
    """What it does, the same words for all providers. `cold`: it wakes up at the next request."""
    raw_status: str | None
    """The status that the provider reports, unchanged."""
    connection_id: UUID
    """The connection to the provider."""
    connection_kind: str
    """The kind of provider."""
    model: str
    """The provider's name of the model."""
    name: str
    """The name that the provider shows."""
    hardware: str | None
    """The machine that was asked for."""
    min_replicas: int
    """The fewest machines."""
    max_replicas: int
    """The most machines."""
    idle_minutes: int | None
    """Minutes without a request after which machines are given back."""
    deployment_id: str | None
    """The provider's id of it. Null until it exists."""
    address: str | None
    """What requests name as their model; Tuneledger does so by itself. Null until it is known."""
    error: str | None
    """Why it failed or is in trouble."""
    price_per_hour: Money | None
    """What one machine costs by the hour. Null when unknown."""
    hours: float
    """Hours since it was first seen at the provider, to its end."""
    cost: Money | None
    """Hours times price for one machine: the most it can have cost with `max_replicas` 1. Null when unknown."""
    stop_requested: bool
    """Whether it is to be stopped."""
    stop_after: datetime
    """When it is stopped at the latest."""
    created_at: datetime
    """When it was asked for."""
    created_by: str
    """Name of the member who asked for it."""
    updated_at: datetime
    """When it last changed."""
    ended_at: datetime | None
    """When it ended. Null while it may cost something."""


class DeploymentPage(Page[Deployment], frozen=True, kw_only=True):
    """One page of deployments."""


def from_stored(stored: StreamState[DeploymentRecord]) -> Deployment:
    return _build(
        stored.state,
        id=stored.id,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
    )


def from_row(row: Any) -> Deployment:
    asked = msgspec.convert(
        {**row.asked, "connection_id": row.connection_id, "model": row.model}, DeploymentRequested, strict=False
    )
    names = set(DeploymentRecord.__struct_fields__) - {"asked", "token"}
    record = DeploymentRecord(asked=asked, **{name: getattr(row, name) for name in names})
    return _build(record, **{name: getattr(row, name) for name in OF_STREAM})


def _build(record: DeploymentRecord, **fields: Any) -> Deployment:
    hours = compute_hours(record, now=datetime.now(UTC))
    price = Decimal(record.price_per_hour) if record.price_per_hour else None
    seen = ("state", "raw_status", "deployment_id", "address", "error", "stop_requested", "ended_at")
    currency = record.asked.currency
    return Deployment(
        **fields,
        **{name: getattr(record.asked, name) for name in OF_REQUEST},
        **{name: getattr(record, name) for name in seen},
        stop_after=record.asked.stop_after,
        hours=round(hours, 3),
        price_per_hour=None if price is None else Money(amount=price, currency=currency),
        cost=None if price is None else Money(amount=round(price * Decimal(hours), 4), currency=currency),
    )
