"""`migrate`, `rebuild` and `reencrypt`: maintenance of a database."""

import asyncio
import sys

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from service.cli.command import Command, open_postgres, run_on_database, with_settings
from service.composition import REGISTRY, open_ledger
from service.database import engine as database
from service.database.migrate import migrate as migrate_database
from service.datasets.versions.digests.queries import forget_digests
from service.ledger import rebuild as rebuilding
from service.settings import Settings
from service.vault import rotation as reencrypting
from service.vault.vault import open_vault


@click.command(cls=Command)
@with_settings
def migrate(chosen: Settings) -> None:
    """Migrate the database to the current version."""
    with open_postgres(chosen, check=True) as databases:
        asyncio.run(migrate_database(databases.owner))
    click.echo("The database is up to date.")


@click.command(cls=Command)
@click.option("--verify", is_flag=True, help="Only compare; exit code 1 when anything differs.")
@with_settings
def rebuild(chosen: Settings, *, verify: bool) -> None:
    """Rebuild the read tables from the events, and print what differed."""

    async def run(engine: AsyncEngine) -> rebuilding.RebuildReport:
        report = await rebuilding.rebuild(engine, REGISTRY, database.metadata, verify=verify)
        if not verify:
            await forget_digests(engine)  # they may follow from what was wrong
        return report

    report = run_on_database(chosen, run, as_owner=True)
    for table in report.tables:
        differs = f"  missing {table.missing}, unexpected {table.unexpected}"
        click.echo(f"{table.table:30} {table.rebuilt:>10} rows{differs if table.missing or table.unexpected else ''}")
        for sample in table.samples:
            click.echo(f"    {sample}")
    for text in report.altered_texts:
        click.echo(f"A text is not the one that the log has the hash of: {text}")
    click.echo(f"{report.events} events, {report.events_per_second:,.0f} a second. ", nl=False)
    differed = "What is above differed." + ("" if verify else " The tables are mended.")
    click.echo("Nothing differs." if report.clean else differed)
    sys.exit(1 if report.altered_texts or (verify and not report.clean) else 0)


@click.command(cls=Command)
@click.option("--check", is_flag=True, help="Only count; exit code 1 when older keys are still needed.")
@with_settings
def reencrypt(chosen: Settings, *, check: bool) -> None:
    """Encrypt every stored secret with the first of TUNELEDGER_SECRET_KEY. Exit code 1: some cannot be read."""
    vault = open_vault(chosen)
    report = run_on_database(chosen, lambda engine: reencrypting.reencrypt(open_ledger(engine), vault, check=check))
    for line in report.lines():
        click.echo(line)
    sys.exit(0 if report.done else 1)
