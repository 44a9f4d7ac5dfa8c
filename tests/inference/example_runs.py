"""A run that asks a number of questions, and what it takes to have one worked on."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.database.engine import new_id
from service.datasets.examples.chat_content import User
from service.inference import domain as runs
from service.inference.domain import Served, build_reuse_key
from service.inference.executor import Job, ModelQuestion
from service.inference.outcomes import ModelAnswer
from service.ledger.store import Batch, Caller, Entry
from tests.inference import run_world
from tests.inference.run_world import make_connection, wait_for_end
from tests.tunes.conftest import ok
from tests.tunes.sandbox import MODEL, Sandbox

KIND = "prompt_run"


async def questions(job: Job) -> dict[str, Any]:
    """Asks `count` questions, numbered, of one model."""
    served = Served(connection_id=UUID(job.order["connection_id"]), provider_model=MODEL)
    said: dict[str, str] = {}

    async def put(number: int) -> None:
        ask = ModelQuestion(
            served=served,
            messages=(User(content=f"What is question number {number} about?"),),
            reuse=build_reuse_key("question", number) if job.order.get("reuse") else None,
        )
        answer = await job.ask(f"question/{number}", ask)
        said[str(number)] = "answered" if isinstance(answer, ModelAnswer) else answer.code

    await job.each(range(job.order["count"]), put, total=job.order["count"], at_once=job.order.get("at_once", 4))
    return {"said": said}


WORKS = {KIND: questions}
run_worker = partial(run_world.run_worker, WORKS)
worker_process = partial(run_world.worker_process, f"{__name__}:WORKS")


class Desk:
    """What a user of runs does here."""

    def __init__(self, api: httpx.AsyncClient, engine: AsyncEngine, workspace_id: UUID) -> None:
        self.api = api
        self.ledger = open_ledger(engine)
        self.caller = Caller(workspace_id=workspace_id, actor="tester", request_id="r")

    async def connected(self, sandbox: Sandbox | None, **given: Any) -> str:
        return await make_connection(self.api, sandbox, **given)

    async def asked(self, connection_id: str, count: int, **order: Any) -> str:
        run_id = new_id()
        wanted = {"connection_id": connection_id, "count": count} | order
        event = runs.build_run_request(kind=KIND, order=wanted, asked_by="tester", asked_in="r", unit="questions")
        entry = Entry(stream="run", stream_id=run_id, after=0, event=event)
        await self.ledger.write(self.caller, Batch(entries=[entry]))
        return str(run_id)

    async def operation(self, run_id: str, *, wait: float = 0) -> dict[str, Any]:
        shown: dict[str, Any] = await ok(await self.api.get(f"/v1/operations/{run_id}?wait={wait}"))
        return shown

    async def ended(self, run_id: str) -> dict[str, Any]:
        return await wait_for_end(self.api, run_id)

    async def calls(self, run_id: str) -> list[dict[str, Any]]:
        page = await ok(await self.api.get(f"/v1/operations/{run_id}/calls?limit=1000"))
        return list(page["data"])

    async def answered(self, run_id: str, number: int) -> None:
        """Wait until so many calls have ended."""
        async with asyncio.timeout(60):
            while len(await self.calls(run_id)) < number:  # noqa: ASYNC110 - another process answers
                await asyncio.sleep(0.02)

    async def waits(self, run_id: str) -> None:
        """Until the run was given back, to be taken up again later."""
        query = sa.text("select last_error from ledger.leases where id = :id and kind = 'run'")
        async with asyncio.timeout(60):
            while True:
                async with self.ledger.engine.connect() as connection:
                    if await connection.scalar(query, {"id": UUID(run_id)}):
                        return
                await asyncio.sleep(0.05)
