"""A model that is called in production, and its calls as a client would log them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.datasets.example_bodies import Json, ok
from tests.models.world import World


class Production:
    def __init__(self, world: World) -> None:
        self.world = world
        self.api = world.api

    async def begin(self, **model: Any) -> "Production":
        self.model = await self.world.create("/v1/models", {"name": "headlines", **model})
        self.path = f"/v1/models/{self.model['id']}"
        for name in ("ft:first", "ft:second"):
            await self.version(name)
        await self.stand("v1.0")
        return self

    async def version(self, provider_model: str) -> None:
        target = {
            "connection_id": str(self.world.connection_id),
            "base_model": "small",
            "provider_model": provider_model,
        }
        dataset = {"dataset_id": self.world.dataset["id"], "dataset_version": "v1"}
        await self.world.create(f"{self.path}/versions", target | dataset)

    async def stand(self, version: str) -> None:
        """Let production stand at this version."""
        await ok(await self.api.put(f"{self.path}/aliases/production", json={"version": version}))

    def call(self, text: str = "The council met.", **fields: Any) -> Json:
        call = {"model_id": self.model["id"], "version": "v1.0", "input": text, "output": "Council meets"}
        return {name: value for name, value in (call | fields).items() if value is not None}

    async def post(self, *calls: Any) -> httpx.Response:
        return await self.api.post("/v1/requests", json={"requests": list(calls)})

    async def log(self, *calls: Json) -> list[str]:
        """Log calls that are all new; their ids."""
        answer = await ok(await self.post(*calls))
        assert answer["new"] == len(calls), answer
        return [each["id"] for each in answer["data"]]

    async def read(self, request_id: str) -> Json:
        return await ok(await self.api.get(f"/v1/requests/{request_id}"))

    async def judge(self, request_id: str, **feedback: Any) -> Json:
        return await ok(await self.api.post(f"/v1/requests/{request_id}/feedback", json=feedback))

    async def listed(self, **query: Any) -> list[str]:
        page = await ok(await self.api.get("/v1/requests", params={"limit": 1_000, **query}))
        return [each["id"] for each in page["data"]]


def ago(**units: float) -> str:
    return (datetime.now(UTC) - timedelta(**units)).isoformat()


def middle_of(months_ago: int) -> datetime:
    """Noon on the 15th of a month that has begun as many months ago; its calls are not in the future."""
    now = datetime.now(UTC)
    months = now.year * 12 + now.month - 1 - months_ago
    return now.replace(year=months // 12, month=months % 12 + 1, day=15, hour=12, minute=0, second=0, microsecond=0)
