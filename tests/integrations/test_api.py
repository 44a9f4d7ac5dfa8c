"""Integrations are created with a secret that is never shown, at allowed addresses alone."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.tunes.conftest import ok

SECRET = "hf_never-to-be-seen"
KEYS = '{"access_key_id": "id", "secret_access_key": "never-to-be-seen"}'
HUB = {"name": "hub", "kind": "huggingface", "secret": SECRET, "url": "http://127.0.0.1:9"}


async def test_an_integration_lives_and_its_secret_is_nowhere(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    made = await ok(await api.post("/v1/integrations", json=HUB))
    path = f"/v1/integrations/{made['id']}"
    assert (made["kind"], made["url"]) == ("huggingface", HUB["url"])
    assert (await ok(await api.get("/v1/integrations")))["data"] == [made]
    assert (await stranger.get(path)).status_code == 404
    assert (await ok(await stranger.get("/v1/integrations")))["data"] == []
    again = await api.post("/v1/integrations", json=HUB)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/name")
    await ok(await api.patch(path, json={"secret": f"{SECRET}-2", "reason": "rotated"}))
    log = await api.get("/v1/events?limit=1000")
    assert "IntegrationSecretReplaced" in log.text
    assert SECRET not in log.text + (await api.get(path)).text
    assert (await api.delete(path)).status_code == 200
    assert (await api.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"secret": None}, "/secret"),
        ({"url": "http://10.0.0.1"}, "/url"),
        ({"url": "file:///etc"}, "/url"),
        ({"options": {"region": "x"}}, "/options/region"),
        ({"kind": "object_store", "url": "s3://bucket", "secret": "key"}, "/secret"),
        ({"kind": "object_store", "url": "file:///etc", "secret": KEYS}, "/secret"),
        ({"kind": "object_store", "url": "s3://b", "secret": KEYS, "options": {"region": "a.b/"}}, "/options/region"),
        (
            {"kind": "object_store", "url": "s3://b", "secret": KEYS, "options": {"endpoint": "http://10.0.0.1"}},
            "/options/endpoint",
        ),
    ],
)
async def test_what_is_wrong_is_named(api: httpx.AsyncClient, fields: dict[str, object], pointer: str) -> None:
    refused = await api.post("/v1/integrations", json=HUB | fields)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
