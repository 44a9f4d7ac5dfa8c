"""Lists of what has a name of its own find one thing by it."""

import httpx
import pytest

from tests.datasets.example_bodies import ok

MADE = {
    "/v1/connections": {"kind": "sandbox", "secret": "any", "base_url": "http://127.0.0.1:9"},
    "/v1/datasets": {},
    "/v1/models": {},
    "/v1/prompts": {},
    "/v1/tasks": {"instruction": "Say it."},
}


@pytest.mark.parametrize("path", MADE)
async def test_a_name_finds_the_one_thing_that_has_it(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, path: str
) -> None:
    one, _ = [await ok(await api.post(path, json={"name": name, **MADE[path]})) for name in ("one", "another")]
    page = (await api.get(path, params={"name": "one"})).json()
    assert ([each["id"] for each in page["data"]], page["next_cursor"]) == ([one["id"]], None)
    assert (await api.get(path, params={"name": "on"})).json()["data"] == []
    assert (await stranger.get(path, params={"name": "one"})).json()["data"] == []
    assert (await api.get(path, params={"name": "\0"})).status_code == 400
