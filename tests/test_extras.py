"""Without an optional library, the operation that needs it says which extra has it, and everything else works."""

import subprocess
import sys
import tomllib

import pytest

from service.extras import MODULES, MissingExtra, require_extra
from service.server.supervisor import ROOT

OPTIONAL = sorted({module for modules in MODULES.values() for module in modules})
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import service.server.api_process, service.server.api_server, service.worker.loops, service.sandbox.server
"""


def test_serving_and_working_import_no_optional_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(absent=set(OPTIONAL))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("extra", MODULES)
def test_an_absent_extra_is_named(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULES[extra][0], None)
    with pytest.raises(MissingExtra, match=rf'pip install "tuneledger\[{extra}\]"'):
        require_extra(extra)


def test_the_extras_are_those_of_the_package() -> None:
    assert set(PROJECT["optional-dependencies"]) == {*MODULES, "all"}
    [everything] = PROJECT["optional-dependencies"]["all"]
    assert everything == f"tuneledger[{','.join(sorted(MODULES.keys() - {'local', 'wandb'}))}]"
