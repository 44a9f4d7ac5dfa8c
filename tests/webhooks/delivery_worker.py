"""A workspace with a webhook, events in it, and workers that deliver them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.database.engine import new_id
from service.settings import Settings
from service.vault.vault import open_vault
from service.webhooks.deliveries import worker
from service.worker.context import WorkerContext
from tests.datasets.example_bodies import Json, chat, make_dataset, ok
from tests.webhooks.receivers import Receiver

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SETTINGS = Settings(
    secret_key=KEY,
    webhooks_allow_local=True,
    webhooks_timeout=0.5,
    webhooks_retry_schedule="0.05,0.1",
    lease_seconds=2,
)


def build_context(engine: AsyncEngine, **settings: Any) -> WorkerContext:
    worker_settings = msgspec.structs.replace(SETTINGS, **settings)
    return WorkerContext(
        engine=engine,
        ledger=open_ledger(engine),
        settings=worker_settings,
        vault=open_vault(worker_settings),
        owner=new_id(),
    )


@asynccontextmanager
async def run_workers(engine: AsyncEngine, *, workers: int = 1, **settings: Any) -> AsyncIterator[None]:
    """Run delivery workers until the block ends."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker.run(build_context(engine, **settings), stop))
        try:
            yield
        finally:
            stop.set()


class WebhookScenario:
    """A workspace whose events are delivered to one receiver."""

    def __init__(self, api: httpx.AsyncClient, engine: AsyncEngine, receiver: Receiver) -> None:
        self.api = api
        self.engine = engine
        self.receiver = receiver
        self.start_seq = 0

    async def create_webhook(self, **fields: Any) -> Json:
        """Create a webhook to the receiver, which verifies with its secret from now on."""
        webhook = await ok(await self.api.post("/v1/webhooks", json={"url": self.receiver.url} | fields))
        self.receiver.secret = webhook["secret"]
        self.start_seq = (await self.list_seqs(0))[-1]
        return webhook

    async def get_webhook(self, webhook: Json) -> Json:
        return await ok(await self.api.get(f"/v1/webhooks/{webhook['id']}"))

    async def update_webhook(self, webhook: Json, **fields: Any) -> Json:
        return await ok(await self.api.patch(f"/v1/webhooks/{webhook['id']}", json=fields))

    async def list_deliveries(self, webhook: Json, **query: Any) -> list[Json]:
        """List deliveries, the newest first."""
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        page = await ok(await self.api.get(path, params={"limit": 1_000, **query}))
        rows: list[Json] = page["data"]
        return rows

    async def list_new_seqs(self) -> list[int]:
        """The seqs of the events since the webhook was created."""
        return await self.list_seqs(self.start_seq)

    async def list_seqs(self, seq: int) -> list[int]:
        seqs: list[int] = []
        while True:
            page = await ok(await self.api.get("/v1/events", params={"after": seq, "limit": 1_000}))
            seqs += [event["seq"] for event in page["data"]]
            if page["next_cursor"] is None:
                return seqs
            seq = page["reached"]

    async def create_task(self, name: str = "headlines") -> str:
        task = await ok(await self.api.post("/v1/tasks", json={"name": name, "instruction": "Write one."}))
        return str(task["id"])

    async def edit_task(self, task_id: str, numbers: Sequence[int]) -> None:
        """Record events in one stream."""
        for number in numbers:
            await ok(await self.api.patch(f"/v1/tasks/{task_id}", json={"instruction": f"Write {number}."}))

    async def add_examples(self, count: int, name: str = "news") -> None:
        """Record events in `count` streams, beside the dataset's own."""
        dataset_id = await make_dataset(self.api, name)
        rows = [{"content": chat(f"Question {number}?")} for number in range(count)]
        await ok(await self.api.post(f"/v1/datasets/{dataset_id}/examples", json={"examples": rows}))

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while True:
                if condition():
                    return
                await asyncio.sleep(0.02)

    async def wait_until_accepted(self, seqs: Sequence[int]) -> None:
        """Wait until the receiver has accepted all of these."""
        expected = set(seqs)
        await self.wait_until(lambda: expected <= {message.seq for message in self.receiver.accepted})

    async def wait_for_webhook(self, webhook: Json, condition: Callable[[Json], bool]) -> Json:
        async with asyncio.timeout(60):
            while True:
                current = await self.get_webhook(webhook)
                if condition(current):
                    return current
                await asyncio.sleep(0.02)

    async def wait_for_delivery(self, delivery: Json) -> Json:
        """Wait until the delivery was sent."""
        async with asyncio.timeout(60):
            while True:
                current = await ok(await self.api.get(f"/v1/deliveries/{delivery['id']}"))
                if current["state"] != "pending":
                    return current
                await asyncio.sleep(0.02)
