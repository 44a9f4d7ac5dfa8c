"""10,000 events arrive while the consumers, the worker and the server are killed and started again at random."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.consumers.stage import EDITORS, EDITS, PATIENCE, Seen, Stage
from tests.live_server import fresh
from tuneledger.audit.notes import verifier_of
from tuneledger.audit.verifier import own_keys, verify


@pytest.fixture(scope="module")
async def seen(
    clones: asyncpg.Connection, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Seen]:
    async with fresh(clones, postgres_url) as url:
        stage = Stage(url, tmp_path_factory.mktemp("consumers"))
        try:
            async with asyncio.timeout(PATIENCE):
                yield await stage.play()
        finally:
            await stage.close()


async def test_by_the_event_stream_each_event_is_seen_once_and_in_order(seen: Seen) -> None:
    assert [int(line) for line in seen.followed] == list(range(1, seen.head + 1))
    assert seen.deaths["follower"] >= 4


async def test_a_client_that_follows_the_stream_outlives_the_server(seen: Seen) -> None:
    assert seen.came_back


async def test_by_a_webhook_in_the_order_of_the_log_each_event_is_seen_once_and_in_order(seen: Seen) -> None:
    seqs = [int(line.split()[1]) for line in seen.received["log"]]
    assert seqs == list(range(seen.begun["log"] + 1, seen.head + 1))
    assert seen.deaths["receiver"] >= 4
    assert seen.deaths["worker"] >= 2


async def test_by_a_webhook_in_the_order_of_streams_each_is_seen_once_and_each_stream_in_order(seen: Seen) -> None:
    streams: dict[str, list[int]] = defaultdict(list)
    for line in seen.received["stream"]:
        _, seq, stream = line.split()
        streams[stream].append(int(seq))
    received = [seq for seqs in streams.values() for seq in seqs]
    assert sorted(received) == list(range(seen.begun["stream"] + 1, seen.head + 1))
    assert all(seqs == sorted(seqs) for seqs in streams.values())
    assert sum(len(seqs) == EDITS for seqs in streams.values()) == EDITORS


async def test_the_log_is_as_it_was_sealed(seen: Seen) -> None:
    lines = seen.exported.splitlines(keepends=True)
    keys = [verifier_of(key) for key in own_keys(lines[0])]
    report = verify(lines, trusted=keys)
    assert (report.findings, report.events) == ([], seen.head)
