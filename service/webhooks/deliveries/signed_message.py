"""Messages: a small JSON body, signed as Standard Webhooks specifies (github.com/standard-webhooks)."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from standardwebhooks import Webhook

SECRET_BYTES = 32
TEST_TYPE = "WebhookTest"


class MessageData(msgspec.Struct, frozen=True, kw_only=True):
    """The resource's id and the event's seq. `GET /v1/events/{seq}` has the rest, for callers with an API key."""

    id: UUID
    seq: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`id` stays the same when the message is sent again. `timestamp`: when the event was recorded."""

    id: str
    type: str
    timestamp: datetime
    data: MessageData


def build_message(workspace_id: UUID, *, seq: int, type_: str, stream_id: UUID, recorded_at: datetime) -> Message:
    data = MessageData(id=stream_id, seq=seq)
    return Message(id=f"evt_{workspace_id.hex}_{seq}", type=type_, timestamp=recorded_at, data=data)


def build_test_message(webhook_id: UUID, *, delivery_id: UUID, at: datetime) -> Message:
    """Build a test message. It has no event, so its seq is 0."""
    return Message(id=build_test_id(delivery_id), type=TEST_TYPE, timestamp=at, data=MessageData(id=webhook_id, seq=0))


def build_test_id(delivery_id: UUID) -> str:
    return f"test_{delivery_id.hex}"


def generate_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def sign(message_id: str, body: bytes, *, signers: Iterable[Webhook], at: datetime) -> dict[str, str]:
    """Build the standard's three headers, with one signature per secret, so that secrets can be rotated."""
    signatures = [signer.sign(message_id, at, body.decode()) for signer in signers]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
