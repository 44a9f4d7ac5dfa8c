"""Run Postgres, API, worker and sandbox as `serve` does, for the time of the demo."""

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
from service.settings import Settings, variable_name

START_TIMEOUT_SECONDS = 180.0  # on a busy machine, imports alone take half a minute
GRACE_SECONDS = 30.0  # `serve` gives its own children half of it
POLL_SECONDS = 0.5  # between polls of a tune: a sandbox job takes seconds
READY = re.compile(r"ready on (http://\S+)")
LISTENING = re.compile(r"sandbox listening on (http://\S+)")


class DemoFailed(RuntimeError):  # noqa: N818 - it reads as what happened
    """The demo failed"""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API and the sandbox listen."""

    url: str
    sandbox_url: str


def get_log_file(settings: Settings) -> Path:
    return settings.data_directory.expanduser().absolute() / "demo.log"


@contextmanager
def open_stage(settings: Settings, *, sandbox_port: int, bootstrap_key: str | None = None) -> Iterator[Stage]:
    """Run everything on the data that `make serve` uses; a running sandbox is reused.

    `bootstrap_key` opens the oldest workspace, or a new one. Raises DemoFailed when something does not start; its
    output is in the file of `get_log_file`.
    """
    running_sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    is_running = bool(sandbox_port) and _is_sandbox(running_sandbox_url)
    arguments = ["serve"] if is_running else ["serve", "--sandbox", "--sandbox-port", str(sandbox_port)]
    with _postgres(settings) as database_url, get_log_file(settings).open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - ourselves, no shell
            [sys.executable, "-P", "-m", "service", *arguments],
            env=_environment(settings, database_url, bootstrap_key, allow=running_sandbox_url if is_running else None),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only us, and we stop them in order
        )
        try:
            url = _wait_for_line(process, get_log_file(settings), READY)
            yield Stage(
                url=url,
                sandbox_url=running_sandbox_url
                if is_running
                else _wait_for_line(process, get_log_file(settings), LISTENING),
            )
        finally:
            _stop(process)


def _postgres(settings: Settings) -> AbstractContextManager[str]:
    return nullcontext(settings.database_url) if settings.database_url else embedded(settings.data_directory)


def _is_sandbox(url: str) -> bool:
    try:
        return "This is a sandbox" in httpx.get(f"{url}/", timeout=5, trust_env=False).text
    except httpx.HTTPError:
        return False


def _environment(
    settings: Settings, database_url: str, bootstrap_key: str | None, *, allow: str | None
) -> dict[str, str]:
    """`allow` is the URL of a sandbox that `serve` does not start itself."""
    variables = {
        "DATABASE_URL": database_url,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(processes.ROOT), os.environ.get("PYTHONPATH")])),
        processes.PARENT: str(os.getpid()),
        variable_name("data_directory"): str(settings.data_directory.expanduser().absolute()),
        variable_name("host"): "127.0.0.1",
        variable_name("port"): "0",
        variable_name("processes"): "1",
        variable_name("poll_interval"): str(POLL_SECONDS),
    }
    key = {variable_name("bootstrap_key"): bootstrap_key} if bootstrap_key else {}
    if allow:
        variable = variable_name("connections_allow")
        address = httpx.URL(allow).netloc.decode()
        variables[variable] = ",".join(filter(None, [os.environ.get(variable), address]))
    return {**os.environ, **variables, **key}


def _wait_for_line(process: subprocess.Popen[bytes], log: Path, pattern: re.Pattern[str]) -> str:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if match := pattern.search(log.read_text(errors="replace")):
            return match[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise DemoFailed(f"The server did not start; {log} has all of it, and this is the end:\n{last}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
