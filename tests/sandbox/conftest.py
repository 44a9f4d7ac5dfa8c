"""The sandbox as a process of its own, and the real openai SDK as its client."""

import asyncio
import copy
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai.types.fine_tuning import FineTuningJob

ENDED = ("succeeded", "failed", "cancelled")
CAPITALS = {
    "Norway": "Oslo",
    "Peru": "Lima",
    "Kenya": "Nairobi",
    "Japan": "Tokyo",
    "Cuba": "Havana",
    "Egypt": "Cairo",
    "Ghana": "Accra",
    "Latvia": "Riga",
    "Nepal": "Kathmandu",
    "Qatar": "Doha",
    "Spain": "Madrid",
    "Tunisia": "Tunis",
}


def row(prompt: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in rows).encode()


TRAIN = jsonl([row(f"What is the capital of {land}?", f"The capital is {city}.") for land, city in CAPITALS.items()])
VALID = jsonl([row("What is the capital of Chile?", "The capital is Santiago.")])


async def eventually(happened: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1500):
        if await happened():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not happen within half a minute")


class Running:
    """A sandbox that can be killed and started again on the same directory."""

    def __init__(self, directory: Path, pace: float) -> None:
        self.directory = directory
        self.pace = pace

    async def start(self) -> "Running":
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service.sandbox", "--port", "0"),
            *("--directory", str(self.directory), "--pace", str(self.pace)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout
        line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
        assert line.startswith("sandbox listening on http://")
        self.url = line.split()[-1]
        self.ai = openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key="any", max_retries=0, timeout=20)
        self.http = httpx.AsyncClient(base_url=self.url, headers={"api-key": "any"}, timeout=20)
        return self

    async def stop(self, *, hard: bool = False) -> int:
        await self.ai.close()
        await self.http.aclose()
        if self.process.returncode is None:
            self.process.kill() if hard else self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 20)

    async def upload(self, content: bytes = TRAIN) -> str:
        return (await self.ai.files.create(file=("rows.jsonl", content), purpose="fine-tune")).id

    async def job(self, content: bytes = TRAIN, **given: Any) -> FineTuningJob:
        file_id = await self.upload(content)
        return await self.ai.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file_id, **given)

    async def until(self, job_id: str, *states: str) -> FineTuningJob:
        """Wait for one of these states; for the end when none is named."""

        async def reached() -> bool:
            return (await self.ai.fine_tuning.jobs.retrieve(job_id)).status in (states or ENDED)

        await eventually(reached)
        return await self.ai.fine_tuning.jobs.retrieve(job_id)

    async def fault(self, kind: str, **given: Any) -> None:
        (await self.http.post("/sandbox/faults", json={"kind": kind, **given})).raise_for_status()

    def patient(self, seconds: float) -> "Running":
        """The same sandbox, asked by a client that waits no longer than this."""
        hasty = copy.copy(self)
        hasty.ai = self.ai.with_options(timeout=seconds)
        return hasty

    async def done(self, call: str) -> int:
        counts: dict[str, int] = (await self.http.get("/sandbox/calls")).json()["done"]
        return counts.get(call, 0)


@pytest.fixture(scope="session")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One sandbox for the tests that leave nothing behind which another would notice."""
    running = await Running(tmp_path_factory.mktemp("sandbox"), 0.02).start()
    yield running
    await running.stop()


@pytest.fixture
async def sandbox(shared: Running) -> AsyncIterator[Running]:
    await shared.http.delete("/sandbox/faults")
    yield shared
    await shared.http.delete("/sandbox/faults")


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Running]:
    """A sandbox of its own whose jobs take their time, so that they can be met half-way."""
    running = await Running(tmp_path / "slow", 0.3).start()
    yield running
    await running.stop()
