"""The README of the Python client, block by block, as a program against a living server."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from service.server.supervisor import ROOT
from tests.clients.living import Living

CLIENT = ROOT / "clients" / "python"
HEADLINES = ROOT / "service" / "demo" / "headlines.jsonl"


def program(sandbox: str) -> str:
    blocks: list[str] = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(), flags=re.DOTALL)
    assert len(blocks) > 10
    assert "http://127.0.0.1:8399" in blocks[-2]
    return "\n\n".join(blocks).replace("http://127.0.0.1:8399", sandbox)


def test_the_readme_runs_from_its_first_line_to_its_last(server: Living, key: str, tmp_path: Path) -> None:
    shutil.copy(HEADLINES, tmp_path / "headlines.jsonl")
    (tmp_path / "walk.py").write_text(program(server.sandbox))
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(CLIENT / "src"),
        "TUNELEDGER_API_KEY": key,
        "TUNELEDGER_BASE_URL": server.url,
    }
    ran = subprocess.run(
        [sys.executable, "-W", "error", "walk.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    output = ran.stdout
    assert re.match(r"264 [0-9a-f]{64}\n", output), output
    assert "answered: Ten citizens" in output
    assert "'duplicates': 264" in output
    assert "not_found" in output
    assert "somebody was faster" in output
    assert re.search(r"^\d+ [0-9a-f]{64} \[\]$", output, re.MULTILINE), output
    assert re.search(r"succeeded ft:", output), output
    assert (tmp_path / "v1.jsonl").read_text().count("\n") == 264


def test_a_strict_checker_finds_nothing_to_say_about_the_readme(tmp_path: Path) -> None:
    (tmp_path / "walk.py").write_text(program("http://127.0.0.1:8399"))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "walk.py"]
    environment = {"PATH": "/usr/bin:/bin", "MYPYPATH": str(CLIENT / "src")}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout + ran.stderr
