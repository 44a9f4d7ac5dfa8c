"""docs/walk.md, run as it is written."""

import asyncio
import os
import re
from pathlib import Path

from service.demo.stage import Stage
from service.server.supervisor import ROOT
from tests.demo.conftest import DOOR

GUIDE = ROOT / "docs" / "walk.md"


async def test_every_line_of_the_guide_works(staged: Stage, tmp_path: Path) -> None:
    lines = "".join(re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL))
    (tmp_path / "service").symlink_to(ROOT / "service")
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", lines),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "URL": staged.url, "SANDBOX": staged.sandbox_url, "KEY": DOOR},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaints = (text.decode() for text in await process.communicate())
    assert process.returncode == 0, complaints + output[-2_000:]
    assert output.count("succeeded") >= 3
    assert "{'added': 1, 'edited': 0, 'removed': 1}" in output
    assert "Ten citizens, drawn by lot, rehang a museum gallery\n" in output
    assert "improved by" in output
    assert "Nobody has rated the answers of v1.1; 4 stars by 2 ratings are required.\n" in output
    assert "it had already seen 1 of the rows\nTrue\n" in output
    assert output.endswith("v1 is still v1\n")
