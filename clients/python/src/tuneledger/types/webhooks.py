# Generated from openapi/openapi.json by `make clients`.
"""Structs of webhooks."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape


class Delivery(Shape, frozen=True, kw_only=True):
    """One attempt to tell a webhook of the event `seq`. A `test` tells of none, so its seq is 0.

    `error` says why there is no `answer`. What was not accepted is tried again at `next_attempt_at`, as a delivery
    of its own; a test or a redelivery is sent once.
    """

    id: str
    webhook_id: str
    kind: OneOf["event", "redelivery", "test"]
    state: OneOf["accepted", "failed", "pending"]
    seq: int
    type: str
    message_id: str
    attempt: int
    created_at: dt.datetime
    sent_at: dt.datetime | None
    latency_ms: int | None
    answer: DeliveryAnswer | None
    error: str | None
    next_attempt_at: dt.datetime | None


class DeliveryAnswer(Shape, frozen=True, kw_only=True):
    """What the receiver said; `body` is its first KiB."""

    status: int
    headers: dict[str, str]
    body: str


class DeliveryPage(Shape, frozen=True, kw_only=True):
    """One page of deliveries, the newest first."""

    data: list[Delivery]
    next_cursor: str | None
    count: int | None = None


class HeldStream(Shape, frozen=True, kw_only=True):
    """A resource whose event `seq` was not accepted so far, and whose later events wait for that."""

    stream_id: str
    seq: int
    attempts: int
    next_attempt_at: dt.datetime


class Webhook(Shape, frozen=True, kw_only=True):
    """Somebody's server that is told of events. `notice` says why it is not active, when that was not your doing."""

    id: str
    url: str
    types: list[str]
    description: str
    order: OneOf["log", "stream"]
    active: bool
    notice: WebhookNotice | None
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime


class WebhookDetail(Shape, frozen=True, kw_only=True):
    """A webhook and how far it was told; `standing` is null until a worker has first seen it."""

    id: str
    url: str
    types: list[str]
    description: str
    order: OneOf["log", "stream"]
    active: bool
    notice: WebhookNotice | None
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    standing: WebhookStanding | None


class WebhookNotice(Shape, frozen=True, kw_only=True):
    """Why we disabled it: `gone` when it answered 410, `failing` when for days it accepted nothing."""

    why: OneOf["failing", "gone"]
    detail: str
    at: str


class WebhookPage(Shape, frozen=True, kw_only=True):
    """One page of webhooks."""

    data: list[Webhook]
    next_cursor: str | None
    count: int | None = None


class WebhookStanding(Shape, frozen=True, kw_only=True):
    """How far it was told: everything up to the event `reached`, but of the streams `held`. The log ends at `head`."""

    reached: int
    head: int
    held: list[HeldStream]
    failing_since: str | None
    accepted_at: dt.datetime | None


class WebhookWithSecret(Shape, frozen=True, kw_only=True):
    """With its new secret, which is shown once; in a repeated answer it is null."""

    id: str
    url: str
    types: list[str]
    description: str
    order: OneOf["log", "stream"]
    active: bool
    notice: WebhookNotice | None
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    secret: str | None
