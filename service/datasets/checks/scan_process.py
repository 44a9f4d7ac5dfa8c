"""Run a scan in a process of its own: it takes a processor for some time, and the event loop is not to wait."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import msgspec

from service.datasets.checks.scan_input import ScanPlan, ScanResult

MODULE = "service.datasets.checks.scan"
SOURCE = str(Path(__file__).parents[3])


class ScanFailed(Exception):  # noqa: N818 - it names a state
    """The scan ended without a result"""


async def run_scan(plan: ScanPlan, pieces: AsyncIterator[bytes]) -> ScanResult:
    """Feed it whole lines, and read what it found. Cancelled, it ends the process. Raises ScanFailed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", MODULE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback may show what was read
        env={"PYTHONPATH": SOURCE, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},  # and no secret
    )
    try:
        await _feed(process, plan, pieces)
        assert process.stdout is not None  # it was asked for
        output = await process.stdout.read()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code or not output:
        raise ScanFailed(f"The scan ended with code {code}.")
    return msgspec.msgpack.decode(output, type=ScanResult)


async def _feed(process: asyncio.subprocess.Process, plan: ScanPlan, pieces: AsyncIterator[bytes]) -> None:
    stdin = process.stdin
    assert stdin is not None  # it was asked for
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended early: its code says so
        stdin.write(msgspec.json.encode(plan) + b"\n")
        async for piece in pieces:
            stdin.write(piece)
            await stdin.drain()
        stdin.close()
        await stdin.wait_closed()
