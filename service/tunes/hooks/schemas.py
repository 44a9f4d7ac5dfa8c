"""Requests and responses of the webhooks that providers send."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.http.bodies import Body, Reason

SigningSecret = Annotated[
    str,
    Meta(
        pattern=r"^(whsec_)?[A-Za-z0-9+/]{16,200}={0,2}$",
        description="The signing secret that the provider showed. Write-only: stored encrypted and never shown.",
    ),
]


class NewConnectionHook(Body):
    """The webhook that the provider is to send for a connection's account."""

    secret: SigningSecret
    reason: Reason | None = None
    """Why, for the history."""


class ConnectionHook(msgspec.Struct, frozen=True, kw_only=True):
    """Where the provider is to send its webhooks."""

    connection_id: UUID
    """The connection."""
    path: str
    """Below this server's address; give the provider the whole URL."""
    active: bool
    """Whether a secret is known, so that what comes is believed to be the provider's."""


class HookReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The webhook was signed by the provider, and came for the first time."""

    looks_soon: bool
    """Whether jobs are followed there, which are now looked at at once."""
