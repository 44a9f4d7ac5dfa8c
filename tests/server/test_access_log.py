"""The access log: refusals and slow requests, and where they came from."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from litestar import Litestar
from structlog.testing import capture_logs

from service.server.access_log import AccessLog, find_client_address
from service.server.metrics import MeasuredApp
from service.settings import Settings, SettingsInvalid, load_settings, parse_trusted_proxies
from tests.http_client import OPERATOR_KEY


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as captured:
        yield captured


async def ask(app: Litestar, settings: Settings, path: str, key: str | None = None, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(MeasuredApp(app, AccessLog(settings)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as opened:
        return await opened.get(path, headers={**headers, **({"Authorization": f"Bearer {key}"} if key else {})})


def requests(lines: list[Any]) -> list[Any]:
    return [line for line in lines if line["event"] == "request"]


async def test_a_refusal_leaves_a_line_and_a_success_none(app: Litestar, lines: list[Any]) -> None:
    refused = await ask(app, Settings(), "/v1/events/7?x=secret", **{"X-Request-Id": "mine"})
    await ask(app, Settings(), "/v1/me", OPERATOR_KEY)
    [line] = requests(lines)
    wanted = {"method": "GET", "path": "/v1/events/{seq}", "status": 401, "client": "127.0.0.1"}
    assert line.items() >= wanted.items()
    assert line["request_id"] == refused.json()["request_id"]
    assert line["client_request_id"] == "mine"
    assert "secret" not in str(line)


@pytest.mark.parametrize(("kind", "count"), [("all", 2), ("refusals", 1), ("off", 0)])
async def test_the_setting_says_which_requests(app: Litestar, lines: list[Any], kind: Any, count: int) -> None:
    for key in (None, OPERATOR_KEY):
        await ask(app, Settings(access_log=kind), "/v1/me", key)
    assert len(requests(lines)) == count


async def test_a_slow_request_leaves_a_line_with_its_key(app: Litestar, lines: list[Any]) -> None:
    await ask(app, Settings(slow_request_seconds=0.000001), "/v1/me", OPERATOR_KEY)
    [line] = requests(lines)
    assert (line["status"], bool(line["key_id"]), bool(line["workspace"])) == (200, True, True)


PROXIES = parse_trusted_proxies(Settings(trusted_proxies="10.0.0.0/8, 192.0.2.1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_may_name_the_client(peer: str, forwarded: str, client: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert find_client_address({"type": "http", "client": (peer, 1), "headers": headers}, PROXIES) == client


def test_a_proxy_that_is_no_address_stops_the_start() -> None:
    with pytest.raises(SettingsInvalid, match="TUNELEDGER_TRUSTED_PROXIES"):
        load_settings({"TUNELEDGER_TRUSTED_PROXIES": "proxy.example"})
