"""`backup` and `restore`: the whole database in one file."""

import asyncio
import sys
from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.restored_log import check_checkpoint
from service.cli.command import Command, open_postgres, with_settings
from service.composition import REGISTRY
from service.database import engine as database
from service.database.dump import back_up
from service.database.dump import restore as restore_database
from service.database.migrate import migrate
from service.ledger.rebuild import rebuild
from service.settings import Settings


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_settings
def backup(chosen: Settings, *, file: Path) -> None:
    """Write the database into FILE. It may be in use meanwhile; keep the secret key and the signing keys apart."""
    with open_postgres(chosen) as databases:
        size = back_up(databases.owner, file)
    click.echo(f"Wrote {file}, {size:,} bytes. It holds people's texts; the keys are not in it.")


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--checkpoint", type=click.Path(path_type=Path, exists=True), help="A kept checkpoint's note to compare.")
@click.option("--key", help="The key that verifies the checkpoint.")
@with_settings
def restore(chosen: Settings, *, file: Path, checkpoint: Path | None, key: str | None) -> None:
    """Restore FILE into an empty database, and compare its tables with its log and its log with the checkpoint."""
    if (checkpoint is None) != (key is None):
        raise click.UsageError("--checkpoint and --key belong together.")
    note = checkpoint.read_text() if checkpoint else None

    async def check(url: str) -> list[str]:
        await migrate(url)
        engine = database.create_engine(
            url, role=None, pool_size=2, application_name="tuneledger restore", statement_timeout=0
        )
        try:
            return await _find_faults(engine, note, key)
        finally:
            await engine.dispose()

    with open_postgres(chosen) as databases:
        restore_database(databases.owner, file)
        faults = asyncio.run(check(databases.owner))
    for fault in faults:
        click.echo(fault)
    click.echo("Restored, but it is not as it was." if faults else "Restored. Nothing differs.")
    sys.exit(1 if faults else 0)


async def _find_faults(engine: AsyncEngine, note: str | None, key: str | None) -> list[str]:
    report = await rebuild(engine, REGISTRY, database.metadata, verify=True)
    faults = [f"{table.table} differs from the log." for table in report.tables if table.missing or table.unexpected]
    faults += [f"A text does not match its hash in the log: {text}" for text in report.altered_texts]
    if note is not None and key is not None:
        faults += await check_checkpoint(engine, note, key)
    return faults
