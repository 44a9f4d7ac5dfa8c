"""What a tune was estimated to cost, as its request records it. Pure."""

from datetime import date

import msgspec


class CostEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a tune was estimated to cost when it was requested. It is no bill."""

    amount: str
    """A decimal number, in the currency."""
    currency: str
    """ISO 4217 code, such as `USD`."""
    per_million: str
    """The price of a million training tokens that it follows from."""
    source: str
    """Where that price was read."""
    as_of: date
    """The day it was read."""
    verified: bool = False
    """Whether it is the provider's own."""
    tokens: int | None = None
    """The training tokens it counts, all epochs included."""
