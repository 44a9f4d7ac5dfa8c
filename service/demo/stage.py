"""The stage: Postgres, API, worker and sandbox as `serve` starts them, up for a while and then gone."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import httpx
import msgspec

from service.database.embedded_postgres import embedded
from service.server import supervisor as processes
from service.settings import Settings, variable

PATIENCE = 60.0
GRACE_SECONDS = 30.0  # `serve` gives its own children half of it
POLL_SECONDS = 0.5  # between two questions about a tune: a job of the sandbox takes seconds, not hours
READY = re.compile(r"ready on (http://\S+)")
LISTENING = re.compile(r"sandbox listening on (http://\S+)")


class DemoFailed(RuntimeError):  # noqa: N818 - it reads as what happened
    """The demo did not come to its end"""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API and the sandbox listen."""

    url: str
    sandbox_url: str


def log_file(chosen: Settings) -> Path:
    return chosen.data_directory.expanduser().absolute() / "demo.log"


@contextmanager
def stage(chosen: Settings, *, sandbox_port: int, bootstrap_key: str | None = None) -> Iterator[Stage]:
    """Everything, as long as this is open, on the data that `make serve` uses. A sandbox that is up already is joined.

    `bootstrap_key` opens the oldest workspace, or a first one. Raises DemoFailed when something does not start; what
    it said is in `log_file`.
    """
    theirs = f"http://127.0.0.1:{sandbox_port}"
    joined = bool(sandbox_port) and _is_sandbox(theirs)
    arguments = ["serve"] if joined else ["serve", "--sandbox", "--sandbox-port", str(sandbox_port)]
    with _postgres(chosen) as database_url, log_file(chosen).open("w") as said:
        serving = subprocess.Popen(  # noqa: S603 - ourselves, no shell
            [sys.executable, "-P", "-m", "service", *arguments],
            env=_environment(database_url, bootstrap_key),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
        )
        try:
            url = _heard(serving, log_file(chosen), READY)
            yield Stage(url=url, sandbox_url=theirs if joined else _heard(serving, log_file(chosen), LISTENING))
        finally:
            _end(serving)


def _postgres(chosen: Settings) -> AbstractContextManager[str]:
    return nullcontext(chosen.database_url) if chosen.database_url else embedded(chosen.data_directory)


def _is_sandbox(url: str) -> bool:
    try:
        return "This is a sandbox" in httpx.get(f"{url}/", timeout=5, trust_env=False).text
    except httpx.HTTPError:
        return False


def _environment(database_url: str, bootstrap_key: str | None) -> dict[str, str]:
    ours = {
        "DATABASE_URL": database_url,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(processes.ROOT), os.environ.get("PYTHONPATH")])),
        processes.PARENT: str(os.getpid()),
        variable("host"): "127.0.0.1",
        variable("port"): "0",
        variable("processes"): "1",
        variable("poll_interval"): str(POLL_SECONDS),
    }
    key = {variable("bootstrap_key"): bootstrap_key} if bootstrap_key else {}
    return {**os.environ, **ours, **key}


def _heard(process: subprocess.Popen[bytes], log: Path, words: re.Pattern[str]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := words.search(log.read_text(errors="replace")):
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise DemoFailed(f"The server did not start; {log} has all of it, and this is the end:\n{last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
