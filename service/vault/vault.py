"""The vault: providers' secrets, encrypted at rest. What is stored is of no use without the key from the settings."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import Unavailable
from service.settings import Settings, encryption_keys

FORMAT = b"\x01"
NAME_BYTES = 4
NONCE_BYTES = 12


class SecretUnreadable(Unavailable):
    """A stored secret cannot be decrypted with the present key"""

    code = "secret_unreadable"


class Vault:
    """AES-256-GCM. It seals with the first of its keys and opens with the one that sealed, so that keys can be changed.

    A sealed secret is bound to its workspace and owner: moved to another row it does not open. `keys` gives the keys,
    32 bytes each, and is called when the first secret is met.
    """

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        self._load = keys

    @cached_property
    def _ciphers(self) -> dict[bytes, AESGCM]:
        return {_name(key): AESGCM(key) for key in self._load()}

    @property
    def key_names(self) -> list[bytes]:
        """The first is of the key that seals."""
        return list(self._ciphers)

    def seal(self, secret: str, *, workspace_id: UUID, owner: UUID) -> bytes:
        name, cipher = next(iter(self._ciphers.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + name + nonce + cipher.encrypt(nonce, secret.encode(), workspace_id.bytes + owner.bytes)

    def open(self, sealed: bytes, *, workspace_id: UUID, owner: UUID) -> str:
        """Raises SecretUnreadable when no key of ours sealed it, or it was sealed for another owner, or altered."""
        cipher = self._ciphers.get(key_name(sealed)) if sealed[:1] == FORMAT else None
        if cipher is None:
            raise SecretUnreadable(
                "The secret was encrypted with another key; restore that key or enter the secret again."
            )
        rest = sealed[1 + NAME_BYTES :]
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], workspace_id.bytes + owner.bytes).decode()
        except (InvalidTag, ValueError):  # a ValueError where not even the nonce is whole
            raise SecretUnreadable("The stored secret is damaged; enter it again.") from None


def vault_of(settings: Settings) -> Vault:
    return Vault(lambda: encryption_keys(settings))


def key_name(sealed: bytes) -> bytes:
    """Which key sealed it."""
    return sealed[1 : 1 + NAME_BYTES]


def _name(key: bytes) -> bytes:
    """Tells keys apart without telling anything about them."""
    return hashlib.sha256(b"tuneledger vault key name" + key).digest()[:NAME_BYTES]
