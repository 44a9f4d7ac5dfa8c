"""Webhooks: endpoints of others that are told what was recorded."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.database.engine import new_id
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Caller, Ledger
from service.settings import Settings
from service.vault.vault import Vault
from service.webhooks import domain as webhooks
from service.webhooks import projection as views
from service.webhooks import schemas as shapes
from service.webhooks.deliveries import delivery_log as telemetry
from service.webhooks.deliveries import signed_message as messages
from service.webhooks.domain import WEBHOOK
from service.webhooks.schemas import (
    NewWebhook,
    Replay,
    RotateSecret,
    Webhook,
    WebhookDetail,
    WebhookPage,
    WebhookPatch,
    WebhookWithSecret,
)


@post(
    "/webhooks",
    operation_id="create_webhook",
    summary="Create a webhook",
    guards=[require_scope("webhooks:write")],
    tags=["webhooks"],
)
async def create_webhook(
    data: JSON[NewWebhook],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    vault: NamedDependency[Vault],
    settings: NamedDependency[Settings],
) -> Response[WebhookWithSecret]:
    """It is told of every event from now on. The secret, which verifies what it receives, is shown this once."""
    webhook_id, secret_id, secret = new_id(), new_id(), messages.generate_secret()
    created = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda _: webhooks.create(
            settings=shapes.build_settings(data),
            secret_id=secret_id,
            known=shapes.load_event_types(),
            local=settings.webhooks_allow_local,
        ),
        caller=caller,
        attachments=_seal_secret(vault, caller, secret_id, secret),
        respond=_created_answer,
    )
    return to_response(_created_answer(created, secret), WebhookWithSecret)


@get(
    "/webhooks",
    operation_id="list_webhooks",
    summary="List webhooks",
    guards=[require_scope("webhooks:read")],
    tags=["webhooks"],
)
async def list_webhooks(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], limit: Limit = 50, cursor: Cursor = None
) -> WebhookPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await views.list_webhooks(
        ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1
    )
    return page(WebhookPage, [shapes.row_to_webhook(row) for row in rows], limit, key=lambda webhook: webhook.id)


@get(
    "/webhooks/{webhook_id:uuid}",
    operation_id="get_webhook",
    summary="Read a webhook, and how far it was told",
    guards=[require_scope("webhooks:read")],
    tags=["webhooks"],
)
async def get_webhook(
    webhook_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[WebhookDetail]:
    stored = await ledger.get(WEBHOOK, caller.workspace_id, webhook_id)
    webhooks.require_webhook(stored.state)
    progress = await telemetry.find_cursor(ledger.engine, caller.workspace_id, webhook_id)
    standing = shapes.build_standing(progress, await views.find_head(ledger.engine, caller.workspace_id))
    return build_response(WebhookDetail(**shapes.webhook_fields(stored), standing=standing), version=stored.version)


@patch(
    "/webhooks/{webhook_id:uuid}",
    operation_id="update_webhook",
    summary="Change a webhook, or set it active again",
    guards=[require_scope("webhooks:write")],
    tags=["webhooks"],
)
async def update_webhook(
    webhook_id: FromPath[UUID],
    data: JSON[WebhookPatch],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
    if_match: IfMatch = None,
) -> Response[Webhook]:
    """One that was not active is told what it has missed. Every change makes what waits be tried at once."""
    changed = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: webhooks.change(
            webhook,
            changes=shapes.build_changes(data),
            known=shapes.load_event_types(),
            local=settings.webhooks_allow_local,
            reason=data.reason,
        ),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(Webhook(**shapes.webhook_fields(changed)), version=changed.version)


@delete(
    "/webhooks/{webhook_id:uuid}",
    operation_id="delete_webhook",
    summary="Delete a webhook and its secrets",
    guards=[require_scope("webhooks:write")],
    status_code=200,
    tags=["webhooks"],
)
async def delete_webhook(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Webhook]:
    stored = await ledger.get(WEBHOOK, caller.workspace_id, webhook_id)
    deleted = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: webhooks.delete(webhook, reason=None),
        caller=caller,
        expected=parse_if_match(if_match),
        attachments=Attachments(secrets=[(secret.id, b"") for secret in stored.state.secrets]),
    )
    return build_response(Webhook(**shapes.webhook_fields(deleted)), version=deleted.version)


@get(
    "/webhooks/{webhook_id:uuid}/history",
    operation_id="list_webhook_history",
    summary="Read a webhook's history",
    guards=[require_scope("webhooks:read")],
    tags=["webhooks"],
)
async def list_webhook_history(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    """A deleted webhook's, too: who changed it, when it was disabled, replays and rotations."""
    return await history(
        ledger.engine, WEBHOOK, caller.workspace_id, webhook_id, limit=limit, cursor=cursor, shown=shapes.history_fields
    )


