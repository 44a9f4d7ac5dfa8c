"""`worker`."""

import asyncio

import click

from service.cli.command import Command, open_postgres, with_settings
from service.settings import Settings
from service.worker import loops as worker


@click.command(cls=Command, name="worker")
@with_settings
def worker_(chosen: Settings) -> None:
    """Work in the background: imports, tunes, registrations. Start as many as you like."""
    with open_postgres(chosen) as url:
        asyncio.run(worker.work(chosen, url))
