"""An issuer behind a proxy with TLS: which addresses have to match, and what is said when they do not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from tests.access.sign_in.provider import Key, Provider, find_free_port, running_provider
from tests.access.sign_in.test_sign_in import bearer, link, refuse, signing_in
from tests.access.sign_in.tls_proxy import running_tls_proxy, write_certificate

PORT = find_free_port()
ADDRESS = f"https://localhost:{PORT}"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(find_free_port(), [Key("first")], {"ann": {}}, address=ADDRESS) as provider:
        yield provider


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return write_certificate(tmp_path)


def reasons(lines: list[Any]) -> str:
    return " ".join(line["error"] for line in lines if line["event"] == "issuer_unavailable")


async def test_a_token_counts_when_the_issuer_is_its_public_address(
    api: httpx.AsyncClient,
    engine: AsyncEngine,
    provider: Provider,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_tls_proxy(PORT, provider.url, certificate):
        async with signing_in(engine, {"issuer": ADDRESS}) as (owner, nobody):
            await link(owner, ADDRESS, "ann")
            # Fetched at the inner address, it bears the public one.
            answer = await nobody.get("/v1/me", headers=bearer(provider.fetch_token("ann")))
            assert (answer.status_code, answer.json()["name"]) == (200, "member ann"), answer.text
        async with signing_in(engine, {"issuer": provider.url}) as (_, nobody):
            await refuse(nobody, provider.fetch_token("ann"), repr(ADDRESS))


@pytest.mark.parametrize(
    ("names_scheme", "trusted", "reason"),
    [(False, True, f"the keys are at http://localhost:{PORT}/jwks, which is not https"), (True, False, "CERTIFICATE")],
    ids=["a proxy that does not name the scheme", "a certificate that nobody trusts"],
)
async def test_what_is_wrong_is_in_the_log(
    api: httpx.AsyncClient,
    engine: AsyncEngine,
    provider: Provider,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    names_scheme: bool,
    trusted: bool,
    reason: str,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_tls_proxy(PORT, provider.url, certificate, names_scheme=names_scheme), capture_logs() as lines:
        async with signing_in(engine, {"issuer": ADDRESS}) as (_, nobody):
            await refuse(nobody, provider.fetch_token("ann"), "cannot be fetched now", status=503)
    assert reason in reasons(lines)
