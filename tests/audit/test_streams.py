"""Live streams: nothing is lost, nothing comes twice, and nobody hears what is not theirs."""

import asyncio

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.http import sse as live
from tests.audit.stream_reader import STREAM, Reader, add_keys, events, listen, whole


async def test_everything_there_is_comes_once_in_order(api: httpx.AsyncClient) -> None:
    await add_keys(api, 5)
    seen = await whole(api, STREAM, after=0, seconds=0)
    assert [message.id for message in seen if message.name == "message"] == [1, 2, 3, 4, 5, 6, 7, 8]
    shown = (await api.get("/v1/events")).json()["data"]
    assert [message.data for message in seen if message.name == "message"] == shown


async def test_the_stream_goes_on_after_the_last_id(api: httpx.AsyncClient) -> None:
    await add_keys(api, 3)
    assert await events(api, last=4) == [5, 6]
    assert await events(api, last=4, after=0) == [5, 6]
    assert await events(api, last=0) == [1, 2, 3, 4, 5, 6]
    assert await events(api, last=6) == []


async def test_a_stream_begins_with_now_and_says_where_that_is(api: httpx.AsyncClient) -> None:
    [first, *rest] = await whole(api, STREAM, seconds=0)
    assert (first.id, first.name, first.data) == (3, "place", {"reached": 3})
    assert [message for message in rest if message.name == "message"] == []


async def test_what_happens_while_somebody_listens_arrives(api: httpx.AsyncClient) -> None:
    listening_ = asyncio.create_task(events(api, seconds=1.5, stream="api_key"))
    await asyncio.sleep(0.3)
    await add_keys(api, 3)
    await api.post("/v1/datasets", json={"name": "not asked for"})
    assert await listening_ == [4, 5, 6]


async def test_filters_are_those_of_the_feed(api: httpx.AsyncClient) -> None:
    [key, *_] = await add_keys(api, 3)
    assert await events(api, after=0, types="WorkspaceCreated") == [1]
    assert await events(api, after=0, resource=f"/v1/api-keys/{key}") == [4]
    assert await events(api, after=0, actor="first key", stream="workspace") == []
    assert await events(api, after=0, actor="first key", stream="api_key") == [4, 5, 6]


async def test_who_waits_for_rare_events_is_told_how_far_the_stream_is(api: httpx.AsyncClient) -> None:
    await add_keys(api, 3)
    places = [each.id for each in await whole(api, STREAM, after=0, types="Nothing", seconds=0) if each.name == "place"]
    assert places == [0, 6]


@pytest.mark.parametrize("last_event_id", ["x", "-1", "1.0", "9" * 16, "", "٣"])
async def test_an_id_that_is_none_is_refused(api: httpx.AsyncClient, last_event_id: str) -> None:
    refused = await api.get(STREAM, headers={b"Last-Event-ID": last_event_id.encode()})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "Last-Event-ID")


async def test_neither_proxies_nor_browsers_keep_a_stream(api: httpx.AsyncClient) -> None:
    answer = await api.get(STREAM, params={"seconds": 0})
    headers = [answer.headers[name] for name in ("content-type", "cache-control", "x-accel-buffering")]
    assert headers == ["text/event-stream; charset=utf-8", "no-store", "no"]


async def test_an_id_that_is_not_there_yet_is_refused(api: httpx.AsyncClient) -> None:
    refused = await api.get(STREAM, headers={"Last-Event-ID": "4"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "future")
    refused = await api.get(STREAM, params={"after": 4})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?after")


async def test_a_stranger_hears_only_its_own_workspace(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    before = await events(stranger, after=0)
    hearing = asyncio.create_task(whole(stranger, STREAM, seconds=1, after=0))
    await asyncio.sleep(0.2)
    [key] = await add_keys(api, 1)
    heard = await hearing
    assert [message.id for message in heard if message.name == "message"] == before == [1, 2, 3]
    assert key not in str(heard)


async def test_the_stream_needs_the_feeds_scope(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/api-keys", json={"name": "other", "scopes": ["datasets:write"]})
    headers = {"Authorization": f"Bearer {response.json()['secret']}"}
    assert (await api.get(STREAM, headers=headers)).status_code == 403


@pytest.mark.parametrize("end", ["revoked_at = now()", "expires_at = now() - interval '1 second'"])
async def test_a_stream_ends_soon_after_its_key_and_coming_again_is_refused(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(live, "KEY_CHECK_SECONDS", 0.1)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.2)
    api_key = (await api.post("/v1/api-keys", json={"name": "short", "scopes": ["audit:read"]})).json()
    headers = {"Authorization": f"Bearer {api_key['secret']}"}
    hearing = asyncio.create_task(api.get(STREAM, headers=headers))
    await asyncio.sleep(0.3)
    assert not hearing.done()
    async with engine.begin() as connection:  # as another process would
        await connection.exec_driver_sql(f"update api_keys set {end} where name = 'short'")
    async with asyncio.timeout(30):
        assert (await hearing).text.endswith(": come again\n")
    assert (await api.get(STREAM, headers=headers)).status_code == 401


async def test_silence_is_broken_now_and_then(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    text = (await api.get(STREAM, params={"seconds": 0.5})).text
    reader = Reader()
    for line in text.splitlines():
        reader.line(line)
    assert reader.comments.count("still here") > 2


async def test_streams_end_when_the_process_stops(api: httpx.AsyncClient, stop: asyncio.Event) -> None:
    hearing = [asyncio.create_task(api.get(STREAM)) for _ in range(10)]
    await asyncio.sleep(0.3)
    assert not any(each.done() for each in hearing)
    stop.set()
    async with asyncio.timeout(5):
        texts = [each.text for each in await asyncio.gather(*hearing)]
    assert all(text.endswith(": come again\n") and "event: end" not in text for text in texts)


async def test_a_heard_stream_has_the_ids_that_were_heard(api: httpx.AsyncClient) -> None:
    await add_keys(api, 2)
    heard = [message.id async for message in listen(api, STREAM, after=3, seconds=0) if message.name == "message"]
    assert heard == [4, 5]
