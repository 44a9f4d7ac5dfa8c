"""Ids of logged requests. An id holds the millisecond of its call, and so its monthly partition."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
RANDOM_BITS = 74


def build_request_id(at: datetime, randomness: int) -> UUID:
    """A UUIDv7 (RFC 9562) of the call's time, not of the time it was logged; `randomness` has 74 bits."""
    milliseconds = (at - EPOCH) // MILLISECOND
    high, low = randomness >> 62, randomness & (2**62 - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)


def time_of(request_id: UUID) -> datetime | None:
    """The millisecond of the call; None for an id out of the calendar, which no request has."""
    try:
        return EPOCH + timedelta(milliseconds=request_id.int >> 80)
    except OverflowError:
        return None


def digest_client_id(client_id: str) -> UUID:
    """The first 128 bits of the client id's sha256: a unique key of fixed size."""
    return UUID(bytes=hashlib.sha256(client_id.encode()).digest()[:16])
