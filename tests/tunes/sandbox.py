"""The sandbox as a process of its own, met over the wire like any provider."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

JOBS = "/v1/fine_tuning/jobs"
CREATED = f"POST {JOBS}"
MODEL = "gpt-4o-mini-2024-07-18"
ROOT = Path(__file__).parents[2]


class Sandbox:
    def __init__(self, address: str) -> None:
        self.base_url = f"{address}/v1"
        self.http = httpx.AsyncClient(base_url=address, headers={"api-key": "any"})

    async def meets(self, kind: str, **fault: Any) -> None:
        (await self.http.post("/sandbox/faults", json={"kind": kind} | fault)).raise_for_status()

    async def jobs(self, tune_id: str) -> list[dict[str, Any]]:
        listed = await self.http.get(JOBS, params={"metadata[tuneledger_job_id]": tune_id})
        return list(listed.json()["data"])

    async def count(self, what: str, call: str) -> int:
        """How often it was called (`calls`), or carried out (`done`), such as `POST /v1/files`."""
        counted: dict[str, dict[str, int]] = (await self.http.get("/sandbox/calls")).json()
        return counted[what].get(call, 0)

    async def content(self, file_id: str) -> bytes:
        return (await self.http.get(f"/v1/files/{file_id}/content")).content


@asynccontextmanager
async def sandbox_in(directory: Path, *, pace: float, port: int = 0) -> AsyncIterator[Sandbox]:
    """A sandbox whose jobs step every `pace` seconds, until the end of the block."""
    command = ["-m", "service.sandbox", "--port", str(port), "--directory", str(directory), "--pace", str(pace)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    sandbox = Sandbox(line.decode().split()[-1])
    try:
        yield sandbox
    finally:
        await sandbox.http.aclose()
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
