"""Read documents in a confined subprocess, so that a hostile file can crash only that, and learns nothing there."""

import asyncio
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from service.generation.documents.document import Document, Finding

WALL_SECONDS = 30.0  # beside eight times the processor's: a busy machine reads as much as an idle one
LOW_PRIORITY = 19  # requests come first
SOURCE = str(Path(__file__).parents[3])
MODULE = "service.generation.documents.readers"

log = structlog.get_logger(__name__)


async def read_in_subprocess(data: bytes, *, name: str, declared: str | None, cpu_seconds: int) -> Document | Finding:
    """The result of `read_document`. A file that takes too much time or memory is a finding."""
    code, output = await _run(data, [str(cpu_seconds), name, declared or ""], seconds=WALL_SECONDS + 8 * cpu_seconds)
    if code == 0 and output:
        return msgspec.msgpack.decode(output, type=Document | Finding)
    log.info("document_reader_failed", code=code)
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        detail = f"Reading this file takes more than {cpu_seconds} seconds of processor time; split the file."
        return Finding(code="too_large", detail=detail)
    return Finding(code="not_readable", detail="Reading this file takes too much time or memory.")


async def _run(data: bytes, arguments: list[str], *, seconds: float) -> tuple[int | None, bytes]:
    """Run the reader in an empty directory, without our environment. Returns its exit code and output."""
    with tempfile.TemporaryDirectory(prefix="tuneledger-document-") as empty:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", MODULE, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # parsers print what they read
            cwd=empty,
            env=build_environment(),
        )
        # From its first moment: to start Python and import the parsers costs more than to read most files.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, LOW_PRIORITY)
        try:
            async with asyncio.timeout(seconds):
                output, _ = await process.communicate(data)
        except TimeoutError:
            return None, b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return process.returncode, output


def build_environment() -> dict[str, str]:
    """The environment of the reader: where the code is, and no secret."""
    return {"PYTHONPATH": SOURCE, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
