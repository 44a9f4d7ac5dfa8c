"""Processes that belong together: children end with their parent, even a killed one, and start again when they fail."""

import asyncio
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from service.ledger.retry import backoff, sleep_or_stop

PARENT = "TUNELEDGER_PARENT"  # whose child a process is; not a setting, it is passed from process to process
GRACE_SECONDS = 15.0
ROOT = Path(__file__).parents[2]

log = structlog.get_logger(__name__)


def end_with_parent(parent: int) -> None:
    """From now on, end this process soon after `parent` is no longer its parent."""
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent watch").start()


def _watch(parent: int) -> None:
    # Asked, not told: the kernel's own signal exists on Linux alone and follows the thread that forked.
    while os.getppid() == parent:
        time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def reserved(host: str, port: int) -> socket.socket:
    """A socket that holds the port, 0 for a free one, without listening. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if port:
        with socket.socket(family) as trial:
            # The server shares ports silently, so a second one would get half of the first one's requests.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    held = socket.socket(family)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((host, port))
    return held


async def keep(arguments: Sequence[str], *, environment: Mapping[str, str], stop: asyncio.Event) -> None:
    """Run `tuneledger` with these arguments until `stop` is set, and again, ever later, when it ends by itself."""
    failures, clock = 0, asyncio.get_running_loop()
    while not stop.is_set():
        started = clock.time()
        code = await run(arguments, environment=environment, stop=stop)
        if stop.is_set():
            return
        failures = 0 if clock.time() - started > 60 * GRACE_SECONDS else failures + 1
        log.error("process_ended", process=arguments[0], code=code, failures=failures)
        await sleep_or_stop(stop, backoff(failures, base=1, cap=30, jitter=random.Random()))  # noqa: S311


async def run(arguments: Sequence[str], *, environment: Mapping[str, str], stop: asyncio.Event) -> int:
    """Run `tuneledger` with these arguments until it ends or `stop` is set; the exit code."""
    # A session of its own: the terminal's Ctrl-C reaches the parent alone, which then ends its children in order.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service", *arguments),
        env={**os.environ, **environment, PARENT: str(os.getpid()), "PYTHONPATH": _path()},
        start_new_session=True,
    )
    stopping, ending = asyncio.create_task(stop.wait()), asyncio.create_task(process.wait())
    try:
        await asyncio.wait({stopping, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await _end(process)
    return await ending


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_SECONDS)
    except TimeoutError:
        log.warning("process_killed", pid=process.pid)
        process.kill()


def _path() -> str:
    """Children run the very code that runs here, wherever they are started."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
