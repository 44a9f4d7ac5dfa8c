"""Ids of logged requests. An id holds the millisecond of its call, which tells the month that it lies in."""

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
    """The millisecond in which its call was; None where no calendar has it, so that there is no such request."""
    try:
        return EPOCH + timedelta(milliseconds=request_id.int >> 80)
    except OverflowError:
        return None


def digest_client_id(client_id: str) -> UUID:
    """128 bits of its sha256: as good as the text for telling client ids apart, and always as short."""
    return UUID(bytes=hashlib.sha256(client_id.encode()).digest()[:16])
