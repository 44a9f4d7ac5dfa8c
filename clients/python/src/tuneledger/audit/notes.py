"""Signed notes and checkpoints in C2SP's formats (signed-note, tlog-checkpoint), signed with Ed25519. Pure."""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
HASH_BYTES = 32
SIZE = re.compile(r"0|[1-9][0-9]{0,14}")
DASH = "\u2014"  # the em dash that begins a signature line


class NoteRefused(ValueError):  # noqa: N818 - it reads as what it is
    """The note is not signed by a key that is trusted"""


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    """A named public key, such as `tuneledger.example/1f…`."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The text form of a key: name+id+key."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a tree: the log's origin, the number of leaves, and their root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def verifier_of(text: str) -> Verifier:
    """Parse name+id+key. Raises NoteRefused if it is not one, or the id belongs to another key."""
    try:
        name, key_id, key = text.strip().split("+", 2)
        algorithm, public = (decoded := _decoded(key))[:1], decoded[1:]
    except ValueError as error:
        raise NoteRefused("this is not a verifier key") from error
    verifier = Verifier(name=name, public=public)
    if algorithm != ED25519 or len(public) != HASH_BYTES or verifier.key_id.hex() != key_id:
        raise NoteRefused("this is not a verifier key of Ed25519")
    return verifier


def sign(text: str, *, name: str, keys: Sequence[Ed25519PrivateKey]) -> str:
    """Sign a note: the text, an empty line, and one line for each key's signature."""
    lines = []
    for key in keys:
        verifier = Verifier(name=name, public=key.public_key().public_bytes_raw())
        signature = base64.b64encode(verifier.key_id + key.sign(text.encode())).decode()
        lines.append(f"{DASH} {name} {signature}\n")
    return f"{text}\n{''.join(lines)}"


def opened(note: str, trusted: Iterable[Verifier]) -> str:
    """Verify a note and return its text. Raises NoteRefused without a trusted signature, or with a wrong one."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NoteRefused("this is not a signed note")
    signed = text + "\n"
    matches = [_is_signature_of(verifier, line, signed) for line in lines.splitlines() for verifier in trusted]
    if not any(matches):
        raise NoteRefused("no key that is trusted has signed this")
    return signed


def _is_signature_of(verifier: Verifier, line: str, signed: str) -> bool:
    """Whether this line is the verifier's signature. Raises NoteRefused if it claims to be but is wrong."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.rpartition(" ")
    try:
        data = _decoded(encoded)
    except ValueError:
        data = b""
    if dash != DASH or name != verifier.name or data[:4] != verifier.key_id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(verifier.public).verify(data[4:], signed.encode())
    except InvalidSignature as error:
        raise NoteRefused(f"the signature of {verifier.name} is not of this text") from error
    return True


def checkpoint_of(text: str) -> Checkpoint:
    """Parse a checkpoint's text; lines after the third are extensions. Raises NoteRefused."""
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], _decoded(lines[2])
    except (IndexError, ValueError) as error:
        raise NoteRefused("this is not a checkpoint") from error
    if not origin or not SIZE.fullmatch(size) or len(root) != HASH_BYTES:
        raise NoteRefused("this is not a checkpoint")
    return Checkpoint(origin=origin, size=int(size), root=root)


def _decoded(text: str) -> bytes:
    """Decode canonical base64. Other encodings of the same bytes raise ValueError: nobody would notice the change."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not in canonical form")
    return data
