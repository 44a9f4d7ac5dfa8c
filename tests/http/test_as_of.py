"""A moment of the past: by time or by seq, and never one that is not there yet."""

import httpx
import pytest


@pytest.mark.parametrize(
    "as_of",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-11-20T12:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "9223372036854775807",
        "9" * 40,
        "-1",
        "1.5",
        "\u0661",
    ],
)
async def test_what_is_no_moment_of_the_past_is_refused_by_name(api: httpx.AsyncClient, as_of: str) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "d"})).json()
    for path in (f"/v1/datasets/{dataset['id']}", f"/v1/datasets/{dataset['id']}/examples"):
        refused = await api.get(path, params={"as_of": as_of})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?as_of"), refused.text


async def test_before_the_first_event_there_was_nothing(api: httpx.AsyncClient) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "d"})).json()
    for as_of in ("0", "0001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"):
        assert (await api.get(f"/v1/datasets/{dataset['id']}", params={"as_of": as_of})).status_code == 404
        examples = await api.get(f"/v1/datasets/{dataset['id']}/examples", params={"as_of": as_of})
        assert examples.json()["data"] == []


async def test_a_moment_that_is_asked_for_and_missing_is_named(api: httpx.AsyncClient) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "d"})).json()
    refused = await api.get(f"/v1/datasets/{dataset['id']}/diff")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?from")
