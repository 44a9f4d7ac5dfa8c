"""A moment of the past: by time or by seq, and never one that is not there yet."""

import httpx
import pytest

from tests.datasets.example_bodies import Json, head, ok
from tests.labeling.annotator_clients import open_desk

RECEIVER = "https://receiver.example/hook"


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
    refused = await api.get(f"/v1/datasets/{dataset['id']}/compare")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?from")


async def test_a_queue_is_read_as_it_was_with_its_progress(api: httpx.AsyncClient) -> None:
    desk = await open_desk(api)
    honeypot = {"example_id": desk.examples[5], "category": "sports"}
    queue = await desk.queue(examples=desk.examples[:2], honeypots=[honeypot])
    path = f"/v1/queues/{queue['id']}"
    moments: dict[int, Json] = {}

    async def note() -> None:
        moments[await head(api)] = await ok(await api.get(path))

    await note()
    first, second = (c for c in await desk.claim("ann", limit=3) if c["example_id"] in desk.examples[:2])
    await note()
    await ok(await desk.submit(first, "sports"))
    await ok(await desk.submit(second, "money"))
    await note()
    await ok(await desk.give_back(second, "withdraw"))
    await note()
    await ok(await api.post(f"{path}/examples", json={"examples": desk.examples[2:3]}))
    await ok(await api.patch(path, json={"closed": True, "name": "done"}))
    await note()
    await ok(await api.post(f"{path}/archive", json={}))
    assert len({str(queue["progress"]) for queue in moments.values()}) == 4
    for seq, queue in moments.items():
        past = await api.get(path, params={"as_of": str(seq)})
        assert past.json() == queue
        assert past.headers["ETag"] == f'"{queue["version"]}"'
    assert (await api.get(path, params={"as_of": "1"})).status_code == 404


async def test_a_generation_and_its_topics_are_read_as_they_were(api: httpx.AsyncClient) -> None:
    account = {"name": "sandbox", "kind": "sandbox", "secret": "sk-x", "base_url": "http://127.0.0.1:9/v1"}
    connection = (await ok(await api.post("/v1/connections", json=account)))["id"]
    dataset = (await ok(await api.post("/v1/datasets", json={"name": "d"})))["id"]
    body = {"dataset_id": dataset, "target": {"connection_id": connection, "model": "m"}, "name": "before"}
    path = f"/v1/generations/{(await ok(await api.post('/v1/generations', json=body)))['id']}"
    seq, before = str(await head(api)), await ok(await api.get(path))
    tree = await ok(await api.get(f"{path}/topics"))
    await ok(await api.patch(path, json={"name": "after"}))
    await ok(await api.patch(f"{path}/topics", json={"add": [{"name": "sports"}]}))
    assert await ok(await api.get(path, params={"as_of": seq})) == before
    assert await ok(await api.get(f"{path}/topics", params={"as_of": seq})) == tree


async def test_a_webhook_is_read_as_it_was_also_once_deleted(api: httpx.AsyncClient) -> None:
    path = f"/v1/webhooks/{(await ok(await api.post('/v1/webhooks', json={'url': RECEIVER})))['id']}"
    seq = str(await head(api))
    await ok(await api.patch(path, json={"url": f"{RECEIVER}/2"}))
    assert (await ok(await api.get(path, params={"as_of": seq})))["url"] == RECEIVER
    await ok(await api.delete(path))
    assert (await api.get(path)).status_code == 404
    past = await ok(await api.get(path, params={"as_of": seq}))
    assert (past["url"], past["standing"]) == (RECEIVER, None)
