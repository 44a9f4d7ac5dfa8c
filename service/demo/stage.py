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

from service import processes
from service.embedded import embedded
from service.settings import Settings

PATIENCE = 60.0
GRACE_SECONDS = 30.0  # `serve` gives its own children half of it
POLL_SECONDS = 0.5  # between two questions about a tune: a job of the sandbox takes seconds, not hours
READY = re.compile(r"ready on (http://\S+)")
LISTENING = re.compile(r"sandbox listening on (http://\S+)")
KEY_NAME = "demo"


class DemoFailed(RuntimeError):  # noqa: N818 - it reads as what happened
    """The demo did not come to its end"""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API and the sandbox listen."""

    url: str
    sandbox_url: str


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's own API key. `number` counts the demos on this database: each makes things of its own name."""

    secret: str
    number: int

    def named(self, name: str) -> str:
        return name if self.number == 1 else f"{name}-{self.number}"


def log_file(chosen: Settings) -> Path:
    return chosen.data_directory.expanduser().absolute() / "demo.log"


def make_key(chosen: Settings) -> Key:
    """A key as an operator makes one; the first demo's is called demo, the second's demo-2."""
    with _postgres(chosen) as url:
        taken = {line.split("  ")[2] for line in _tuneledger(url, "keys", "list").splitlines()}
        number = next(n for n in range(1, len(taken) + 2) if Key(secret="", number=n).named(KEY_NAME) not in taken)
        name = Key(secret="", number=number).named(KEY_NAME)
        return Key(secret=_tuneledger(url, "keys", "create", "--name", name).strip(), number=number)


@contextmanager
def stage(chosen: Settings, *, sandbox_port: int) -> Iterator[Stage]:
    """Everything, as long as this is open, on the data that `make serve` uses. A sandbox that is up already is joined.

    Raises DemoFailed when something does not start; what it said is in `log_file`.
    """
    theirs = f"http://127.0.0.1:{sandbox_port}"
    joined = bool(sandbox_port) and _is_sandbox(theirs)
    arguments = ["serve"] if joined else ["serve", "--sandbox", "--sandbox-port", str(sandbox_port)]
    with _postgres(chosen) as database_url, log_file(chosen).open("w+") as said:
        environment = _environment(database_url) | {
            "TUNELEDGER_HOST": "127.0.0.1",
            "TUNELEDGER_PORT": "0",
            "TUNELEDGER_POLL_INTERVAL": str(POLL_SECONDS),
            processes.PARENT: str(os.getpid()),
        }
        serving = subprocess.Popen(  # noqa: S603 - ourselves, no shell
            [sys.executable, "-P", "-m", "service", *arguments],
            env=environment,
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


def _environment(database_url: str) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(processes.ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": path}


def _tuneledger(database_url: str, *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "service", *arguments]
    done = subprocess.run(  # noqa: S603 - ourselves, no shell
        command, env=_environment(database_url), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DemoFailed(f"`tuneledger {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout


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
