"""`tuneledger` as people call it: into a pipe in this process, or on a terminal of its own."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.live_server import heed_interrupts
from tuneledger.cli.commands import main

SOURCE = Path(__file__).parents[2] / "clients" / "python" / "src"
_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PATIENCE = 60.0


class CommandLine:
    """The command line of one person: an environment of its own, in which no key is known unless one is given."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.environment = {**environment, "XDG_CONFIG_HOME": str(home), "HOME": str(home), "TZ": "UTC"}

    def through(self, url: str) -> "CommandLine":
        """The same person, who comes to the server by another address."""
        return CommandLine(Path(self.environment["HOME"]), **{**self.environment, "TUNELEDGER_BASE_URL": url})

    def run(self, *arguments: str, stdin: str | bytes | None = None) -> Result:
        """What it says into a pipe, and its exit code."""
        unset = dict.fromkeys(("TUNELEDGER_API_KEY", "TUNELEDGER_BASE_URL", "TUNELEDGER_PROFILE"))
        return CliRunner().invoke(main, list(arguments), input=stdin, env={**unset, **self.environment})

    def lines(self, *arguments: str, stdin: str | bytes | None = None) -> list[Any]:
        """What it says into a pipe, each line read as JSON. It has to go well."""
        ran = self.run(*arguments, stdin=stdin)
        assert ran.exit_code == 0, ran.output
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def line(self, *arguments: str, stdin: str | bytes | None = None) -> Any:
        [line] = self.lines(*arguments, stdin=stdin)
        return line

    def started(self, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
        """A process of its own."""
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(SOURCE), "TERM": "xterm-256color", **self.environment}
        command = [sys.executable, "-m", "tuneledger", *arguments]
        return subprocess.Popen(command, env=environment, preexec_fn=heed_interrupts, **streams)  # noqa: PLW1509 - it sets a handler, no more

    def on_terminal(self, *arguments: str, width: int = 140, typed: str = "", answer: str = "") -> tuple[int, str]:
        """Its exit code, and what it shows without colours. `typed` is typed when `asked` has been shown."""
        mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        process = self.started(*arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        shown, ends = b"", time.monotonic() + _PATIENCE
        try:
            while time.monotonic() < ends:
                if select.select([mine], [], [], 0.1)[0]:
                    try:
                        shown += os.read(mine, 65_536)
                    except OSError:  # the other end is closed
                        break
                    if typed and answer.encode() in shown:
                        os.write(mine, typed.encode())
                        typed = ""
        finally:
            process.send_signal(signal.SIGTERM) if process.poll() is None and time.monotonic() >= ends else None
            os.close(mine)
        return process.wait(_PATIENCE), _STEERING.sub("", shown.decode()).replace("\r\n", "\n")
