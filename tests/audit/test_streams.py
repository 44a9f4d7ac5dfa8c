"""Live streams: nothing is lost, nothing comes twice, and nobody hears what is not theirs."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.http import live
from service.ledger import listening
from service.ledger.feed import ALL, Wanted
from service.ledger.listening import Listening
from service.settings import Settings
from tests.audit.streaming import Reader, events, listen, read, until, whole
from tests.datasets.importing import ended, send_file, working
from tests.http_client import OPERATOR_KEY, client

STREAM = "/v1/events/stream"
ROW = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'


@pytest.fixture
async def stop() -> AsyncIterator[asyncio.Event]:
    event = asyncio.Event()
    yield event
    event.set()


@pytest.fixture
async def api(engine: AsyncEngine, app: Litestar, stop: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    ours = create_app(Settings(secret_key="A" * 43 + "="), engine, stop=stop)
    async with client(ours, OPERATOR_KEY) as opened:
        yield opened
    for closing in ours.on_shutdown:
        await closing()  # type: ignore[call-arg]


async def add_keys(api: httpx.AsyncClient, count: int, *, name: str = "key") -> list[str]:
    made = [
        await api.post("/v1/api-keys", json={"name": f"{name} {n}", "scopes": ["audit:read"]}) for n in range(count)
    ]
    return [each.json()["id"] for each in made]


async def test_everything_there_is_comes_once_in_order(api: httpx.AsyncClient) -> None:
    await add_keys(api, 5)
    seen = await whole(api, STREAM, after=0, seconds=0)
    assert [message.id for message in seen if message.name == "message"] == [1, 2, 3, 4, 5, 6, 7]
    shown = (await api.get("/v1/events")).json()["data"]
    assert [message.data for message in seen if message.name == "message"] == shown


async def test_the_stream_goes_on_after_the_last_id(api: httpx.AsyncClient) -> None:
    await add_keys(api, 3)
    assert await events(api, last=3) == [4, 5]
    assert await events(api, last=3, after=0) == [4, 5]
    assert await events(api, last=0) == [1, 2, 3, 4, 5]
    assert await events(api, last=5) == []


async def test_a_stream_begins_with_now_and_says_where_that_is(api: httpx.AsyncClient) -> None:
    [first, *rest] = await whole(api, STREAM, seconds=0)
    assert (first.id, first.name, first.data) == (2, "place", {"reached": 2})
    assert [message for message in rest if message.name == "message"] == []


async def test_what_happens_while_somebody_listens_arrives(api: httpx.AsyncClient) -> None:
    listening_ = asyncio.create_task(events(api, seconds=1.5, stream="api_key"))
    await asyncio.sleep(0.3)
    await add_keys(api, 3)
    await api.post("/v1/datasets", json={"name": "not asked for"})
    assert await listening_ == [3, 4, 5]


async def test_filters_are_those_of_the_feed(api: httpx.AsyncClient) -> None:
    [key, *_] = await add_keys(api, 3)
    assert await events(api, after=0, types="WorkspaceCreated") == [1]
    assert await events(api, after=0, resource=f"/v1/api-keys/{key}") == [3]
    assert await events(api, after=0, actor="first key", stream="workspace") == []
    assert await events(api, after=0, actor="first key", stream="api_key") == [3, 4, 5]


async def test_who_waits_for_rare_events_is_told_how_far_the_stream_is(api: httpx.AsyncClient) -> None:
    await add_keys(api, 3)
    places = [each.id for each in await whole(api, STREAM, after=0, types="Nothing", seconds=0) if each.name == "place"]
    assert places == [0, 5]


@pytest.mark.parametrize("given", ["x", "-1", "1.0", "9" * 16, "", "٣"])
async def test_an_id_that_is_none_is_refused(api: httpx.AsyncClient, given: str) -> None:
    refused = await api.get(STREAM, headers={b"Last-Event-ID": given.encode()})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "Last-Event-ID")


async def test_an_id_that_is_not_there_yet_is_refused(api: httpx.AsyncClient) -> None:
    refused = await api.get(STREAM, headers={"Last-Event-ID": "3"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "future")
    refused = await api.get(STREAM, params={"after": 3})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?after")


async def test_a_stranger_hears_only_its_own_workspace(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    before = await events(stranger, after=0)
    hearing = asyncio.create_task(whole(stranger, STREAM, seconds=1, after=0))
    await asyncio.sleep(0.2)
    [key] = await add_keys(api, 1)
    heard = await hearing
    assert [message.id for message in heard if message.name == "message"] == before == [1, 2]
    assert key not in str(heard)


async def test_the_stream_needs_the_feeds_scope(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/api-keys", json={"name": "other", "scopes": ["datasets:write"]})
    headers = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert (await api.get(STREAM, headers=headers)).status_code == 403


async def test_a_stream_ends_soon_after_its_key_is_revoked(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)
    made = (await api.post("/v1/api-keys", json={"name": "short", "scopes": ["audit:read"]})).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    hearing = asyncio.create_task(api.get(STREAM, headers=headers))
    await asyncio.sleep(0.3)
    assert not hearing.done()
    await api.delete(f"/v1/api-keys/{made['id']}")
    async with asyncio.timeout(10):
        assert (await hearing).text.endswith(": come again\n")


async def test_silence_is_broken_now_and_then(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
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


async def test_what_the_memory_lacks_yet_is_read_at_once_and_not_waited_for(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LOOK_SECONDS", 3)
    other = asyncio.create_task(api.get(STREAM, params={"seconds": 3}))
    await asyncio.sleep(0.2)
    await add_keys(api, 3)
    text = (await api.get(STREAM, params={"seconds": 0}, headers={"Last-Event-ID": "2"})).text
    seen = read(text.splitlines())
    assert [message.id for message in seen if message.name == "message"] == [3, 4, 5]
    assert "still here" not in text
    other.cancel()


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
    told = [message for message in heard if message.name == "message"]
    assert [message.data["type"] for message in told] == ["TuneRequested", "TuneCancelled"]
    assert heard[-1].name == "end"
    assert [each.data["type"] for each in await whole(api, path) if each.name == "message"] == [
        "TuneRequested",
        "TuneCancelled",
    ]
    after = await whole(api, path, last=told[-1].id)
    assert [message.name for message in after if message.name != "place"] == ["end"]


async def test_a_tune_that_ends_while_its_stream_begins_is_told_to_its_end(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its stream asked where the log ends, while another listener has that end in memory."""
    tune = await pending_tune(api)
    monkeypatch.setattr(listening, "LOOK_SECONDS", 0.5)
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


