"""The emulator as a process: `python -m tests.emulators.vertex --port 8420 --pace 0.2`."""

import argparse
import asyncio
import json

from tests.emulators.vertex.server import emulate


async def run(port: int, pace: float) -> None:
    async with emulate(pace=pace, port=port) as emulator:
        said = {"base_url": emulator.base_url, "options": emulator.options, "secret": emulator.tokens.write_key()}
        print(json.dumps(said, indent=2), flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pace", type=float, default=0.2)
    chosen = parser.parse_args()
    asyncio.run(run(chosen.port, chosen.pace))
