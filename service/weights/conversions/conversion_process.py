"""Convert weights in a process of its own: what it takes in memory and time, the worker does not feel."""

import asyncio
import sys
from collections.abc import Callable

import msgspec

from service.errors import Unavailable
from service.weights.conversions.conversion import Conversion, ProgressLine
from service.weights.refusal import NotConvertible

END_SECONDS = 10.0


async def run_conversion(conversion: Conversion, *, report: Callable[[int, int], None] | None = None) -> None:
    """Run a conversion to its end; a cancelled one is killed. Raises NotConvertible with the reason."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.weights"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - they are pipes
    try:
        # The input stays open: its end would end the process.
        process.stdin.write(msgspec.json.encode(conversion) + b"\n")
        async for line in process.stdout:
            progress = msgspec.json.decode(line, type=ProgressLine)
            if progress.failed is not None:
                raise NotConvertible(progress.failed)
            if report is not None:
                report(progress.done, progress.total)
        process.stdin.close()
        if code := await process.wait():
            raise Unavailable(f"The conversion ended with {code}: it may have run out of memory.")
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.wait_for(process.wait(), END_SECONDS)
