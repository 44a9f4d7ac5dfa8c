"""What is decided of a webhook, on plain values."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from service.errors import NotFound, Unprocessable
from service.webhooks import domain
from service.webhooks.domain import (
    MAX_SECRETS,
    Settings,
    SigningSecret,
    WebhookChanged,
    WebhookDisabled,
    WebhookSecretRotated,
    WebhookState,
    evolve,
)

KNOWN = {"TaskCreated", "TaskEdited"}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = uuid.UUID(int=1)
WEBHOOK = WebhookState(settings=Settings(url="https://receiver.example/hook"), secrets=(SigningSecret(id=FIRST),))
DISABLED = WebhookDisabled(why="gone", detail="The receiver responded with 410 (Gone).", at=NOW)


def rotate(webhook: WebhookState, number: int, until: datetime) -> WebhookState:
    return evolve(webhook, WebhookSecretRotated(secret_id=uuid.UUID(int=number), others_until=until))


def test_every_fault_of_the_settings_is_told() -> None:
    settings = Settings(url="http://receiver.example/", types=("TaskCreated", "TaskUndone"))
    with pytest.raises(Unprocessable) as error:
        domain.create(settings=settings, secret_id=FIRST, known=KNOWN, local=False)
    assert [fault.pointer for fault in error.value.errors] == ["/url", "/types/1"]


def test_setting_what_is_there_already_records_nothing() -> None:
    same = {"url": WEBHOOK.settings.url, "active": True}
    assert domain.change(WEBHOOK, changes=same, known=KNOWN, local=False, reason=None) == []


def test_a_disabled_one_keeps_its_notice_until_it_is_active_again() -> None:
    disabled = evolve(WEBHOOK, DISABLED)
    assert (disabled.settings.active, disabled.disabled) == (False, DISABLED)
    [described] = domain.change(disabled, changes={"description": "ours"}, known=KNOWN, local=False, reason=None)
    assert evolve(disabled, described).disabled == DISABLED
    [active] = domain.change(disabled, changes={"active": True}, known=KNOWN, local=False, reason=None)
    assert evolve(disabled, active).disabled is None


def test_disabling_what_is_not_active_records_nothing() -> None:
    assert domain.disable(evolve(WEBHOOK, DISABLED), why="failing", detail="No.", at=NOW) == []
    assert domain.disable(None, why="failing", detail="No.", at=NOW) == []


def test_the_secrets_before_sign_until_their_overlap_ends() -> None:
    second = rotate(WEBHOOK, 2, NOW + timedelta(hours=1))
    assert second.signing_secrets(NOW) == [uuid.UUID(int=2), FIRST]
    assert second.signing_secrets(NOW + timedelta(hours=1)) == [uuid.UUID(int=2)]


def test_a_rotation_without_overlap_ends_all_before_and_one_with_it_lengthens_none() -> None:
    second = rotate(WEBHOOK, 2, NOW + timedelta(hours=1))
    assert rotate(second, 3, NOW).signing_secrets(NOW) == [uuid.UUID(int=3)]
    later = rotate(second, 3, NOW + timedelta(hours=9))
    assert later.signing_secrets(NOW + timedelta(hours=2)) == [uuid.UUID(int=3), uuid.UUID(int=2)]


def test_rotated_again_and_again_only_the_newest_sign() -> None:
    webhook = WEBHOOK
    for number in range(2, 20):
        webhook = rotate(webhook, number, NOW + timedelta(days=1))
    assert [id_.int for id_ in webhook.signing_secrets(NOW)] == list(range(19, 19 - MAX_SECRETS, -1))


def test_a_replay_from_beyond_the_log_is_refused() -> None:
    with pytest.raises(Unprocessable, match="The log ends at 7"):
        domain.replay(WEBHOOK, from_seq=8, head=7, reason=None)
    assert len(domain.replay(WEBHOOK, from_seq=7, head=7, reason=None)) == 1


def test_a_deleted_one_is_not_found() -> None:
    [deleted] = domain.delete(WEBHOOK, reason=None)
    gone = evolve(WEBHOOK, deleted)
    with pytest.raises(NotFound):
        domain.delete(gone, reason=None)
    with pytest.raises(NotFound):
        domain.rotate_secret(gone, secret_id=FIRST, others_until=NOW)
    with pytest.raises(NotFound):
        domain.change(gone, changes={}, known=KNOWN, local=False, reason=None)


def test_a_changed_url_is_what_comes_of_it() -> None:
    [changed] = domain.change(
        WEBHOOK, changes={"url": "https://other.example/"}, known=KNOWN, local=False, reason="moved"
    )
    assert isinstance(changed, WebhookChanged)
    assert (changed.settings.url, changed.reason) == ("https://other.example/", "moved")
