# Generated from openapi/openapi.json by `make clients`.
"""Structs of deployments."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Money


class Deployment(Shape, frozen=True, kw_only=True):
    """A model that runs on machines of its own."""

    id: str
    """The deployment's id."""
    state: OneOf["cold", "creating", "failed", "pending", "ready", "stopped", "stopping"]
    """What it does, the same words for all providers. `cold`: it wakes up at the next request."""
    raw_status: str | None
    """The status that the provider reports, unchanged."""
    connection_id: str
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
    stop_after: str
    """When it is stopped at the latest."""
    created_at: dt.datetime
    """When it was asked for."""
    created_by: str
    """Name of the member who asked for it."""
    updated_at: dt.datetime
    """When it last changed."""
    ended_at: dt.datetime | None
    """When it ended. Null while it may cost something."""


class DeploymentPage(Shape, frozen=True, kw_only=True):
    """One page of deployments."""

    data: list[Deployment]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
