# Generated from openapi/openapi.json by `make clients`.
"""Structs of webhooks."""

from __future__ import annotations

import datetime as dt

from msgspec import field

from tuneledger._shapes import OneOf, Shape


class Delivery(Shape, frozen=True, kw_only=True):
    """One attempt to send a message to a webhook.

    A failed event is retried as a new delivery; tests and redeliveries are sent once.
    """

    id: str
    """The delivery's id."""
    webhook_id: str
    """The webhook it was sent to."""
    kind: OneOf["event", "redelivery", "test"]
    """`event`, or `test` or `redelivery` for one that was asked for."""
    state: OneOf["accepted", "failed", "pending"]
    """`accepted` when the receiver responded with a 2xx status."""
    seq: int
    """Number of the event in the log. 0 for a test."""
    type: str
    """The event's type, or `WebhookTest`."""
    message_id: str
    """The `webhook-id` header. It stays the same when a message is sent again."""
    attempt: int
    """1 for the first attempt to send this message."""
    created_at: dt.datetime
    """When the delivery was created."""
    sent_at: dt.datetime | None
    """When it was sent. Null while pending."""
    latency_ms: int | None
    """Milliseconds until the response or the error. Null while pending."""
    answer: DeliveryAnswer | None
    """The receiver's response. Null without one."""
    error: str | None
    """Why there was no response. Null when there was one."""
    next_attempt_at: dt.datetime | None
    """When the message is retried. Null when it is not."""


class DeliveryAnswer(Shape, frozen=True, kw_only=True):
    """The receiver's response."""

    status: int
    """HTTP status."""
    headers_: dict[str, str] = field(name="headers")
    """The first 50 response headers, by lower-case name."""
    body_: str = field(name="body")
    """The first 1,024 bytes of the response body, as text."""


class DeliveryPage(Shape, frozen=True, kw_only=True):
    """One page of deliveries, the newest first."""

    data: list[Delivery]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class HeldStream(Shape, frozen=True, kw_only=True):
    """A resource whose later events wait because the receiver has not accepted event `seq`."""

    stream_id: str
    """The resource's id."""
    seq: int
    """The event that was not accepted."""
    attempts: int
    """How often it was sent."""
    next_attempt_at: dt.datetime
    """When it is sent again."""


class Webhook(Shape, frozen=True, kw_only=True):
    """An endpoint of yours that receives events."""

    id: str
    """The webhook's id."""
    url: str
    """Where messages are sent."""
    types: list[str]
    """Event types that are sent. Empty: all."""
    description: str
    """Free text for people."""
    order: OneOf["log", "stream"]
    """What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`)."""
    active: bool
    """Whether events are sent."""
    notice: WebhookNotice | None
    """Why the server disabled it. Null when the server did not."""
    created_at: dt.datetime
    """When the webhook was created."""
    created_by: str
    """Name of the member who created it."""
    updated_at: dt.datetime
    """When the webhook last changed."""


class WebhookDetail(Shape, frozen=True, kw_only=True):
    """A webhook and how far it has been told."""

    id: str
    """The webhook's id."""
    url: str
    """Where messages are sent."""
    types: list[str]
    """Event types that are sent. Empty: all."""
    description: str
    """Free text for people."""
    order: OneOf["log", "stream"]
    """What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`)."""
    active: bool
    """Whether events are sent."""
    notice: WebhookNotice | None
    """Why the server disabled it. Null when the server did not."""
    created_at: dt.datetime
    """When the webhook was created."""
    created_by: str
    """Name of the member who created it."""
    updated_at: dt.datetime
    """When the webhook last changed."""
    standing: WebhookStanding | None
    """Null until a worker has first handled the webhook, and as of a past time."""


class WebhookNotice(Shape, frozen=True, kw_only=True):
    """Why the server disabled the webhook."""

    why: OneOf["failing", "gone"]
    """`gone` when the receiver responded with 410; `failing` when it accepted nothing for days."""
    detail: str
    """What happened, for people."""
    at: str
    """When it was disabled."""


class WebhookPage(Shape, frozen=True, kw_only=True):
    """One page of webhooks."""

    data: list[Webhook]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class WebhookStanding(Shape, frozen=True, kw_only=True):
    """How far a webhook has been told."""

    reached: int
    """Every event up to this seq was accepted, except those of the streams in `held`."""
    head: int
    """The log's last seq."""
    held: list[HeldStream]
    """Streams that wait for an event to be accepted."""
    failing_since: str | None
    """Since when no message has been accepted. Null when the last ones were."""
    accepted_at: dt.datetime | None
    """When a message was last accepted. Null when none was."""


class WebhookWithSecret(Shape, frozen=True, kw_only=True):
    """A webhook and its new signing secret."""

    id: str
    """The webhook's id."""
    url: str
    """Where messages are sent."""
    types: list[str]
    """Event types that are sent. Empty: all."""
    description: str
    """Free text for people."""
    order: OneOf["log", "stream"]
    """What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`)."""
    active: bool
    """Whether events are sent."""
    notice: WebhookNotice | None
    """Why the server disabled it. Null when the server did not."""
    created_at: dt.datetime
    """When the webhook was created."""
    created_by: str
    """Name of the member who created it."""
    updated_at: dt.datetime
    """When the webhook last changed."""
    secret: str | None
    """Verifies the messages' signatures. Shown once; null in a repeated response."""
