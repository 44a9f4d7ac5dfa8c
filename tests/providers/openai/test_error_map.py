from datetime import UTC, datetime

import pytest

from service.errors import ProviderRefused
from service.providers.adapters import connect
from service.providers.openai.error_map import MAX_WAIT_SECONDS, parse_retry_after
from service.providers.provider import Account

NOW = datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "soon", "retry-after": "2.5"}, 2.5),
        ({"retry-after": "Fri, 20 Nov 2026 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 07:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, MAX_WAIT_SECONDS),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "in a while"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_from_whichever_header_says_it(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, now=NOW) == seconds


def test_an_account_never_shows_its_secret() -> None:
    account = Account(kind="openai", base_url="https://api.example", secret="sk-very-secret")
    shown = f"{account!r} {account!s} {account.__rich_repr__()}"
    assert "very-secret" not in shown
    assert "https://api.example" in shown


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(ProviderRefused, match="openai, ray, sandbox"):
        connect(Account(kind="abacus", base_url="https://api.example", secret="x"))


@pytest.mark.parametrize("base_url", ["", "not a url", "ftp://files.example/v1", "http://host:port/v1", "https:///v1"])
def test_an_address_that_cannot_be_asked_is_refused_at_once(base_url: str) -> None:
    with pytest.raises(ProviderRefused, match="URL"):
        connect(Account(kind="openai", base_url=base_url, secret="x"))


def test_a_secret_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    with pytest.raises(ProviderRefused) as refused:
        connect(Account(kind="openai", base_url="https://api.example", secret="sk-very-secret\n"))
    assert "very-secret" not in refused.value.detail
