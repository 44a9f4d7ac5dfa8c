"""Sending files, and workers that add what was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import REGISTRY, open_ledger
from service.database.engine import metadata, new_id
from service.datasets.imports import worker as imports_worker
from service.datasets.imports.domain import IMPORT
from service.ledger.rebuild import rebuild
from service.ledger.store import Ledger
from service.settings import Settings
from service.vault.vault import open_vault
from service.worker.context import WorkerContext
from tests.conftest import as_owner, as_worker
from tests.datasets.example_bodies import Json, chat, ok

SETTINGS = Settings(secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")


def chat_line(question: str, **more: Any) -> bytes:
    return json.dumps({**chat(question), **more}).encode() + b"\n"


def chat_lines(numbers: Iterable[int]) -> bytes:
    return b"".join(chat_line(f"Question {number}?") for number in numbers)


async def post_file(
    api: httpx.AsyncClient, dataset_id: str, data: bytes | AsyncIterator[bytes], **query: str
) -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream"}
    return await api.post(f"/v1/datasets/{dataset_id}/imports", params=query, content=data, headers=headers)


async def send_file(api: httpx.AsyncClient, dataset_id: str, data: bytes | AsyncIterator[bytes], **query: str) -> Json:
    """The operation that the file's import shows as."""
    sent = await post_file(api, dataset_id, data, **query)
    assert (sent.status_code, sent.headers["Location"]) == (202, f"/v1/operations/{sent.json()['id']}"), sent.text
    return await ok(sent)


async def ended(api: httpx.AsyncClient, import_id: str) -> Json:
    """The operation when it has ended."""
    operation = await ok(await api.get(f"/v1/operations/{import_id}", params={"wait": 30}))
    assert operation["finished_at"], operation
    return operation


async def import_file(api: httpx.AsyncClient, dataset_id: str, data: bytes, **query: str) -> Json:
    """The import of a file once a worker that runs is through with it."""
    sent = await send_file(api, dataset_id, data, **query)
    await ended(api, sent["id"])
    return await read_import(api, sent["id"])


async def read_import(api: httpx.AsyncClient, import_id: str) -> Json:
    return await ok(await api.get(f"/v1/imports/{import_id}"))


async def errors(api: httpx.AsyncClient, import_id: str) -> list[Json]:
    page = await ok(await api.get(f"/v1/imports/{import_id}/errors", params={"limit": 1_000}))
    rows: list[Json] = page["data"]
    return rows


def context_of(engine: AsyncEngine) -> WorkerContext:
    return WorkerContext(
        engine=engine, ledger=open_ledger(engine), settings=SETTINGS, vault=open_vault(SETTINGS), owner=new_id()
    )


async def workspace_of(api: httpx.AsyncClient) -> UUID:
    return UUID((await ok(await api.get("/v1/me")))["workspace_id"])


async def step(ledger: Ledger, workspace_id: UUID, import_id: str) -> None:
    """One step of a worker, after which it is killed."""
    stored = await ledger.get(IMPORT, workspace_id, UUID(import_id))
    await imports_worker.run_step(ledger, workspace_id, stored)


@asynccontextmanager
async def working(engine: AsyncEngine, *, workers: int = 1) -> AsyncIterator[None]:
    """Workers that take imports until the block ends."""
    stop = asyncio.Event()
    async with as_worker(engine) as worker_engine, asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(imports_worker.run(context_of(worker_engine), stop))
        try:
            yield
        finally:
            stop.set()


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(sa.text(f"select count(*) from {table}"))).scalar_one())


async def nothing_left_over(engine: AsyncEngine) -> None:
    """Workers that run have nothing more to do: no row waits, and no lease is held."""
    for _ in range(200):
        left = [await count(engine, table) for table in ("ledger.staged", "ledger.leases")]
        if not any(left):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(left)


async def tables_follow_from_the_log(engine: AsyncEngine) -> None:
    async with as_owner(engine) as owner:
        report = await rebuild(owner, REGISTRY, metadata, verify=True)
    assert report.clean, report
