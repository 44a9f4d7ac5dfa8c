"""The texts of one example: salted, hashed, and kept beside the events, which name them by digest."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.ledger.store import Attachments, StoredText

SALT_BYTES = 16


class SubjectTexts:
    """What an example says and has said, by digest, and what a change adds to that.

    One salt an example: a text it has had before gets its old digest, so that a repeated change is seen to be none.
    """

    def __init__(self, subject: UUID, known: Mapping[str, tuple[bytes, bytes]] | None = None) -> None:
        self.subject = subject
        self.salt = next(iter(known.values()))[0] if known else secrets.token_bytes(SALT_BYTES)
        self.bodies = {digest: body for digest, (_, body) in known.items()} if known else {}
        self._new: list[StoredText] = []

    def add(self, body: bytes) -> str:
        """Keep the text; the digest is sha256(salt ‖ body) in hex."""
        digest = commit(self.salt, body)
        name = digest.hex()
        if name not in self.bodies:
            self.bodies[name] = body
            self._new.append(StoredText(subject=self.subject, digest=digest, salt=self.salt, body=body))
        return name

    def add_json(self, value: Any) -> str:
        return self.add(msgspec.json.encode(value))

    @property
    def attachments(self) -> Attachments:
        """The texts that are new, to be written with the event that names them."""
        return Attachments(contents=tuple(self._new))


def commit(salt: bytes, body: bytes) -> bytes:
    return hashlib.sha256(salt + body).digest()


TEXTS = "select subject, digest, salt, body from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"


async def load_texts(engine: AsyncEngine, workspace_id: UUID, subjects: Iterable[UUID]) -> dict[UUID, SubjectTexts]:
    """All texts that are kept of each subject; those that were erased are not among them."""
    known: dict[UUID, dict[str, tuple[bytes, bytes]]] = {subject: {} for subject in subjects}
    rows = await fetch_all(engine, TEXTS, (workspace_id, list(known)))
    for subject, digest, salt, body in rows:
        known[subject][bytes(digest).hex()] = (bytes(salt), bytes(body))
    return {subject: SubjectTexts(subject, texts) for subject, texts in known.items()}
