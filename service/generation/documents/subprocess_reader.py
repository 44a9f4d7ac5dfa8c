"""Reading documents in a process of their own, which may die of a hostile file without taking anybody with it."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from service.generation.documents.document import Document, Finding

TIMEOUT_SECONDS = 90.0  # of the clock; the reader itself stops earlier, where it can
CPU_SECONDS = 75
MEMORY_BYTES = 2 * 2**30
CONCURRENCY = 2

_turn = asyncio.Semaphore(CONCURRENCY)
_SOURCE = str(Path(__file__).parents[3])


async def read_in_subprocess(data: bytes, *, name: str, declared: str | None) -> Document | Finding:
    """What `read` says of it; a file that costs more time or memory than any document should is a finding."""
    async with _turn:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "service.generation.documents.readers", name, declared or ""),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": _SOURCE},
        )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                said, _ = await process.communicate(data)
        except TimeoutError:
            said = b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0 or not said:
        detail = "Reading this file takes more time or memory than a document may."
        return Finding(code="not_readable", detail=detail)
    return msgspec.msgpack.decode(said, type=Document | Finding)
