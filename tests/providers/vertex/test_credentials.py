"""What the secret of a connection to Vertex may be."""

import asyncio
import json
from collections.abc import Callable

import pytest

from service.providers.abilities import TrainingFile
from service.providers.provider import Refused, Unreachable
from service.providers.vertex.vertex_adapter import VertexProvider
from tests.emulators.vertex import VertexEmulator
from tests.emulators.vertex.tokens import API_KEY
from tests.emulators.vertex.wire import build_error
from tests.providers.vertex.conftest import account_at

Write = Callable[..., TrainingFile]


async def test_a_token_is_exchanged_once_and_kept(provider: VertexProvider, emulator: VertexEmulator) -> None:
    await asyncio.gather(*(provider.check() for _ in range(5)))
    await provider.check()
    assert len(emulator.tokens.made) == 1


async def test_a_token_is_renewed_before_it_ends_and_after_it_was_refused(
    provider: VertexProvider, emulator: VertexEmulator
) -> None:
    emulator.tokens.lifetime = 200
    await provider.check()
    await provider.check()
    assert len(emulator.tokens.made) > 1
    emulator.tokens.lifetime = 3_600
    await provider.check()
    made = len(emulator.tokens.made)
    emulator.tokens.revoked.add(emulator.tokens.made[-1])
    with pytest.raises(Refused, match="invalid authentication"):
        await provider.check()
    await provider.check()
    assert len(emulator.tokens.made) == made + 1


async def test_a_refused_or_lost_exchange_sent_nothing(provider: VertexProvider, emulator: VertexEmulator) -> None:
    refusal = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    emulator.faults.add("POST /token", status=400, body=refusal)
    with pytest.raises(Refused, match="Invalid JWT Signature") as refused:
        await provider.check()
    assert refused.value.provider_code == "invalid_grant"
    emulator.faults.add("POST /token", status=503, body=build_error(503, "Later.", word="UNAVAILABLE"))
    with pytest.raises(Unreachable) as unreachable:
        await provider.check()
    assert unreachable.value.undone


async def test_a_token_that_google_repeats_is_not_shown(provider: VertexProvider, emulator: VertexEmulator) -> None:
    await provider.check()
    token = emulator.tokens.made[-1]
    emulator.faults.add("GET .*tuningJobs", status=403, body=build_error(403, f"{token} may not list."))
    with pytest.raises(Refused) as refused:
        await provider.check()
    assert token not in f"{refused.value.detail} {refused.value.reply} {refused.value.args}"


async def test_an_access_token_and_an_api_key_sign_too(emulator: VertexEmulator, write_file: Write) -> None:
    for secret in (emulator.tokens.make(), API_KEY):
        provider = VertexProvider(account_at(emulator, secret=secret))
        await provider.check()
        if secret == API_KEY:
            with pytest.raises(Refused, match="takes no API key"):
                await provider.upload(write_file())
        else:
            assert await provider.upload(write_file())
        await provider.aclose()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"private_key": None}, "client_email and private_key are needed"),
        ({"private_key": "hush-hush"}, "should be PEM"),
        ({"token_uri": "ftp://example.org/token"}, "not https"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(
    emulator: VertexEmulator, change: dict[str, object], words: str
) -> None:
    key = json.loads(emulator.tokens.write_key()) | change
    with pytest.raises(Refused, match=words) as refused:
        VertexProvider(account_at(emulator, secret=json.dumps(key)))
    assert "hush" not in refused.value.detail


async def test_a_token_address_inside_the_network_is_not_asked(emulator: VertexEmulator) -> None:
    key = json.loads(emulator.tokens.write_key()) | {"token_uri": "http://169.254.169.254/token"}
    provider = VertexProvider(account_at(emulator, secret=json.dumps(key)))
    with pytest.raises(Refused, match="Nothing was sent"):
        await provider.check()
    await provider.aclose()
