"""Read documents in a subprocess, so that a hostile file can crash only that."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from service.generation.documents.document import Document, Finding

TIMEOUT_SECONDS = 90.0  # wall clock; the reader itself usually stops earlier
CPU_SECONDS = 75
MEMORY_BYTES = 2 * 2**30
CONCURRENCY = 2

_slots = asyncio.Semaphore(CONCURRENCY)
_SOURCE = str(Path(__file__).parents[3])


async def read_in_subprocess(data: bytes, *, name: str, declared: str | None) -> Document | Finding:
    """The result of `read_document`. A file that takes too much time or memory is a finding."""
    async with _slots:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "service.generation.documents.readers", name, declared or ""),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": _SOURCE},
        )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                output, _ = await process.communicate(data)
        except TimeoutError:
            output = b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0 or not output:
        detail = "Reading this file takes too much time or memory."
        return Finding(code="not_readable", detail=detail)
    return msgspec.msgpack.decode(output, type=Document | Finding)
