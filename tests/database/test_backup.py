"""A database in one file, and back: complete, or refused with what is wrong."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.worker import load_signer, seal_all
from service.database.dump import BackupFailed, back_up
from service.settings import Settings
from tests.conftest import database, to_libpq
from tests.datasets.example_bodies import add, chat, make_dataset

TARGET = "tuneledger_restored"


@pytest.fixture
async def target(database_url: str, clones: asyncpg.Connection) -> AsyncIterator[str]:
    """An empty database to restore into."""
    await clones.execute(f'DROP DATABASE IF EXISTS "{TARGET}" WITH (FORCE)')
    await clones.execute(f'CREATE DATABASE "{TARGET}"')
    yield database(database_url, TARGET)
    await clones.execute(f'DROP DATABASE "{TARGET}" WITH (FORCE)')


@pytest.fixture
async def engine(owner: AsyncEngine) -> AsyncEngine:
    """Seals, and then tampers."""
    return owner


async def run(command: str, url: str, *arguments: str, directory: Path) -> tuple[int, str]:
    """Run the command as an operator does: its exit code, and all that it printed."""
    environment = {**os.environ, "DATABASE_URL": to_libpq(url), "TUNELEDGER_DATA_DIRECTORY": str(directory)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", command, *arguments), env=environment, stdout=PIPE, stderr=STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.fixture
async def checkpoint(api: httpx.AsyncClient, engine: AsyncEngine, tmp_path: Path) -> tuple[Path, str]:
    """A workspace with an example, and a checkpoint of its log that somebody keeps, with the key that verifies it."""
    await add(api, await make_dataset(api), content=chat("What is tea?", "Leaves."))
    signer = load_signer(Settings(data_directory=tmp_path))
    while await seal_all(engine, signer):
        pass
    async with engine.connect() as connection:
        note = await connection.scalar(sa.text("select note from ledger.checkpoints order by size desc limit 1"))
    (tmp_path / "note.txt").write_text(str(note))
    return tmp_path / "note.txt", str(signer.verifiers[0])


async def test_what_was_backed_up_is_restored_and_agrees_with_the_checkpoint(
    api: httpx.AsyncClient, checkpoint: tuple[Path, str], database_url: str, target: str, tmp_path: Path
) -> None:
    note, key = checkpoint
    file = tmp_path / "a.dump"
    assert (await run("backup", database_url, str(file), directory=tmp_path))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    restored = await run("restore", target, str(file), "--checkpoint", str(note), "--key", key, directory=tmp_path)
    assert restored[0] == 0, restored
    assert restored[1].endswith("Restored. Nothing differs.\n")
    again = await run("restore", target, str(file), directory=tmp_path)
    assert again[0] == 1
    assert "not empty" in again[1]


async def test_a_log_that_is_not_the_checkpoints_is_told(
    checkpoint: tuple[Path, str], engine: AsyncEngine, database_url: str, target: str, tmp_path: Path
) -> None:
    note, key = checkpoint
    async with engine.begin() as connection:
        for statement in (
            "alter table ledger.events disable trigger user",
            "update ledger.events set actor = 'somebody else' where seq = 2",
            "alter table ledger.events enable trigger user",
        ):
            await connection.exec_driver_sql(statement)
    await run("backup", database_url, str(tmp_path / "a.dump"), directory=tmp_path)
    restored = await run(
        "restore", target, str(tmp_path / "a.dump"), "--checkpoint", str(note), "--key", key, directory=tmp_path
    )
    assert restored[0] == 1
    assert "The log differs from the checkpoint" in restored[1]


async def test_rubbish_leaves_the_database_empty(database_url: str, target: str, tmp_path: Path) -> None:
    (tmp_path / "a.dump").write_bytes(b"PGDMP, but no more")
    restored = await run("restore", target, str(tmp_path / "a.dump"), directory=tmp_path)
    assert restored[0] == 1
    assert "pg_restore failed" in restored[1]
    assert (await run("backup", database_url, str(tmp_path / "b.dump"), directory=tmp_path))[0] == 0
    assert (await run("restore", target, str(tmp_path / "b.dump"), directory=tmp_path))[0] == 0


def test_a_file_that_exists_is_not_replaced(postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "a.dump").write_text("precious")
    with pytest.raises(BackupFailed, match="exists"):
        back_up(postgres_url, tmp_path / "a.dump")
    assert (tmp_path / "a.dump").read_text() == "precious"
