"""Listening in one process: what many listeners ask of the database, and what none of them misses."""

import asyncio
import random
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import create_engine
from service.ledger.readers import feed_hub
from service.ledger.readers.feed import ALL_EVENTS, EventFilter
from service.ledger.readers.feed_hub import FeedHub
from tests.audit.stream_reader import STREAM, add_keys, read, until
from tests.database_failures import break_connections


class Consumer:
    """Follows a workspace in process; `seen` is what it got."""

    def __init__(self, feed_hub_: FeedHub, workspace_id: UUID, event_filter: EventFilter = ALL_EVENTS) -> None:
        self.feed_hub, self.workspace_id, self.event_filter = feed_hub_, workspace_id, event_filter
        self.seen: list[int] = []

    async def run(self) -> None:
        """Go on where it was, or after what there was at first."""
        head = await self.feed_hub.load_head(self.workspace_id)
        after = self.seen[-1] if self.seen else 3
        following = self.feed_hub.follow(
            self.workspace_id, after=after, head=head, event_filter=self.event_filter, patience=60
        )
        async for news in following:
            self.seen += [event.seq for event in news.events]


async def test_a_thousand_idle_listeners_ask_what_one_asks(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_hub, "POLL_SECONDS", 0.05)
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    statements: list[str] = []
    sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda _, __, sql, *___: statements.append(sql))
    heard = FeedHub(engine)
    consumers = [Consumer(heard, workspace_id) for _ in range(1_000)]
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    await until(lambda: len(statements) > len(consumers) + 3)  # each asked once for the head when it began
    begun = len(statements)
    await asyncio.sleep(1)
    idle = len(statements)
    assert 1 <= idle - begun <= 21
    await add_keys(api, 1)
    await until(lambda: all(consumer.seen == [4] for consumer in consumers))
    reads = [sql for sql in statements[idle:] if "ledger.events" in sql and "select" in sql.lower()[:10]]
    assert len(reads) < 10
    await heard.close()
    await asyncio.gather(*tasks)


async def test_what_the_memory_lacks_yet_is_read_at_once_and_not_waited_for(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_hub, "POLL_SECONDS", 3)
    other = asyncio.create_task(api.get(STREAM, params={"seconds": 3}))
    await asyncio.sleep(0.2)
    await add_keys(api, 3)
    text = (await api.get(STREAM, params={"seconds": 0}, headers={"Last-Event-ID": "3"})).text
    seen = read(text.splitlines())
    assert [message.id for message in seen if message.name == "message"] == [4, 5, 6]
    assert "still here" not in text
    other.cancel()


async def test_those_who_are_far_behind_ask_four_at_a_time(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_hub, "PAGE_EVENTS", 10)
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    await write(engine, workspace_id, 4, 300, random.Random(5))
    asking, most = 0, 0

    def asks(_: object, __: object, sql: str, *___: object) -> None:
        nonlocal asking, most
        if "FROM ledger.events" in sql:
            asking, most = asking + 1, max(most, asking + 1)

    def told(_: object, __: object, sql: str, *___: object) -> None:
        nonlocal asking
        asking -= "FROM ledger.events" in sql

    sa.event.listen(engine.sync_engine, "before_cursor_execute", asks)
    sa.event.listen(engine.sync_engine, "after_cursor_execute", told)
    heard = FeedHub(engine)
    consumers = [Consumer(heard, workspace_id) for _ in range(30)]
    for number, consumer in enumerate(consumers):
        consumer.seen = [number]
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    await until(lambda: all(consumer.seen[-1] == 300 for consumer in consumers))
    await heard.close()
    await asyncio.gather(*tasks)
    assert [consumer.seen for consumer in consumers] == [list(range(number, 301)) for number in range(30)]
    assert most == feed_hub.CONCURRENCY == 4


async def test_a_consumer_killed_at_random_sees_each_of_many_events_once(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In process, where a cut falls anywhere; tests/consumers does it with processes and over the network."""
    monkeypatch.setattr(feed_hub, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(feed_hub, "MAX_EVENTS", 50)
    monkeypatch.setattr(feed_hub, "PAGE_EVENTS", 30)
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    chance, heard = random.Random(7), FeedHub(engine)
    consumers = [
        Consumer(heard, workspace_id),
        Consumer(heard, workspace_id, EventFilter(actor="ada", types=("Even",))),
    ]
    writing = asyncio.create_task(write(engine, workspace_id, 4, 3_000, chance))
    while (
        not writing.done() or writing.result() or [consumer.seen[-1:] for consumer in consumers] != [[3_000], [3_000]]
    ):
        tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
        await asyncio.sleep(chance.random() * 0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await heard.close()
    assert consumers[0].seen == list(range(4, 3_001))
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


async def test_a_consumer_misses_nothing_while_connections_to_the_database_break(
    api: httpx.AsyncClient, clones: asyncpg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_hub, "POLL_SECONDS", 0.02)
    workspace_id = UUID((await api.get("/v1/me")).json()["workspace_id"])
    writer = create_engine(database_url, application_name="writer")
    writing = asyncio.create_task(write(writer, workspace_id, 4, 1_500, random.Random(7)))
    enough, seen = asyncio.Event(), [3]
    breaking = asyncio.create_task(break_again_and_again(clones, database_url, enough))
    async with asyncio.timeout(120):
        while seen[-1] < 1_500:
            answer = await api.get(STREAM, params={"seconds": 0.5}, headers={"Last-Event-ID": str(seen[-1])})
            assert answer.status_code in (200, 503), answer.text
            if answer.is_success:
                seen += [message.id for message in read(answer.text.splitlines()) if message.name == "message"]
    enough.set()
    assert await breaking > 1
    await writing
    await writer.dispose()
    assert seen == list(range(3, 1_501))


async def break_again_and_again(clones: asyncpg.Connection, database_url: str, enough: asyncio.Event) -> int:
    """How many connections of the application it were."""
    chance, broken = random.Random(8), 0
    while not enough.is_set():
        broken += await break_connections(clones, database_url, "tests")
        await asyncio.sleep(chance.random() * 0.2)
    return broken
