"""Wheels of the server and of its client, and environments that have nothing but them and what they need."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

from service.server.supervisor import ROOT

CLIENT = ROOT / "clients" / "python"


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)


def build_client(scratch: Path) -> list[Path]:
    """The client's wheel and its source archive, built by the installed hatchling, without a network."""
    source = shutil.copytree(CLIENT, scratch / "client")
    return _build(source, scratch / "client-dist")


def build_server(scratch: Path) -> Path:
    """The server's wheel, of the files that git knows or would take."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "service", "migrations", cwd=ROOT).stdout.split()
    for name in (*listed, "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            (scratch / "server" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, scratch / "server" / name)
    return next(path for path in _build(scratch / "server", scratch / "server-dist") if path.suffix == ".whl")


def create_environment(directory: Path, wheels: Sequence[str | Path]) -> Path:
    """The interpreter of an empty environment with the wheels and what they need, at the locked versions."""
    venv.create(directory, with_pip=False, symlinks=True)
    interpreter = directory / "bin" / "python"
    uv = shutil.which("uv") or ROOT / ".venv" / "uv" / "bin" / "uv"
    install: list[str | Path] = [uv, "pip", "install", "--offline", "--python", interpreter]
    if run(*install, "--constraint", ROOT / "requirements.lock", *wheels, cwd=directory).returncode != 0:
        # uv keeps nothing here that it could install from: then the libraries of this environment by their path.
        done = run(*install, "--no-deps", *wheels, cwd=directory)
        assert done.returncode == 0, done.stderr
        [site] = directory.glob("lib/python*/site-packages")
        (site / "present.pth").write_text(sysconfig.get_path("purelib"))
    return interpreter


def _build(source: Path, directory: Path) -> list[Path]:
    done = run(sys.executable, "-m", "hatchling", "build", "-d", directory, cwd=source)
    assert done.returncode == 0, done.stderr
    return sorted(directory.iterdir())
