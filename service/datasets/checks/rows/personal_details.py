"""Find personal data that has a form: addresses, phone, account, card and social security numbers. Pure.

What looks like a number is asked of the libraries that know its rules. Names and places have no form; nothing here
finds them.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec
from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.us import ssn

PersonalKind = Literal["email", "phone", "iban", "card", "ssn", "ip_address"]
PERSONAL_KINDS: tuple[PersonalKind, ...] = ("email", "iban", "card", "ssn", "ip_address", "phone")

# No pattern begins within a run of its own characters: on a megabyte without a break each would begin everywhere.
EMAIL = re.compile(
    r"(?<![A-Za-z0-9_%+.-])[A-Za-z0-9_%+-]{1,64}(?:\.[A-Za-z0-9_%+-]{1,64}){0,8}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
)
# Names that RFC 2606 keeps for examples belong to nobody.
RESERVED = re.compile(r"(?:\.|@)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
CARD = re.compile(r"(?<![\d.,-])(?:\d[ -]?){12,18}\d(?![\d-])")
# What the cards of each length begin with.
CARD_STARTS = re.compile(r"(?:(?=\d{16}$)(?:4|5[1-5]|2[2-7]|35|6[0245])|(?=\d{15}$)3[47]|(?=\d{14}$)3[068])")
SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
IPV4 = re.compile(r"(?<![\d.])(?<!ersion )(?<!\bv)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
DIGITS = re.compile(r"\d[\d\s().\u2011/-]{5,}\d")
PHONE_LIKE = re.compile(r"(?<![\w.+])\(?\d{2,5}\)?(?:[ ().\u2011/-]{1,3}\d{2,8}){1,5}(?!\w)")
MIN_PHONE_DIGITS = 9
DATE = re.compile(r"\b(?:19|20)\d\d[-/.]\d\d[-/.]\d\d|\b\d\d[-/.]\d\d[-/.](?:19|20)\d\d")
INTERNATIONAL = re.compile(r"\+\s?\d")
# Where a number without a country is from, by the language it stands in.
REGIONS = {"en": ("US", "GB"), "de": ("DE",), "fr": ("FR",), "es": ("ES",), "it": ("IT",), "nl": ("NL",), "pt": ("BR",)}


class PersonalDatum(msgspec.Struct, frozen=True, gc=False):
    """Where it stands in the text."""

    kind: PersonalKind
    start: int
    end: int


def find_personal_data(text: str, *, language: str | None = None) -> list[PersonalDatum]:
    """All of it, by place; nothing twice."""
    found: list[PersonalDatum] = []
    for datum in _find_all(text, language):
        if all(datum.end <= other.start or datum.start >= other.end for other in found):
            found.append(datum)
    return sorted(found, key=lambda datum: datum.start)


def _find_all(text: str, language: str | None) -> Iterator[PersonalDatum]:
    if "@" in text:
        for match in EMAIL.finditer(text):
            if not RESERVED.search(match.group()):
                yield PersonalDatum("email", *match.span())
    if not DIGITS.search(text):
        return
    yield from _find_valid(text, "iban", IBAN, lambda number: bool(iban.is_valid(number)))
    yield from _find_valid(text, "card", CARD, _is_card)
    yield from _find_valid(text, "ssn", SSN, lambda number: bool(ssn.is_valid(number)))
    yield from _find_valid(text, "ip_address", IPV4, _is_public)
    if INTERNATIONAL.search(text):
        yield from _find_international(text)
    for region in REGIONS.get(language or "", ()):
        for match in PHONE_LIKE.finditer(text):
            if sum(map(str.isdigit, match.group())) >= MIN_PHONE_DIGITS and not DATE.search(match.group()):
                yield from _find_phones(region, match)


def _find_valid(
    text: str, kind: PersonalKind, pattern: re.Pattern[str], is_valid: Callable[[str], bool]
) -> Iterator[PersonalDatum]:
    for match in pattern.finditer(text):
        if is_valid(match.group()):
            yield PersonalDatum(kind, *match.span())


def _find_international(text: str) -> Iterator[PersonalDatum]:
    for match in PhoneNumberMatcher(text, None):
        yield PersonalDatum("phone", match.start, match.end)


def _find_phones(region: str, place: re.Match[str]) -> Iterator[PersonalDatum]:
    for match in PhoneNumberMatcher(place.group(), region, leniency=Leniency.STRICT_GROUPING):
        # Digits without any mark between them may count anything.
        if not match.raw_string.isdigit():
            yield PersonalDatum("phone", place.start() + match.start, place.start() + match.end)


def _is_card(written: str) -> bool:
    number = re.sub(r"[ -]", "", written)
    return CARD_STARTS.match(number) is not None and bool(luhn.is_valid(number))


def _is_public(written: str) -> bool:
    try:
        return ipaddress.ip_address(written).is_global
    except ValueError:
        return False
