"""Costs as integers: Postgres sums and sorts a million of them several times faster than decimals."""

from decimal import Decimal

DECIMAL_PLACES = 12  # a token at one US dollar per million tokens is a million of these units
MAX_AMOUNT = 1_000_000


def is_storable(amount: Decimal) -> bool:
    """Whether the amount can be stored exactly: from 0 to less than a million, with at most 12 decimal places."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DECIMAL_PLACES and 0 <= amount < MAX_AMOUNT


def to_units(amount: Decimal) -> int:
    return int(amount.scaleb(DECIMAL_PLACES))


def format_units(units: int) -> str:
    """Format the amount as a decimal number without an exponent."""
    return format(Decimal(units).scaleb(-DECIMAL_PLACES).normalize(), "f")
