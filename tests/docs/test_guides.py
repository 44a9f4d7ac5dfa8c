"""The quickstart, the guides and the page on tunes, run as they are written."""

import os
import re
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from service.demo.stage import Stage, open_stage
from service.server.supervisor import ROOT
from service.settings import Settings, variable_name
from tests.conftest import clone_template, database
from tests.demo.conftest import DOOR
from tests.docs.blocks import DOCS, RUN, Block, blocks, matches, run_blocks, run_in_shell

BEFORE = DOCS / "guides" / "index.md"
QUICKSTART = DOCS / "quickstart.md"
GUIDES = sorted({*(DOCS / "guides").glob("*.md"), QUICKSTART, DOCS / "tunes.md"} - {BEFORE})
TAKEN = re.compile(r"(name is taken; choose another|already exists)")


@pytest.fixture(scope="module")
async def shared_database(postgres_url: str, clones: asyncpg.Connection) -> AsyncIterator[str]:
    name = f"tuneledger_test_{uuid.uuid4().hex[:16]}"
    await clone_template(clones, name)
    yield database(postgres_url, name)
    await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def shared_stage(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One server for all guides: they are to get along with what others left there."""
    chosen = Settings(data_directory=tmp_path_factory.mktemp("docs"), database_url=shared_database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable_name("webhooks_allow_local"), "true")  # a guide's receiver is on this machine
        patch.setenv(variable_name("data_directory"), str(chosen.data_directory))
        with open_stage(chosen, sandbox_port=0, bootstrap_key=DOOR) as up:
            yield up


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
async def test_every_block_of_a_guide_does_what_the_guide_says(
    guide: Path, shared_stage: Stage, tmp_path: Path
) -> None:
    run, environment = prepare(guide, shared_stage, tmp_path)
    before = list_names(tmp_path)
    printed = await run_blocks(run, tmp_path, environment)
    compare(run, printed)
    # Nothing is left in Tuneledger's folder: the command line's key is in the home, which is the same here.
    assert list_names(tmp_path) - before <= {".config"}
    status, output, complaints = await run_in_shell(run, tmp_path, environment)
    assert status, f"run a second time it printed\n{output}"
    assert TAKEN.search(complaints)
    assert "Traceback" not in complaints


async def test_the_quickstart_runs_again_under_another_name(shared_stage: Stage, tmp_path: Path) -> None:
    run, environment = prepare(QUICKSTART, shared_stage, tmp_path)
    printed = await run_blocks(run, tmp_path, environment | {"NAME": "again"})
    compare(run, [text.replace("again", "quickstart") for text in printed])


def prepare(guide: Path, stage: Stage, folder: Path) -> tuple[list[Block], dict[str, str]]:
    """The guide's blocks, and the environment to run them in. The folder stands for Tuneledger's."""
    run = blocks(guide) if guide == QUICKSTART else [*blocks(BEFORE), *blocks(guide)]
    (folder / "service").symlink_to(ROOT / "service")
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    environment = {"PATH": os.environ["PATH"], "URL": stage.url, "SANDBOX": stage.sandbox_url, "KEY": DOOR}
    return run, environment | {"HOME": str(folder)}


def list_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def compare(run: Sequence[Block], printed: Sequence[str]) -> None:
    assert len(printed) == len(run)
    for block, text in zip(run, printed, strict=True):
        assert block.prints is None or matches(text, block.prints), f"{block.code}\nprinted\n{text}"


@pytest.mark.parametrize("guide", [BEFORE, *GUIDES], ids=lambda path: path.stem)
def test_a_guide_has_no_block_that_nobody_runs(guide: Path) -> None:
    assert {block.language for block in blocks(guide)} <= set(RUN)


def test_what_a_guide_says_is_printed_has_to_be_printed() -> None:
    assert matches("2 added\n", "2 added\n")
    assert matches("digest 9f2c of v1\n", "digest … of v1\n")
    assert not matches("3 added\n", "2 added\n")
    assert not matches("2 added, 1 bad\n", "2 added\n")
