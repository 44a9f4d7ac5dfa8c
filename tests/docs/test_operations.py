"""The commands of the page for operators, run as they are written."""

import os
import re
import sys
from pathlib import Path

import asyncpg
import httpx
import sqlalchemy as sa

from service.database.embedded_postgres import BINARIES
from service.server.supervisor import ROOT
from tests.conftest import database
from tests.datasets.example_bodies import add, chat, make_dataset, ok, pages
from tests.docs.blocks import DOCS, blocks, said
from tests.http_client import SECRET_KEY

RESTORED = "restored"  # as the page names it


async def test_a_backup_is_restored_and_the_secret_key_is_changed(
    api: httpx.AsyncClient, database_url: str, clones: asyncpg.Connection, tmp_path: Path
) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset, content=chat("What is tea?", "Leaves in hot water."))
    await ok(await api.post("/v1/connections", json={"name": "main", "kind": "openai", "secret": "sk-any"}))
    events = sum(len(page) for page in await pages(api, "/v1/events"))
    here = os.pathsep.join([str(BINARIES), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {
        "PATH": here,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": plain(database_url),
        "RESTORED": plain(database(database_url, RESTORED)),
        "TUNELEDGER_DATA_DIRECTORY": str(tmp_path),
        "TUNELEDGER_SECRET_KEY": SECRET_KEY,
    }
    try:
        [_, verified, changed] = await said(blocks(DOCS / "operations.md"), tmp_path, environment)
    finally:
        await clones.execute(f'DROP DATABASE IF EXISTS "{RESTORED}" WITH (FORCE)')
    assert f"{events} events" in verified
    assert "Nothing differs." in verified
    assert "1 encrypted anew, 0 left as they were, 0 not readable." in changed
    assert re.findall(r"need key 2 \(\w+\): (\d+)", changed) == ["0", "0"]


def plain(url: str) -> str:
    """As Postgres' own programs read it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
