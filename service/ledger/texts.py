"""Texts of a subject, such as an example: salted, hashed and stored outside the log; events hold only digests."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.ledger.store import Attachments, StoredText

SALT_BYTES = 16


class SubjectTexts:
    """The current and earlier texts of a subject, by digest, and those that a change adds.

    All texts of a subject share one salt, so the same text gets the same digest and a repeated change shows as none.
    """

    def __init__(self, subject: UUID, known: Mapping[str, tuple[bytes, bytes]] | None = None) -> None:
        self.subject = subject
        self.salt = next(iter(known.values()))[0] if known else secrets.token_bytes(SALT_BYTES)
        self.bodies = {digest: body for digest, (_, body) in known.items()} if known else {}
        self._new: list[StoredText] = []

    def add(self, body: bytes) -> str:
        """Add a text and return its digest, sha256(salt ‖ body) in hex."""
        digest = compute_digest(self.salt, body)
        hex_digest = digest.hex()
        if hex_digest not in self.bodies:
            self.bodies[hex_digest] = body
            self._new.append(StoredText(subject=self.subject, digest=digest, salt=self.salt, body=body))
        return hex_digest

    def add_json(self, value: Any) -> str:
        return self.add(msgspec.json.encode(value))

    @property
    def attachments(self) -> Attachments:
        """The new texts, to be written with the event that has their digests."""
        return Attachments(contents=tuple(self._new))


def compute_digest(salt: bytes, body: bytes) -> bytes:
    return hashlib.sha256(salt + body).digest()


COUNT_BYTES = "select coalesce(sum(octet_length(body)), 0)::bigint from ledger.contents where workspace_id = $1"


async def count_stored_bytes(engine: AsyncEngine, workspace_id: UUID) -> int:
    """Sum the bytes of the workspace's texts; it reads the heads of all of their rows."""
    return int(await fetch_value(engine, COUNT_BYTES, (workspace_id,)))


_LOAD_TEXTS = (
    "select subject, digest, salt, body from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"
)


async def load_texts(engine: AsyncEngine, workspace_id: UUID, subjects: Iterable[UUID]) -> dict[UUID, SubjectTexts]:
    """Load all stored texts of each subject; erased ones are missing."""
    known: dict[UUID, dict[str, tuple[bytes, bytes]]] = {subject: {} for subject in subjects}
    rows = await fetch_all(engine, _LOAD_TEXTS, (workspace_id, list(known)))
    for subject, digest, salt, body in rows:
        known[subject][bytes(digest).hex()] = (bytes(salt), bytes(body))
    return {subject: SubjectTexts(subject, texts) for subject, texts in known.items()}
