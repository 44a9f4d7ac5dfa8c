"""Supervise child processes: they end with their parent, even if it is killed, and restart when they fail."""

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

PARENT = "TUNELEDGER_PARENT"  # the parent's process id, passed to each child; not a setting
GRACE_SECONDS = 15.0
ROOT = Path(__file__).parents[2]

log = structlog.get_logger(__name__)


def end_with_parent(parent: int) -> None:
    """End this process soon after `parent` has ended."""
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent watch").start()


def _watch(parent: int) -> None:
    # Polled: the kernel's signal for this exists on Linux only and depends on the thread that forked.
    while os.getppid() == parent:
        time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def reserve_port(host: str, port: int) -> socket.socket:
    """Bind a socket to the port, 0 for a free one, without listening. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if port:
        with socket.socket(family) as trial:
            # The server shares its port, so a second server would silently get half of the requests.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    reserved = socket.socket(family)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind((host, port))
    return reserved


async def keep_running(arguments: Sequence[str], *, environment: Mapping[str, str], stop: asyncio.Event) -> None:
    """Run `tuneledger` with these arguments until `stop` is set; restart it with a growing pause when it ends."""
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
    """Run `tuneledger` with these arguments until it ends or `stop` is set. Returns the exit code."""
    # In its own session, so that Ctrl-C reaches only the parent, which then ends its children in order.
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
    """PYTHONPATH for children: they run the same code from any working directory."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