@post(
    "/webhooks/{webhook_id:uuid}/rotate-secret",
    operation_id="rotate_webhook_secret",
    summary="Give a webhook a new secret",
    guards=[require_scope("webhooks:write")],
    status_code=200,
    tags=["webhooks"],
)
async def rotate_webhook_secret(
    webhook_id: FromPath[UUID],
    data: JSON[RotateSecret | None],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    vault: NamedDependency[Vault],
) -> Response[WebhookWithSecret]:
    """Until the overlap ends, every message carries a signature of the new secret and of those before."""
    secret_id, secret = new_id(), messages.generate_secret()
    until = datetime.now(UTC) + timedelta(seconds=(data or RotateSecret()).overlap_seconds)
    rotated = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: webhooks.rotate_secret(webhook, secret_id=secret_id, others_until=until),
        caller=caller,
        attachments=_seal_secret(vault, caller, secret_id, secret),
        respond=_rotated_answer,
    )
    return to_response(_rotated_answer(rotated, secret), WebhookWithSecret)


@post(
    "/webhooks/{webhook_id:uuid}/replay",
    operation_id="replay_webhook",
    summary="Tell a webhook again what was recorded from a seq on",
    guards=[require_scope("webhooks:write")],
    status_code=200,
    tags=["webhooks"],
)
async def replay_webhook(
    webhook_id: FromPath[UUID],
    data: JSON[Replay],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Webhook]:
    """The messages have the ids that they had before. What it was not told so far comes anyway."""
    head = await views.find_head(ledger.engine, caller.workspace_id)
    replayed = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: webhooks.replay(webhook, from_seq=data.from_seq, head=head, reason=data.reason),
        caller=caller,
        respond=_webhook_answer,
    )
    return to_response(_webhook_answer(replayed), Webhook)


def _seal_secret(vault: Vault, caller: Caller, secret_id: UUID, secret: str) -> Attachments:
    return Attachments(secrets=[(secret_id, vault.seal(secret, workspace_id=caller.workspace_id, owner=secret_id))])


def _webhook_answer(stored: StreamState[webhooks.WebhookState]) -> StoredResponse:
    return encode_response(Webhook(**shapes.webhook_fields(stored)), version=stored.version)


def _rotated_answer(stored: StreamState[webhooks.WebhookState], secret: str | None = None) -> StoredResponse:
    return encode_response(WebhookWithSecret(**shapes.webhook_fields(stored), secret=secret), version=stored.version)


def _created_answer(stored: StreamState[webhooks.WebhookState], secret: str | None = None) -> StoredResponse:
    body = WebhookWithSecret(**shapes.webhook_fields(stored), secret=secret)
    return encode_response(body, status=201, version=stored.version, location=f"/v1/webhooks/{stored.id}")


router = Router(
    path="/",
    route_handlers=[
        create_webhook,
        list_webhooks,
        get_webhook,
        update_webhook,
        delete_webhook,
        list_webhook_history,
        rotate_webhook_secret,
        replay_webhook,
    ],
)
