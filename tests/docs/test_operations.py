"""The commands of the page for operators, run as they are written."""

import os
import sys
from pathlib import Path

import asyncpg
import httpx
import sqlalchemy as sa

from service.embedded import BINARIES
from tests.conftest import database
from tests.datasets.making import add, chat, make_dataset, pages
from tests.docs.blocks import DOCS, blocks, said

RESTORED = "restored"  # as the page names it


async def test_a_backup_is_restored_and_says_what_the_log_says(
    api: httpx.AsyncClient, database_url: str, clones: asyncpg.Connection, tmp_path: Path
) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset, content=chat("What is tea?", "Leaves in hot water."))
    events = sum(len(page) for page in await pages(api, "/v1/events"))
    here = os.pathsep.join([str(BINARIES), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {
        "PATH": here,
        "DATABASE_URL": plain(database_url),
        "RESTORED": plain(database(database_url, RESTORED)),
        "TUNELEDGER_DATA_DIRECTORY": str(tmp_path),
    }
    try:
        [*_, verified] = await said(blocks(DOCS / "operations.md"), tmp_path, environment)
    finally:
        await clones.execute(f'DROP DATABASE IF EXISTS "{RESTORED}" WITH (FORCE)')
    assert f"{events} events" in verified
    assert "Nothing differs." in verified


def plain(url: str) -> str:
    """As Postgres' own programs read it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
