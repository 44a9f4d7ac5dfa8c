"""`worker`."""

import asyncio
import os

import click

from service.cli.command import Command, open_postgres, with_settings
from service.settings import Settings
from service.worker import loops as worker


@click.command(cls=Command, name="worker")
@with_settings
def worker_(chosen: Settings) -> None:
    """Run a worker for imports, tunes and other background work. Start any number of them."""
    os.umask(0o077)
    with open_postgres(chosen) as databases:
        asyncio.run(worker.run_worker(chosen, databases.worker))
