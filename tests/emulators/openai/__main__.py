"""The emulator as a process: `python -m tests.emulators.openai --port 8411 --seconds 60`.

`GET /emulator/jobs` tells when each job changed its state, `GET /emulator/calls` how often each route was called.
"""

import argparse
import asyncio
import random
import re
from collections import Counter
from typing import Any

from aiohttp import web

from tests.emulators.faults import serve
from tests.emulators.openai.jobs import QUEUED_SHARE, RUNNING_SHARE
from tests.emulators.openai.server import SECRET, OpenAIEmulator

IDS = re.compile(r"/(jobs|files)/[^/]+")


async def run(port: int, seconds: float, steps: int) -> None:
    emulator = OpenAIEmulator(seconds=seconds, steps=steps)
    add_job = emulator.add_job

    def add_varied(body: dict[str, Any], **settings: Any) -> Any:
        return add_job(body, **{"seconds": seconds * random.uniform(0.85, 1.15)} | settings)

    emulator.add_job = add_varied  # type: ignore[method-assign]
    app = emulator.build()

    async def list_jobs(_: web.Request) -> web.Response:
        return web.json_response([describe(emulator, job) for job in emulator.jobs.values()])

    async def count_calls(_: web.Request) -> web.Response:
        calls: Counter[str] = Counter()
        for call, count in emulator.faults.calls.items():
            calls[IDS.sub(r"/\1/{id}", call)] += count
        return web.json_response(calls)

    app.add_routes([web.get("/emulator/jobs", list_jobs), web.get("/emulator/calls", count_calls)])
    async with serve(app, port=port) as address:
        print(f"OpenAI's emulator, API key {SECRET}, at {address}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


def describe(emulator: OpenAIEmulator, job: Any) -> dict[str, Any]:
    """The times at which the job's state changes, as Unix seconds."""
    began = emulator.epoch + job.created
    shares = {"queued": QUEUED_SHARE, "running": RUNNING_SHARE, "succeeded": 1.0}
    return {"token": job.token, "times": {state: began + share * job.seconds for state, share in shares.items()}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=60)
    chosen = parser.parse_args()
    asyncio.run(run(chosen.port, chosen.seconds, chosen.steps))
