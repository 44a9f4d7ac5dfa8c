"""The streams of tunes and operations: each to its end."""

import asyncio
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.readers import feed_hub
from tests.audit.stream_reader import STREAM, whole
from tests.datasets.import_files import ended, send_file, working

ROW = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'


async def test_an_operations_stream_ends_with_its_last_state(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "news"})).json()["id"]
    operation = (await send_file(api, dataset, ROW))["id"]
    path = f"/v1/operations/{operation}/stream"
    hearing = asyncio.create_task(whole(api, path))
    await asyncio.sleep(0.3)
    assert not hearing.done()
    async with working(engine), asyncio.timeout(30):
        heard = await hearing
    states = [message for message in heard if message.name == "message"]
    assert states[-1].data == await ended(api, operation)
    assert [message.id for message in states] == sorted({message.id for message in states})
    assert heard[-1].name == "end"
    [again] = [message for message in await whole(api, path) if message.name == "message"]
    assert again == states[-1]
    after = await whole(api, path, last=states[-1].id)
    assert [message.name for message in after if message.name != "place"] == ["end"]


async def test_a_tunes_stream_ends_with_its_last_event(api: httpx.AsyncClient) -> None:
    tune = await pending_tune(api)
    path = f"/v1/tunes/{tune}/stream"
    hearing = asyncio.create_task(whole(api, path))
    await asyncio.sleep(0.3)
    assert not hearing.done()
    await api.post(f"/v1/tunes/{tune}/cancel")
    async with asyncio.timeout(10):
        heard = await hearing
    messages = [message for message in heard if message.name == "message"]
    assert [message.data["type"] for message in messages] == ["TuneRequested", "TuneCancelled"]
    assert heard[-1].name == "end"
    assert [each.data["type"] for each in await whole(api, path) if each.name == "message"] == [
        "TuneRequested",
        "TuneCancelled",
    ]
    after = await whole(api, path, last=messages[-1].id)
    assert [message.name for message in after if message.name != "place"] == ["end"]


async def test_a_tune_that_ends_while_its_stream_begins_is_told_to_its_end(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its stream asked where the log ends, while another listener has that end in memory."""
    tune = await pending_tune(api)
    monkeypatch.setattr(feed_hub, "POLL_SECONDS", 0.5)
    other = asyncio.create_task(api.get(STREAM, params={"seconds": 3}))
    await asyncio.sleep(0.2)
    head = (await api.get("/v1/events", params={"limit": 1_000})).json()["reached"]
    cancelled: list[str] = []

    def cancel(_: object, __: object, sql: str, *___: object) -> None:
        if "ledger.heads" in sql and "any" not in sql and not cancelled:
            cancelled.append(sql)
            sa.util.await_only(api.post(f"/v1/tunes/{tune}/cancel"))

    sa.event.listen(engine.sync_engine, "after_cursor_execute", cancel)
    heard = await whole(api, f"/v1/tunes/{tune}/stream", last=head)
    assert [message.data.get("type") for message in heard if message.name == "message"] == ["TuneCancelled"]
    assert heard[-1].name == "end"
    other.cancel()


async def test_an_id_that_is_none_is_refused_by_every_stream(api: httpx.AsyncClient) -> None:
    tune = await pending_tune(api)
    dataset = (await api.get("/v1/datasets")).json()["data"][0]["id"]
    operation = (await send_file(api, dataset, ROW))["id"]
    for path in (f"/v1/tunes/{tune}/stream", f"/v1/operations/{operation}/stream"):
        for last_event_id in ("x", "999999"):
            refused = await api.get(path, headers={"Last-Event-ID": last_event_id})
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "Last-Event-ID")


@pytest.mark.parametrize("path", ["/v1/tunes/{}/stream", "/v1/operations/{}/stream"])
async def test_what_is_not_there_has_no_stream(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path.format(UUID(int=7)))).status_code == 404


async def pending_tune(api: httpx.AsyncClient) -> str:
    dataset = (await api.post("/v1/datasets", json={"name": "news"})).json()["id"]
    content = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    policy = {"content": content, "split": "train"}
    await api.post(f"/v1/datasets/{dataset}/examples", json={"examples": [policy] * 12})
    frozen = await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v1"})
    assert frozen.status_code == 201, frozen.text
    nowhere = {"name": "nowhere", "kind": "sandbox", "secret": "none", "base_url": "http://127.0.0.1:9"}
    connection = (await api.post("/v1/connections", json=nowhere)).json()["id"]
    target = {"connection_id": connection, "base_model": "sandbox-small"}
    wanted = {"dataset_id": dataset, "dataset_version": "v1", "targets": [target]}
    sweep = await api.post("/v1/tunes", json=wanted)
    assert sweep.status_code == 201, sweep.text
    tune: str = sweep.json()["tunes"][0]["id"]
    return tune
