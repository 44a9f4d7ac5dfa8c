"""HTTP requests and responses for webhooks."""

from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.errors import Fault, Unprocessable
from service.http.bodies import NO_NUL, Body, Reason
from service.http.pagination import Page
from service.ledger.decider import Event, StreamState
from service.webhooks.deliveries.delivery_cursor import DeliveryCursor
from service.webhooks.deliveries.sender import parse_url
from service.webhooks.domain import DisabledReason, Order, Settings, WebhookState

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2_000,
        pattern=r"^[!-~]+$",
        description="An https URL with a public address; private and link-local addresses are refused.",
    ),
]
EventType = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z]+$")]
Types = Annotated[
    list[EventType], Meta(max_length=200, description="Event types to send, such as `TuneSucceeded`. Empty: all.")
]
Description = Annotated[str, Meta(max_length=2_000, pattern=NO_NUL)]
Ordering = Annotated[
    Order,
    Meta(
        description="What waits for a message that is not accepted: later events of the same resource (`stream`), or"
        " all later events (`log`)."
    ),
]
Overlap = Annotated[
    int,
    Meta(ge=0, le=604_800, description="Seconds for which the older secrets still sign, beside the new one."),
]
Seq = Annotated[int, Meta(ge=1, lt=10**15)]


class NewWebhook(Body):
    """A webhook to create."""

    url: Url
    types: Types = []
    description: Description = ""
    """Free text for people."""
    order: Ordering = "stream"
    active: bool = True
    """Whether events are sent."""


class WebhookPatch(Body):
    """Fields that are left out stay unchanged."""

    url: Url | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    """Free text for people."""
    order: Ordering | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    """Whether events are sent. Setting it to true also sends the events missed meanwhile."""
    reason: Reason | None = None
    """Why; kept in the history."""


class RotateSecret(Body):
    """How long the older secrets still sign."""

    overlap_seconds: Overlap = 86_400


class Replay(Body):
    """Which events to send again."""

    from_seq: Annotated[Seq, Meta(description="The first event to send again.")]
    reason: Reason | None = None
    """Why; kept in the history."""


class WebhookNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Why the server disabled the webhook."""

    why: DisabledReason
    """`gone` when the receiver responded with 410; `failing` when it accepted nothing for days."""
    detail: str
    """What happened, for people."""
    at: datetime
    """When it was disabled."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint of yours that receives events."""

    id: UUID
    """The webhook's id."""
    url: str
    """Where messages are sent."""
    types: list[str]
    """Event types that are sent. Empty: all."""
    description: str
    """Free text for people."""
    order: Order
    """What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`)."""
    active: bool
    """Whether events are sent."""
    notice: WebhookNotice | None
    """Why the server disabled it. Null when the server did not."""
    created_at: datetime
    """When the webhook was created."""
    created_by: str
    """Name of the member who created it."""
    updated_at: datetime
    """When the webhook last changed."""


class WebhookWithSecret(Webhook, frozen=True, kw_only=True):
    """A webhook and its new signing secret."""

    secret: str | None
    """Verifies the messages' signatures. Shown once; null in a repeated response."""


class HeldStream(msgspec.Struct, frozen=True, kw_only=True):
    """A resource whose later events wait because the receiver has not accepted event `seq`."""

    stream_id: UUID
    """The resource's id."""
    seq: int
    """The event that was not accepted."""
    attempts: int
    """How often it was sent."""
    next_attempt_at: datetime
    """When it is sent again."""


class WebhookStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How far a webhook has been told."""

    reached: int
    """Every event up to this seq was accepted, except those of the streams in `held`."""
    head: int
    """The log's last seq."""
    held: list[HeldStream]
    """Streams that wait for an event to be accepted."""
    failing_since: datetime | None
    """Since when no message has been accepted. Null when the last ones were."""
    accepted_at: datetime | None
    """When a message was last accepted. Null when none was."""


class WebhookDetail(Webhook, frozen=True, kw_only=True):
    """A webhook and how far it has been told."""

    standing: WebhookStanding | None
    """Null until a worker has first handled the webhook, and as of a past time."""


class WebhookPage(Page[Webhook], frozen=True, kw_only=True):
    """One page of webhooks."""


@cache
def load_event_types() -> frozenset[str]:
    """The names of all event classes. The application has imported every context before the first call."""
    names, classes = set(), [Event]
    while classes:
        subclasses = classes.pop().__subclasses__()
        names |= {each.__name__ for each in subclasses}
        classes += subclasses
    return frozenset(names)


def build_settings(data: NewWebhook) -> Settings:
    """Convert the request. Raises Unprocessable when messages cannot be sent to the url."""
    _check_sendable(data.url)
    fields = {name: getattr(data, name) for name in Settings.__struct_fields__}
    return Settings(**fields | {"types": tuple(dict.fromkeys(data.types))})


def build_changes(data: WebhookPatch) -> dict[str, Any]:
    """The settings that the request sets. Raises Unprocessable when messages cannot be sent to the url."""
    values = {name: getattr(data, name) for name in Settings.__struct_fields__}
    changes = {name: value for name, value in values.items() if value is not UNSET}
    if "url" in changes:
        _check_sendable(changes["url"])
    if "types" in changes:
        changes["types"] = tuple(dict.fromkeys(changes["types"]))
    return changes


def _check_sendable(url: str) -> None:
    if parse_url(url) is None:
        detail = "Messages cannot be sent to this URL; check its host."
        raise Unprocessable(detail, errors=[Fault(pointer="/url", detail=detail)])


def webhook_fields(stored: StreamState[WebhookState]) -> dict[str, Any]:
    notice, settings = stored.state.disabled, stored.state.settings
    return {
        **{name: getattr(settings, name) for name in Settings.__struct_fields__},
        "types": list(settings.types),
        "id": stored.id,
        "notice": WebhookNotice(why=notice.why, detail=notice.detail, at=notice.at) if notice else None,
        "created_at": stored.created_at,
        "created_by": stored.created_by,
        "updated_at": stored.updated_at,
    }


def row_to_webhook(row: Any) -> Webhook:
    notice = msgspec.convert(row.disabled, WebhookNotice) if row.disabled else None
    times = {name: getattr(row, name) for name in ("id", "created_at", "created_by", "updated_at")}
    return Webhook(**row.settings, **times, notice=notice)


def build_standing(cursor: DeliveryCursor | None, head: int) -> WebhookStanding | None:
    if cursor is None:
        return None
    held = [
        HeldStream(stream_id=hold.stream_id, seq=hold.seq, attempts=hold.attempts, next_attempt_at=hold.due_at)
        for hold in cursor.holds
    ]
    return WebhookStanding(
        reached=cursor.seq,
        head=head,
        held=held,
        failing_since=cursor.failing_since,
        accepted_at=cursor.accepted_at,
    )


def history_fields(webhook: WebhookState) -> dict[str, Any]:
    """The fields of a webhook that its history compares. Secrets appear by id only."""
    fields: dict[str, Any] = msgspec.to_builtins(webhook)
    return {**fields.pop("settings"), **fields}
