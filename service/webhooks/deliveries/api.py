"""Routes for deliveries: list and read them, send a test, redeliver."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.engine import new_id
from service.errors import NotFound
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.http.responses import build_response
from service.ledger.store import Caller, Ledger
from service.webhooks.deliveries import delivery_log
from service.webhooks.deliveries.delivery_log import DeliveryKind, DeliveryState
from service.webhooks.deliveries.signed_message import TEST_TYPE, build_test_id
from service.webhooks.domain import WEBHOOK, require_webhook

# The handler calls it `in_state`, since Litestar reserves the parameter name `state`.
StateFilter = Annotated[
    DeliveryState | None, QueryParameter(name="state", description="Only deliveries in this state.")
]
SeqFilter = Annotated[
    int | None, QueryParameter(name="seq", ge=1, lt=10**15, description="Only deliveries of the event with this seq.")
]


class DeliveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The receiver's response."""

    status: int
    """HTTP status."""
    headers: dict[str, str]
    """The first 50 response headers, by lower-case name."""
    body: str
    """The first 1,024 bytes of the response body, as text."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to send a message to a webhook.

    A failed event is retried as a new delivery; tests and redeliveries are sent once.
    """

    id: UUID
    """The delivery's id."""
    webhook_id: UUID
    """The webhook it was sent to."""
    kind: DeliveryKind
    """`event`, or `test` or `redelivery` for one that was asked for."""
    state: DeliveryState
    """`accepted` when the receiver responded with a 2xx status."""
    seq: int
    """Number of the event in the log. 0 for a test."""
    type: str
    """The event's type, or `WebhookTest`."""
    message_id: str
    """The `webhook-id` header. It stays the same when a message is sent again."""
    attempt: int
    """1 for the first attempt to send this message."""
    created_at: datetime
    """When the delivery was created."""
    sent_at: datetime | None
    """When it was sent. Null while pending."""
    latency_ms: int | None
    """Milliseconds until the response or the error. Null while pending."""
    answer: DeliveryAnswer | None
    """The receiver's response. Null without one."""
    error: str | None
    """Why there was no response. Null when there was one."""
    next_attempt_at: datetime | None
    """When the message is retried. Null when it is not."""


class DeliveryPage(Page[Delivery], frozen=True, kw_only=True):
    """One page of deliveries, the newest first."""


@get(
    "/webhooks/{webhook_id:uuid}/deliveries",
    operation_id="list_webhook_deliveries",
    summary="List a webhook's deliveries, newest first",
    guards=[require_scope("webhooks:read")],
    tags=["webhooks"],
)
async def list_webhook_deliveries(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: StateFilter = None,
    of_seq: SeqFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """Deliveries are stored for 30 days."""
    await _require_webhook(ledger, caller, webhook_id)
    before = decode_cursor(cursor, tuple[UUID])
    rows = await delivery_log.list_deliveries(
        ledger.engine,
        caller.workspace_id,
        webhook_id,
        state=in_state,
        seq=of_seq,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    return page(DeliveryPage, [_to_delivery(row) for row in rows], limit, key=lambda delivery: delivery.id)


@get(
    "/deliveries/{delivery_id:uuid}",
    operation_id="get_delivery",
    summary="Get a delivery",
    guards=[require_scope("webhooks:read")],
    tags=["webhooks"],
)
async def get_delivery(
    delivery_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Delivery:
    return _to_delivery(await _get_row(ledger, caller, delivery_id))


@post(
    "/webhooks/{webhook_id:uuid}/test",
    operation_id="test_webhook",
    summary="Send a test message to a webhook",
    guards=[require_scope("webhooks:write")],
    status_code=202,
    tags=["webhooks"],
)
async def send_test(
    webhook_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Delivery]:
    """A worker sends it once, even if the webhook is inactive. Get the delivery to see the receiver's response."""
    await _require_webhook(ledger, caller, webhook_id)
    return await _create_delivery(ledger, caller, webhook_id)


@post(
    "/deliveries/{delivery_id:uuid}/redeliver",
    operation_id="redeliver_delivery",
    summary="Send a delivery's message again",
    guards=[require_scope("webhooks:write")],
    status_code=202,
    tags=["webhooks"],
)
async def redeliver(
    delivery_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Delivery]:
    """Sent once, with the same message id, independent of other messages. A test is repeated as a new test."""
    original = await _get_row(ledger, caller, delivery_id)
    await _require_webhook(ledger, caller, original.webhook_id)
    if original.kind == "test":
        return await _create_delivery(ledger, caller, original.webhook_id)
    message = {"seq": original.seq, "type": original.type, "message_id": original.message_id}
    return await _create_delivery(ledger, caller, original.webhook_id, kind="redelivery", **message)


async def _require_webhook(ledger: Ledger, caller: Caller, webhook_id: UUID) -> None:
    require_webhook((await ledger.get(WEBHOOK, caller.workspace_id, webhook_id)).state)


async def _get_row(ledger: Ledger, caller: Caller, delivery_id: UUID) -> Any:
    row = await delivery_log.find_delivery(ledger.engine, caller.workspace_id, delivery_id)
    if row is None:
        raise NotFound("No such delivery. Deliveries are deleted after 30 days.")
    return row


async def _create_delivery(ledger: Ledger, caller: Caller, webhook_id: UUID, **message: Any) -> Response[Delivery]:
    """Queue a delivery for a worker: of `message`, or else of a new test."""
    id_ = new_id()
    test = {"kind": "test", "seq": 0, "type": TEST_TYPE, "message_id": build_test_id(id_)}
    row = {"id": id_, "webhook_id": webhook_id} | (message or test)
    delivery = _to_delivery(await delivery_log.create_delivery(ledger.engine, caller.workspace_id, row))
    return build_response(delivery, status=202, location=f"/v1/deliveries/{delivery.id}")


def _to_delivery(row: Any) -> Delivery:
    names = [name for name in Delivery.__struct_fields__ if name != "answer"]
    answer = None if row.status is None else DeliveryAnswer(status=row.status, headers=row.headers, body=row.body)
    return Delivery(**{name: getattr(row, name) for name in names}, answer=answer)


router = Router(path="/", route_handlers=[list_webhook_deliveries, get_delivery, send_test, redeliver])
