"""A workspace with a webhook, things that happen in it, and workers that tell of them."""

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
from service.vault.vault import vault_of
from service.webhooks.deliveries import worker as delivering
from service.worker.context import WorkerContext
from tests.datasets.example_bodies import Json, chat, make_dataset, ok
from tests.webhooks.receivers import Receiver

KEY = "A" * 43 + "="
SETTINGS = Settings(
    secret_key=KEY,
    webhooks_allow_local=True,
    webhooks_timeout=0.5,
    webhooks_retry_schedule="0.05,0.1",
    lease_seconds=2,
)


def context_of(engine: AsyncEngine, **settings: Any) -> WorkerContext:
    chosen = msgspec.structs.replace(SETTINGS, **settings)
    return WorkerContext(
        engine=engine, ledger=open_ledger(engine), settings=chosen, vault=vault_of(chosen), owner=new_id()
    )


@asynccontextmanager
async def working(engine: AsyncEngine, *, workers: int = 1, **settings: Any) -> AsyncIterator[None]:
    """Workers that tell every endpoint until the block ends."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(delivering.run(context_of(engine, **settings), stop))
        try:
            yield
        finally:
            stop.set()


class Desk:
    def __init__(self, api: httpx.AsyncClient, engine: AsyncEngine, receiver: Receiver) -> None:
        self.api = api
        self.engine = engine
        self.receiver = receiver
        self.begun = 0

    async def hook(self, **given: Any) -> Json:
        """A webhook to the receiver, which verifies with its secret from now on."""
        made = await ok(await self.api.post("/v1/webhooks", json={"url": self.receiver.url} | given))
        self.receiver.secret = made["secret"]
        self.begun = (await self.since(0))[-1]
        return made

    async def read(self, webhook: Json) -> Json:
        return await ok(await self.api.get(f"/v1/webhooks/{webhook['id']}"))

    async def change(self, webhook: Json, **given: Any) -> Json:
        return await ok(await self.api.patch(f"/v1/webhooks/{webhook['id']}", json=given))

    async def deliveries(self, webhook: Json, **query: Any) -> list[Json]:
        """The newest first."""
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        page = await ok(await self.api.get(path, params={"limit": 1_000, **query}))
        rows: list[Json] = page["data"]
        return rows

    async def news(self) -> list[int]:
        """The seqs of what happened since the webhook was made."""
        return await self.since(self.begun)

    async def since(self, seq: int) -> list[int]:
        found: list[int] = []
        while True:
            page = await ok(await self.api.get("/v1/events", params={"after": seq, "limit": 1_000}))
            found += [event["seq"] for event in page["data"]]
            if page["next_cursor"] is None:
                return found
            seq = page["reached"]

    async def task(self, name: str = "headlines") -> str:
        made = await ok(await self.api.post("/v1/tasks", json={"name": name, "instruction": "Write one."}))
        return str(made["id"])

    async def edit(self, task_id: str, numbers: Sequence[int]) -> None:
        """Events of one stream."""
        for number in numbers:
            await ok(await self.api.patch(f"/v1/tasks/{task_id}", json={"instruction": f"Write {number}."}))

    async def examples(self, count: int, name: str = "news") -> None:
        """Events of as many streams, but the dataset's own."""
        dataset_id = await make_dataset(self.api, name)
        rows = [{"content": chat(f"Question {number}?")} for number in range(count)]
        await ok(await self.api.post(f"/v1/datasets/{dataset_id}/examples", json={"examples": rows}))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while True:
                if holds():
                    return
                await asyncio.sleep(0.02)

    async def told(self, seqs: Sequence[int]) -> None:
        """Wait until the receiver has accepted all of these."""
        wanted = set(seqs)
        await self.until(lambda: wanted <= {message.seq for message in self.receiver.accepted})

    async def becomes(self, webhook: Json, holds: Callable[[Json], bool]) -> Json:
        async with asyncio.timeout(60):
            while True:
                found = await self.read(webhook)
                if holds(found):
                    return found
                await asyncio.sleep(0.02)

    async def answered(self, delivery: Json) -> Json:
        """The delivery when it was sent."""
        async with asyncio.timeout(60):
            while True:
                found = await ok(await self.api.get(f"/v1/deliveries/{delivery['id']}"))
                if found["state"] != "pending":
                    return found
                await asyncio.sleep(0.02)
