# Generated from openapi/openapi.json by `make clients`.
"""Structs of artifacts."""

from __future__ import annotations

from tuneledger._shapes import Shape


class Verification(Shape, frozen=True, kw_only=True):
    """What the store has now, compared with the log."""

    ok: bool
    """Whether size and digest are those of the log."""
    digest: str
    """SHA-256 that the log has, in hex."""
    computed_digest: str
    """SHA-256 of the bytes that were read, in hex."""
    bytes: int
    """The size that the log has."""
    read_bytes: int
    """How many bytes were read."""
