import secrets
import uuid

import pytest

from service.settings import Settings
from service.vault import SecretUnreadable, Vault, vault_of

WORKSPACE, OWNER = uuid.uuid4(), uuid.uuid4()
OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


def sealed(vault: Vault, secret: str = "sk-secret") -> bytes:
    return vault.seal(secret, workspace_id=WORKSPACE, owner=OWNER)


def test_what_was_sealed_opens_again_and_shows_nothing() -> None:
    vault = Vault(lambda: [OLD])
    assert vault.open(sealed(vault), workspace_id=WORKSPACE, owner=OWNER) == "sk-secret"
    assert b"secret" not in sealed(vault)
    assert sealed(vault) != sealed(vault)


def test_after_a_change_of_keys_old_secrets_open_and_new_ones_need_the_new_key() -> None:
    before, during, after = Vault(lambda: [OLD]), Vault(lambda: [NEW, OLD]), Vault(lambda: [NEW])
    assert during.open(sealed(before), workspace_id=WORKSPACE, owner=OWNER) == "sk-secret"
    assert after.open(sealed(during), workspace_id=WORKSPACE, owner=OWNER) == "sk-secret"
    with pytest.raises(SecretUnreadable):
        after.open(sealed(before), workspace_id=WORKSPACE, owner=OWNER)


def test_a_sealed_secret_opens_for_its_owner_alone() -> None:
    vault = Vault(lambda: [OLD])
    with pytest.raises(SecretUnreadable):
        vault.open(sealed(vault), workspace_id=WORKSPACE, owner=uuid.uuid4())
    with pytest.raises(SecretUnreadable):
        vault.open(sealed(vault), workspace_id=uuid.uuid4(), owner=OWNER)


@pytest.mark.parametrize("at", [0, 2, 8, 20, -1])
def test_an_altered_secret_does_not_open(at: int) -> None:
    vault = Vault(lambda: [OLD])
    altered = bytearray(sealed(vault))
    altered[at] ^= 1
    with pytest.raises(SecretUnreadable):
        vault.open(bytes(altered), workspace_id=WORKSPACE, owner=OWNER)


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x01abcd"])
def test_what_no_vault_sealed_does_not_open(stored: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        Vault(lambda: [OLD]).open(stored, workspace_id=WORKSPACE, owner=OWNER)


def test_the_key_comes_from_the_settings() -> None:
    settings = Settings(secret_key="A" * 43 + "=")
    assert vault_of(settings).open(sealed(vault_of(settings)), workspace_id=WORKSPACE, owner=OWNER) == "sk-secret"
