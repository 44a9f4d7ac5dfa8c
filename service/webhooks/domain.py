"""A webhook: a server that receives events. Deliveries are not events; they are logged in a table of their own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, assert_never
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from service.errors import Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event, require_state
from service.network.address_policy import LOOPBACK, PUBLIC, parse_literal

Order = Literal["stream", "log"]
DisabledReason = Literal["gone", "failing"]
MAX_SECRETS = 5  # that sign at the same time; older ones are dropped


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook's settings. Empty `types` means all. `order` says which events wait for one that is not accepted."""

    url: str
    types: tuple[str, ...] = ()
    description: str = ""
    order: Order = "stream"
    active: bool = True


class WebhookCreated(Event):
    settings: Settings
    secret_id: UUID


class WebhookChanged(Event):
    """All settings after the change."""

    settings: Settings
    reason: str | None = None


class WebhookSecretRotated(Event):
    """The older secrets also sign until `others_until`."""

    secret_id: UUID
    others_until: datetime


class WebhookReplayed(Event):
    """Events from `from_seq` on are sent again."""

    from_seq: int
    reason: str | None = None


class WebhookDisabled(Event):
    """Disabled by a worker: `gone` after a 410 response, `failing` when no message was accepted for days."""

    why: DisabledReason
    detail: str
    at: datetime


class WebhookDeleted(Event):
    reason: str | None = None


WebhookEvent = (
    WebhookCreated | WebhookChanged | WebhookSecretRotated | WebhookReplayed | WebhookDisabled | WebhookDeleted
)


class SigningSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The id of a stored secret, and until when it signs. None: until it is replaced."""

    id: UUID
    until: datetime | None = None


class WebhookState(msgspec.Struct, frozen=True, kw_only=True):
    """`secrets`: the newest first. `disabled`: why a worker disabled it; None once someone sets it active again."""

    settings: Settings
    secrets: tuple[SigningSecret, ...]
    disabled: WebhookDisabled | None = None
    deleted: bool = False

    def signing_secrets(self, at: datetime) -> list[UUID]:
        """The ids of the secrets that sign at this time."""
        return [secret.id for secret in self.secrets if secret.until is None or secret.until > at]


def evolve(webhook: WebhookState | None, event: WebhookEvent) -> WebhookState:
    if isinstance(event, WebhookCreated):
        return WebhookState(settings=event.settings, secrets=(SigningSecret(id=event.secret_id),))
    webhook = require_state(webhook)
    match event:
        case WebhookChanged():
            disabled = None if event.settings.active else webhook.disabled
            return msgspec.structs.replace(webhook, settings=event.settings, disabled=disabled)
        case WebhookSecretRotated():
            return msgspec.structs.replace(webhook, secrets=_rotate_secrets(webhook.secrets, event))
        case WebhookReplayed():
            return webhook
        case WebhookDisabled():
            settings = msgspec.structs.replace(webhook.settings, active=False)
            return msgspec.structs.replace(webhook, settings=settings, disabled=event)
        case WebhookDeleted():
            return msgspec.structs.replace(webhook, deleted=True)
        case _:
            assert_never(event)


WEBHOOK: Decider[WebhookState, WebhookEvent] = Decider(
    "webhook",
    events=(
        WebhookCreated,
        WebhookChanged,
        WebhookSecretRotated,
        WebhookReplayed,
        WebhookDisabled,
        WebhookDeleted,
    ),
    evolve=evolve,
)


def create(*, settings: Settings, secret_id: UUID, known: Collection[str], local: bool) -> list[WebhookEvent]:
    """Create a webhook. `known`: all event types. Raises Unprocessable with every fault of the settings."""
    _check_settings(settings, known=known, local=local)
    return [WebhookCreated(settings=settings, secret_id=secret_id)]


def change(
    webhook: WebhookState | None, *, changes: dict[str, Any], known: Collection[str], local: bool, reason: str | None
) -> list[WebhookEvent]:
    """Change some settings. Without a difference nothing is recorded."""
    webhook = require_webhook(webhook)
    settings = msgspec.structs.replace(webhook.settings, **changes)
    if settings == webhook.settings:
        return []
    _check_settings(settings, known=known, local=local)
    return [WebhookChanged(settings=settings, reason=reason)]


def rotate_secret(webhook: WebhookState | None, *, secret_id: UUID, others_until: datetime) -> list[WebhookEvent]:
    require_webhook(webhook)
    return [WebhookSecretRotated(secret_id=secret_id, others_until=others_until)]


def replay(webhook: WebhookState | None, *, from_seq: int, head: int, reason: str | None) -> list[WebhookEvent]:
    """Send the events from `from_seq` on again. `head` is the last seq of the log."""
    require_webhook(webhook)
    if from_seq > head:
        detail = f"The log ends at {head}; from_seq must not be greater."
        raise Unprocessable(detail, errors=[Fault(pointer="/from_seq", detail=detail)])
    return [WebhookReplayed(from_seq=from_seq, reason=reason)]


def disable(webhook: WebhookState | None, *, why: DisabledReason, detail: str, at: datetime) -> list[WebhookEvent]:
    """Stop sending to it. If it is inactive or deleted already, nothing is recorded."""
    if webhook is None or webhook.deleted or not webhook.settings.active:
        return []
    return [WebhookDisabled(why=why, detail=detail, at=at)]


def delete(webhook: WebhookState | None, *, reason: str | None) -> list[WebhookEvent]:
    require_webhook(webhook)
    return [WebhookDeleted(reason=reason)]


def require_webhook(webhook: WebhookState | None) -> WebhookState:
    if webhook is None or webhook.deleted:
        raise NotFound("No such webhook.")
    return webhook


def _rotate_secrets(secrets: tuple[SigningSecret, ...], event: WebhookSecretRotated) -> tuple[SigningSecret, ...]:
    """Put the new secret first. The others end at `others_until`, or earlier if they were to end earlier."""
    until = event.others_until
    others = [SigningSecret(id=each.id, until=min(each.until, until) if each.until else until) for each in secrets]
    return (SigningSecret(id=event.secret_id), *others)[:MAX_SECRETS]


def _check_settings(settings: Settings, *, known: Collection[str], local: bool) -> None:
    faults = []
    if detail := find_url_fault(settings.url, local=local):
        faults.append(Fault(pointer="/url", detail=detail))
    for index, type_ in enumerate(settings.types):
        if type_ not in known:
            detail = f"Unknown event type: {type_}."
            faults.append(Fault(pointer=f"/types/{index}", detail=detail, code="unknown_type"))
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)


def find_url_fault(url: str, *, local: bool) -> str | None:
    """What is wrong with a webhook's URL, or None. Host names are not resolved here."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "Not a valid URL."
    detail = None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        detail = "url must be an https URL with a host."
    elif parts.scheme == "http" and not local:
        detail = "url must begin with https://."
    elif parts.username is not None or parts.password is not None:
        detail = "url must not contain a user name or password; messages are signed instead."
    elif parts.fragment:
        detail = "url must not have a fragment."
    return detail or _find_host_fault(str(parts.hostname), local=local)


def _find_host_fault(host: str, *, local: bool) -> str | None:
    literal = parse_literal(host)
    policy = LOOPBACK if local else PUBLIC
    # Any port will do for the loopback; of a host name, the sender checks the addresses.
    return policy.find_address_fault(host, 0, [literal]) if literal else None
