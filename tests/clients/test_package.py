"""The package as people get it: built, installed into an empty environment, and used."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.server.supervisor import ROOT
from tests.clients.living import Living

CLIENT = ROOT / "clients" / "python"


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel, then the source archive, built by the installed hatchling, without a network."""
    built = tmp_path_factory.mktemp("built")
    source = shutil.copytree(CLIENT, tmp_path_factory.mktemp("source") / "python")
    done = run(sys.executable, "-m", "hatchling", "build", "-d", built, cwd=source)
    assert done.returncode == 0, done.stderr
    return sorted(built.iterdir())


@pytest.fixture
def python(packages: Sequence[Path], tmp_path: Path) -> Path:
    """The interpreter of an empty environment with the wheel and what it needs, at the locked versions."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    interpreter = environment / "bin" / "python"
    uv = shutil.which("uv") or ROOT / ".venv" / "uv" / "bin" / "uv"
    install: list[str | Path] = [uv, "pip", "install", "--offline", "--python", interpreter]
    locked = ["--constraint", ROOT / "requirements.lock"]
    if run(*install, *locked, f"{packages[0]}[audit,cli]", cwd=tmp_path).returncode != 0:
        # uv keeps nothing here that it could install from: then the libraries of this environment by their path.
        done = run(*install, "--no-deps", packages[0], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        [site] = environment.glob("lib/python*/site-packages")
        (site / "present.pth").write_text(sysconfig.get_path("purelib"))
    return interpreter


def test_the_wheel_holds_the_client_and_nothing_else(packages: list[Path]) -> None:
    wheel, archive = packages
    assert re.fullmatch(r"tuneledger_client-[\d.]+\.tar\.gz", archive.name)
    assert re.fullmatch(r"tuneledger_client-[\d.]+-py3-none-any\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        [metadata] = [opened.read(name).decode() for name in names if name.endswith("METADATA")]
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tuneledger"}
    assert {"tuneledger/py.typed", "tuneledger/_sync/client.py", "tuneledger/types/datasets.py"} <= set(names)
    needed = re.findall(r"^Requires-Dist: ([\w-]+)(?!.*extra)", metadata, flags=re.MULTILINE)
    assert sorted(needed) == ["httpx", "msgspec"]


def test_the_installed_client_runs_the_five_lines_of_its_readme(
    server: Living, key: str, python: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    shutil.copy(ROOT / "service" / "demo" / "headlines.jsonl", folder)
    [first, *_] = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(), flags=re.DOTALL)
    (folder / "five.py").write_text(f"{first}\nimport tuneledger\nprint(tuneledger.__file__)\n")
    environment = {"TUNELEDGER_API_KEY": key, "TUNELEDGER_BASE_URL": server.url, "PATH": "/usr/bin:/bin"}
    done = run(python, "five.py", cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    said, where = done.stdout.splitlines()
    assert re.fullmatch(r"264 [0-9a-f]{64}", said)
    assert Path(where).is_relative_to(python.parents[1])


def test_the_installed_command_line_asks_the_server(server: Living, key: str, python: Path, tmp_path: Path) -> None:
    environment = {"TUNELEDGER_API_KEY": key, "TUNELEDGER_BASE_URL": server.url, "HOME": str(tmp_path)}
    done = run(python.parent / "tuneledger", "whoami", cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scopes"] == ["admin"]


def test_without_its_extra_the_command_line_says_what_to_install(python: Path, tmp_path: Path) -> None:
    bare = "import runpy, sys; sys.modules['rich_click'] = None; runpy.run_module('tuneledger', run_name='__main__')"
    done = run(python, "-c", bare, cwd=tmp_path)
    assert (done.returncode, 'pip install "tuneledger-client[cli]"' in done.stderr) == (1, True), done.stderr
