"""The commands of the page for operators, run as they are written."""

import os
import re
import sys
from pathlib import Path

import asyncpg
import httpx

from service.database.embedded_postgres import BINARIES
from service.server.supervisor import ROOT
from tests.conftest import database, to_libpq
from tests.datasets.example_bodies import add, chat, make_dataset, ok
from tests.docs.blocks import DOCS, blocks, run_blocks
from tests.http_client import SECRET_KEY

RESTORED = "restored"  # as the page names it


async def test_a_backup_is_restored_and_the_secret_key_is_changed(
    api: httpx.AsyncClient, database_url: str, clones: asyncpg.Connection, tmp_path: Path
) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset, content=chat("What is tea?", "Leaves in hot water."))
    await ok(await api.post("/v1/connections", json={"name": "main", "kind": "openai", "secret": "sk-any"}))
    here = os.pathsep.join([str(BINARIES), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {
        "PATH": here,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": to_libpq(database_url),
        "RESTORED": to_libpq(database(database_url, RESTORED)),
        "TUNELEDGER_DATA_DIRECTORY": str(tmp_path),
        "TUNELEDGER_SECRET_KEY": SECRET_KEY,
    }
    try:
        [_, restored, changed] = await run_blocks(blocks(DOCS / "operations.md"), tmp_path, environment)
    finally:
        await clones.execute(f'DROP DATABASE IF EXISTS "{RESTORED}" WITH (FORCE)')
    assert "Restored. Nothing differs." in restored
    assert "1 encrypted anew, 0 left as they were, 0 not readable." in changed
    assert re.findall(r"need key 2 \(\w+\): (\d+)", changed) == ["0", "0"]
