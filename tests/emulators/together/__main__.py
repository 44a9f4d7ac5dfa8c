"""The emulator as a process: `python -m tests.emulators.together --port 8410 --pace 0.2`."""

import argparse
import asyncio

from tests.emulators.together.server import SECRET, emulate


async def run(port: int, pace: float) -> None:
    async with emulate(pace=pace, port=port) as emulator:
        print(f"Together's emulator, API key {SECRET}, at {emulator.base_url}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pace", type=float, default=0.2)
    chosen = parser.parse_args()
    asyncio.run(run(chosen.port, chosen.pace))
