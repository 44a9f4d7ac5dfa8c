"""`demo`."""

import os

import click

from service.cli.command import Command, with_settings
from service.demo import walk
from service.demo.stage import DemoFailed
from service.settings import Settings


@click.command(cls=Command)
@click.option("--sandbox-port", type=int, help="0: any free port. Default: TUNELEDGER_SANDBOX_PORT, else 8399.")
@with_settings
def demo(chosen: Settings, *, sandbox_port: int | None) -> None:
    """Walk the whole loop on real input, from a file of examples to model v1.1."""
    try:
        os.umask(0o077)
        walk.main(chosen, sandbox_port=chosen.sandbox_port if sandbox_port is None else sandbox_port)
    except DemoFailed as failed:
        raise click.ClickException(str(failed)) from failed
