import base64
import secrets
import uuid
from functools import partial

import pytest

from service.settings import Settings
from service.vault.vault import SecretUnreadable, Vault, get_key_name, open_vault

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


@pytest.mark.parametrize("length", range(0, 42, 3))
def test_a_secret_that_was_cut_short_does_not_open(length: int) -> None:
    vault = Vault(lambda: [OLD])
    with pytest.raises(SecretUnreadable):
        vault.open(sealed(vault)[:length], workspace_id=WORKSPACE, owner=OWNER)


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x01abcd"])
def test_what_no_vault_sealed_does_not_open(stored: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        Vault(lambda: [OLD]).open(stored, workspace_id=WORKSPACE, owner=OWNER)


def test_the_keys_come_from_the_settings() -> None:
    one, other = (base64.b64encode(key).decode() for key in (NEW, OLD))
    before, during, after = (open_vault(Settings(secret_key=text)) for text in (other, f"{one},{other}", one))
    assert during.open(sealed(before), workspace_id=WORKSPACE, owner=OWNER) == "sk-secret"
    assert after.open(sealed(during), workspace_id=WORKSPACE, owner=OWNER) == "sk-secret"


def test_a_sealed_secret_names_the_key_that_sealed_it() -> None:
    both = Vault(lambda: [NEW, OLD])
    alone = [Vault(partial(list, [key])) for key in (NEW, OLD)]
    assert [get_key_name(sealed(vault)) for vault in alone] == both.key_names
    assert get_key_name(sealed(both)) == both.key_names[0]
