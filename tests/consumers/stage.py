"""Events that arrive over HTTP, and everybody who handles them in a process of its own, to be killed."""

import asyncio
import random
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec

from service.server.supervisor import ROOT
from tests.audit.stream_reader import until
from tests.consumers.mortal import Mortal
from tests.live_server import KEY, environment_of, free_port
from tuneledger import AsyncTuneledger

HERE = Path(__file__).parent
EVENTS = 10_000
# Events of few streams, among those of as many streams as there are examples.
EDITORS, EDITS = 4, 100
AHEAD = 1_500  # of what has been received, so that events arrive for as long as there is dying
ROW = {"content": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}}
ORDERS: tuple[Literal["stream", "log"], ...] = ("stream", "log")
PATIENCE = 300.0


class Seen(msgspec.Struct, kw_only=True):
    """What came of it. `begun` is the log's end when the webhook of each order was made, `head` its end at last."""

    begun: dict[str, int]
    head: int
    followed: list[str]
    received: dict[str, list[str]]
    deaths: dict[str, int]
    came_back: bool
    exported: bytes


class Stage:
    """A server without a worker, a worker, a receiver of webhooks, and a follower of the event stream."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self._directory = directory
        self._port, self._receiver_port = free_port(), free_port()
        self._url = f"http://127.0.0.1:{self._port}"
        self._environment = {
            **environment_of(database_url, directory),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'clients/python/src'}",
            "TUNELEDGER_PORT": str(self._port),
            "TUNELEDGER_BASE_URL": self._url,
            "TUNELEDGER_API_KEY": KEY,
            "TUNELEDGER_LEASE_SECONDS": "1",
            "TUNELEDGER_WEBHOOKS_ALLOW_LOCAL": "true",
            "TUNELEDGER_WEBHOOKS_RETRY_SCHEDULE": "0.05,0.1",
        }
        receiver = (f"{HERE}/receiver.py", str(self._receiver_port), str(directory))
        self._server = self._mortal("server", "-m", "service", "serve", "--no-worker", wrote="followed")
        self._worker = self._mortal("worker", "-m", "service", "worker", wrote="stream")
        self._receiver = self._mortal("receiver", *receiver, wrote="stream")
        self._follower = self._mortal("follower", f"{HERE}/follower.py", f"{directory}/followed", wrote="followed")

    def _mortal(self, name: str, *command: str, wrote: str) -> Mortal:
        output = self._directory / f"{name}.output"
        return Mortal(*command, environment=self._environment, output=output, wrote=self._directory / wrote)

    async def close(self) -> None:
        for each in (self._follower, self._receiver, self._worker, self._server):
            await each.kill()

    async def play(self) -> Seen:
        """Until everybody has seen everything."""
        await self._server.start()
        await self._answers()
        async with AsyncTuneledger(KEY, base_url=self._url, max_retries=12) as client:
            dataset, tasks, begun = await self._prepared(client)
            for each in (self._receiver, self._worker, self._follower):
                await each.start()
            stop, half = asyncio.Event(), asyncio.Event()
            async with asyncio.TaskGroup() as group:
                back = group.create_task(self._server_dies(half, stop))
                for dying in self._dying(stop):
                    group.create_task(dying)
                await asyncio.gather(self._add(client, dataset, half), *(_edit(client, task) for task in tasks))
                await self._told(client, head := begun["log"] + EVENTS)
                stop.set()
            exported = await self._exported(client, head)
        return Seen(
            begun=begun,
            head=head,
            followed=self._lines("followed"),
            received={order: self._lines(order) for order in ORDERS},
            deaths={each: getattr(self, f"_{each}").deaths for each in ("worker", "receiver", "follower")},
            came_back=back.result(),
            exported=exported,
        )

    def _dying(self, stop: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
        """Each a few times: the worker's and the receiver's file gets to 840 KB, the follower's to 50."""
        return [
            self._worker.die_again_and_again(stop, random.Random(2), after=500_000),
            self._receiver.die_again_and_again(stop, random.Random(6), after=200_000, early=0.2),
            self._follower.die_again_and_again(stop, random.Random(9), after=8_000, early=0.2),
        ]

    async def _server_dies(self, half: asyncio.Event, stop: asyncio.Event) -> bool:
        """Whether the follower that was there before goes on afterwards."""
        await half.wait()
        async with self._follower.spared:
            await self._follower.grown(1, stop)
            follower = self._follower.process
            await self._server.kill()
            await self._server.start()
            await self._answers()
            await self._follower.grown(1, stop)
            return follower is self._follower.process and self._follower.running

    async def _answers(self) -> None:
        """Wait until the server does."""
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"{self._url}/readyz")).is_success:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)

    async def _prepared(self, client: AsyncTuneledger) -> tuple[str, list[str], dict[str, int]]:
        """A dataset, tasks, and a webhook of each order, whose secrets the receiver has."""
        dataset = await client.datasets.create(name="news")
        tasks = [await client.tasks.create(name=f"{n}", instruction="Write one.") for n in range(EDITORS)]
        begun: dict[str, int] = {}
        for order in ORDERS:
            url = f"http://127.0.0.1:{self._receiver_port}/{order}"
            webhook = await client.webhooks.create(url=url, order=order)
            (self._directory / f"{order}.secret").write_text(str(webhook.secret))
            begun[order] = (await client.request("GET", "/v1/events", params={"limit": 1_000})).json()["reached"]
        return dataset.id, [task.id for task in tasks], begun

    async def _add(self, client: AsyncTuneledger, dataset: str, half: asyncio.Event) -> None:
        chance, added = random.Random(2), 0
        while left := EVENTS - EDITORS * EDITS - added:
            many = min(left, chance.randint(1, 400))
            await client.datasets.examples.create_many(dataset, examples=[ROW] * many)
            added += many
            if added > EVENTS // 2:
                half.set()
            wanted = added - AHEAD
            await until(lambda wanted=wanted: len(self._lines("stream")) >= wanted, seconds=PATIENCE)

    async def _told(self, client: AsyncTuneledger, head: int) -> None:
        """Wait until everybody has everything, and it is known of the webhooks that they have."""
        await until(lambda: len(self._lines("followed")) >= head, seconds=PATIENCE)
        async for webhook in client.webhooks.list():
            standing = None
            while standing is None or standing.reached < head or standing.held:
                await asyncio.sleep(0.1)
                standing = (await client.webhooks.get(webhook.id)).standing

    async def _exported(self, client: AsyncTuneledger, head: int) -> bytes:
        """The log for a verifier, once a worker has sealed all of it."""
        sealed = 0
        while sealed < head:
            await asyncio.sleep(0.1)
            sealed = (await client.ledger.checkpoint()).size
        return await client.events.export_log().read()

    def _lines(self, name: str) -> list[str]:
        """The whole ones."""
        file = self._directory / name
        return file.read_text().split("\n")[:-1] if file.exists() else []


async def _edit(client: AsyncTuneledger, task: str) -> None:
    for number in range(EDITS):
        await client.tasks.update(task, instruction=f"Write {number}.")
