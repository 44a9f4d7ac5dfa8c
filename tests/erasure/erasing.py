"""Order erasures over HTTP, and a worker that carries them out."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.erasure import worker
from tests.datasets.example_bodies import Json, ok
from tests.tunes.conftest import working

CONFIRMED = {"reason": "asked for", "confirm": True}


async def order(api: httpx.AsyncClient, path: str, **body: Any) -> Json:
    """Order an erasure; the answer of 202."""
    sent = await api.post(path, json=CONFIRMED | body)
    assert sent.status_code == 202, sent.text
    assert sent.headers["Location"] == f"/v1/erasures/{sent.json()['id']}"
    return dict(sent.json())


async def wait_until_complete(api: httpx.AsyncClient, erasure_id: str) -> Json:
    for _ in range(1_200):
        receipt = await ok(await api.get(f"/v1/erasures/{erasure_id}"))
        if receipt["state"] == "complete":
            return receipt
        await asyncio.sleep(0.05)
    return pytest.fail(f"still open after a minute: {receipt['remains']}")


async def erase(api: httpx.AsyncClient, engine: AsyncEngine, path: str, **body: Any) -> Json:
    """Order an erasure and carry it out; the receipt."""
    ordered = await order(api, path, **body)
    async with working(engine, worker.run):
        return await wait_until_complete(api, ordered["id"])


def count(receipt: Json, kind: str) -> int:
    return next((erased["count"] for erased in receipt["erased"] if erased["kind"] == kind), 0)