@pytest.mark.parametrize("path", ["/v1/tunes/{}/stream", "/v1/operations/{}/stream"])
async def test_what_is_not_there_has_no_stream(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path.format(UUID(int=7)))).status_code == 404


class Consumer:
    """Follows a workspace in process; `seen` is what it got."""

    def __init__(self, heard: Listening, workspace_id: UUID, wanted: Wanted = ALL) -> None:
        self.heard, self.workspace_id, self.wanted = heard, workspace_id, wanted
        self.seen: list[int] = []

    async def run(self) -> None:
        """Go on where it was, or after what there was at first."""
        head = await self.heard.head(self.workspace_id)
        after = self.seen[-1] if self.seen else 2
        following = self.heard.follow(self.workspace_id, after=after, head=head, wanted=self.wanted, patience=60)
        async for news in following:
            self.seen += [event.seq for event in news.events]


async def test_a_thousand_idle_listeners_ask_what_one_asks(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LOOK_SECONDS", 0.05)
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    asked: list[str] = []
    sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda _, __, sql, *___: asked.append(sql))
    heard = Listening(engine)
    consumers = [Consumer(heard, workspace_id) for _ in range(1_000)]
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    await until(lambda: len(asked) > len(consumers) + 3)  # each asked once for the head when it began
    begun = len(asked)
    await asyncio.sleep(1)
    idle = len(asked)
    assert 1 <= idle - begun <= 21
    await add_keys(api, 1)
    await until(lambda: all(consumer.seen == [3] for consumer in consumers))
    reads = [sql for sql in asked[idle:] if "ledger.events" in sql and "select" in sql.lower()[:10]]
    assert len(reads) < 10
    await heard.close()
    await asyncio.gather(*tasks)


async def test_a_consumer_killed_at_random_sees_each_of_many_events_once(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In process, where a cut falls anywhere; tests/consumers does it with processes and over the network."""
    monkeypatch.setattr(listening, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(listening, "KEPT", 50)
    monkeypatch.setattr(listening, "PIECE", 30)
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    chance, heard = random.Random(7), Listening(engine)
    consumers = [Consumer(heard, workspace_id), Consumer(heard, workspace_id, Wanted(actor="ada", types=("Even",)))]
    writing = asyncio.create_task(write(engine, workspace_id, 3, 3_000, chance))
    while (
        not writing.done() or writing.result() or [consumer.seen[-1:] for consumer in consumers] != [[3_000], [3_000]]
    ):
        tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
        await asyncio.sleep(chance.random() * 0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await heard.close()
    assert consumers[0].seen == list(range(3, 3_001))
    assert consumers[1].seen == list(range(4, 3_001, 2))


async def write(engine: AsyncEngine, workspace_id: UUID, first: int, last: int, chance: random.Random) -> None:
    """Events in batches of any size."""
    append = sa.text(
        "select count(*) from ledger.append(:workspace_id, 'ada', 'r', array(select 'toy' from"
        " generate_series(:first, :last)), array(select gen_random_uuid() from generate_series(:first, :last)),"
        " array(select 1 from generate_series(:first, :last)), array(select case when n % 2 = 0 then 'Even' else 'Odd'"
        " end from generate_series(:first, :last) n), array(select '{}' from generate_series(:first, :last)))"
    ).bindparams(sa.bindparam("first", type_=sa.Integer), sa.bindparam("last", type_=sa.Integer))
    values: dict[str, Any]
    while first <= last:
        many = min(chance.randint(1, 60), last - first + 1)
        values = {"workspace_id": workspace_id, "first": first, "last": first + many - 1}
        async with engine.begin() as connection:
            await connection.execute(append, values)
        first += many
        await asyncio.sleep(chance.random() * 0.02)


async def test_a_heard_stream_has_the_ids_that_were_heard(api: httpx.AsyncClient) -> None:
    await add_keys(api, 2)
    heard = [message.id async for message in listen(api, STREAM, after=2, seconds=0) if message.name == "message"]
    assert heard == [3, 4]
