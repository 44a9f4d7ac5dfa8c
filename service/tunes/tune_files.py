"""The files of a tune: what its provider got, and what came out where somebody else trained."""

import msgspec


class SentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as the provider got it: `digest` is the sha256 of its bytes in hex, `file_id` the provider's name."""

    file_id: str
    """The file's id at the provider."""
    digest: str
    """SHA-256 of the file's bytes, in hex."""
    bytes: int
    """The file's size in bytes."""
    rows: int
    """How many examples the file has."""
    losses: dict[str, int] = {}
    """What the provider's format cannot carry, and how many rows lost it."""


class ReportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of weights as whoever trained reported it."""

    name: str
    """Its name in the folder of the weights."""
    bytes: int
    """Its size in bytes."""
    digest: str
    """Its SHA-256, in hex."""
