"""Routes for webhooks: create, change, delete, rotate secrets and replay events."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.database.engine import new_id
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Caller, Ledger
from service.settings import Settings
from service.vault.vault import Vault
from service.webhooks import domain, queries, schemas
from service.webhooks.deliveries.delivery_log import find_cursor
from service.webhooks.deliveries.signed_message import generate_secret
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
    guards=[require_scope("webhooks:write"), require_room("webhooks")],
    tags=["webhooks"],
)
async def create_webhook(
    data: JSON[NewWebhook],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    vault: NamedDependency[Vault],
    settings: NamedDependency[Settings],
) -> Response[WebhookWithSecret]:
    """Events from now on are sent to it. The response shows the secret that verifies its messages, this once only."""
    webhook_id, secret_id, secret = new_id(), new_id(), generate_secret()
    created = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda _: domain.create(
            settings=schemas.build_settings(data),
            secret_id=secret_id,
            known=schemas.load_event_types(),
            local=settings.webhooks_allow_local,
        ),
        caller=caller,
        attachments=_seal_secret(vault, caller, secret_id, secret),
        respond=_encode_created,
    )
    return to_response(_encode_created(created, secret), WebhookWithSecret)


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
    rows = await queries.list_webhooks(
        ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1
    )
    return page(WebhookPage, [schemas.row_to_webhook(row) for row in rows], limit, key=lambda webhook: webhook.id)


@get(
    "/webhooks/{webhook_id:uuid}",
    operation_id="get_webhook",
    summary="Get a webhook and its delivery progress, now or as of a time",
    description="How far it had been told at a past time is not kept: `standing` is null with `as_of`.",
    guards=[require_scope("webhooks:read")],
    tags=["webhooks"],
)
async def get_webhook(
    webhook_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[WebhookDetail]:
    stored = await get_as_of(ledger, WEBHOOK, caller.workspace_id, webhook_id, as_of=as_of)
    domain.require_webhook(stored.state)
    cursor = None if as_of else await find_cursor(ledger.engine, caller.workspace_id, webhook_id)
    standing = schemas.build_standing(cursor, await queries.find_head(ledger.engine, caller.workspace_id))
    return build_response(WebhookDetail(**schemas.webhook_fields(stored), standing=standing), version=stored.version)


@patch(
    "/webhooks/{webhook_id:uuid}",
    operation_id="update_webhook",
    summary="Update or reactivate a webhook",
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
    """A reactivated webhook receives the events it missed. Any change retries waiting messages at once."""
    changed = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: domain.change(
            webhook,
            changes=schemas.build_changes(data),
            known=schemas.load_event_types(),
            local=settings.webhooks_allow_local,
            reason=data.reason,
        ),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(Webhook(**schemas.webhook_fields(changed)), version=changed.version)


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
        lambda webhook: domain.delete(webhook, reason=None),
        caller=caller,
        expected=parse_if_match(if_match),
        attachments=Attachments(secrets=[(secret.id, b"") for secret in stored.state.secrets]),
    )
    return build_response(Webhook(**schemas.webhook_fields(deleted)), version=deleted.version)


@get(
    "/webhooks/{webhook_id:uuid}/history",
    operation_id="list_webhook_history",
    summary="List a webhook's history",
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
    """Changes, automatic disabling, replays and rotations. Also works for a deleted webhook."""
    return await history(
        ledger.engine,
        WEBHOOK,
        caller.workspace_id,
        webhook_id,
        limit=limit,
        cursor=cursor,
        shown=schemas.history_fields,
    )


@post(
    "/webhooks/{webhook_id:uuid}/rotate-secret",
    operation_id="rotate_webhook_secret",
    summary="Rotate a webhook's secret",
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
    """Until the overlap ends, messages carry a signature of the new secret and of each older one."""
    secret_id, secret = new_id(), generate_secret()
    until = datetime.now(UTC) + timedelta(seconds=(data or RotateSecret()).overlap_seconds)
    rotated = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: domain.rotate_secret(webhook, secret_id=secret_id, others_until=until),
        caller=caller,
        attachments=_seal_secret(vault, caller, secret_id, secret),
        respond=_encode_rotated,
    )
    return to_response(_encode_rotated(rotated, secret), WebhookWithSecret)


@post(
    "/webhooks/{webhook_id:uuid}/replay",
    operation_id="replay_webhook",
    summary="Send past events to a webhook again",
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
    """Repeated messages keep their ids. Events it has not received yet are sent as usual."""
    head = await queries.find_head(ledger.engine, caller.workspace_id)
    replayed = await ledger.change(
        WEBHOOK,
        webhook_id,
        lambda webhook: domain.replay(webhook, from_seq=data.from_seq, head=head, reason=data.reason),
        caller=caller,
        respond=_encode_webhook,
    )
    return to_response(_encode_webhook(replayed), Webhook)


def _seal_secret(vault: Vault, caller: Caller, secret_id: UUID, secret: str) -> Attachments:
    return Attachments(secrets=[(secret_id, vault.seal(secret, workspace_id=caller.workspace_id, owner=secret_id))])


def _encode_webhook(stored: StreamState[domain.WebhookState]) -> StoredResponse:
    return encode_response(Webhook(**schemas.webhook_fields(stored)), version=stored.version)


def _encode_rotated(stored: StreamState[domain.WebhookState], secret: str | None = None) -> StoredResponse:
    return encode_response(WebhookWithSecret(**schemas.webhook_fields(stored), secret=secret), version=stored.version)


def _encode_created(stored: StreamState[domain.WebhookState], secret: str | None = None) -> StoredResponse:
    body = WebhookWithSecret(**schemas.webhook_fields(stored), secret=secret)
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
