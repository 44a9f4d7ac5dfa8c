"""The package as people get it: built, installed into an empty environment, and used."""

import json
import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.server.supervisor import ROOT
from tests.clients.living import Living
from tests.wheels import CLIENT, build_client, create_environment, run


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The source archive and the wheel."""
    return sorted(build_client(tmp_path_factory.mktemp("client")), key=lambda path: path.suffix != ".whl")


@pytest.fixture
def python(packages: Sequence[Path], tmp_path: Path) -> Path:
    return create_environment(tmp_path / "environment", [f"{packages[0]}[audit,cli]"])


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
    output, where = done.stdout.splitlines()
    assert re.fullmatch(r"264 [0-9a-f]{64}", output)
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
