"""The vault: encrypts the secrets of connections and webhooks with keys from the settings."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import Unavailable
from service.settings import Settings, load_encryption_keys

FORMAT = b"\x01"
NAME_BYTES = 4
NONCE_BYTES = 12


class SecretUnreadable(Unavailable):
    """A stored secret cannot be decrypted with the current keys"""

    code = "secret_unreadable"


class Vault:
    """AES-256-GCM. Encrypts with the first key, decrypts with the key that encrypted, so that keys can be rotated.

    A sealed secret is bound to its workspace and owner: in another row it does not decrypt. `keys` loads the keys, 32
    bytes each, at the first use.
    """

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        self._load = keys

    @cached_property
    def _ciphers(self) -> dict[bytes, AESGCM]:
        return {_name_key(key): AESGCM(key) for key in self._load()}

    @property
    def key_names(self) -> list[bytes]:
        """The names of the keys; the first one encrypts."""
        return list(self._ciphers)

    def seal(self, secret: str, *, workspace_id: UUID, owner: UUID) -> bytes:
        name, cipher = next(iter(self._ciphers.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + name + nonce + cipher.encrypt(nonce, secret.encode(), workspace_id.bytes + owner.bytes)

    def open(self, sealed: bytes, *, workspace_id: UUID, owner: UUID) -> str:
        """Decrypt a secret. Raises SecretUnreadable when its key is missing, or it is altered or of another owner."""
        cipher = self._ciphers.get(get_key_name(sealed)) if sealed[:1] == FORMAT else None
        if cipher is None:
            raise SecretUnreadable(
                "The secret was encrypted with another key; restore that key or enter the secret again."
            )
        rest = sealed[1 + NAME_BYTES :]
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], workspace_id.bytes + owner.bytes).decode()
        except (InvalidTag, ValueError):  # ValueError: the nonce is cut off
            raise SecretUnreadable("The stored secret is damaged; enter it again.") from None


def open_vault(settings: Settings) -> Vault:
    return Vault(lambda: load_encryption_keys(settings))


def get_key_name(sealed: bytes) -> bytes:
    """The name of the key that encrypted it."""
    return sealed[1 : 1 + NAME_BYTES]


def _name_key(key: bytes) -> bytes:
    """A name that tells keys apart and reveals nothing about them."""
    return hashlib.sha256(b"tuneledger vault key name" + key).digest()[:NAME_BYTES]
