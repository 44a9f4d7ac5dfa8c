"""`demo`."""

import click

from service.cli.command import Command, with_settings
from service.demo import walk
from service.demo.stage import DemoFailed
from service.sandbox import PORT
from service.settings import Settings


@click.command(cls=Command)
@click.option("--sandbox-port", default=PORT, show_default=True, help="0 takes a free one.")
@with_settings
def demo(chosen: Settings, *, sandbox_port: int) -> None:
    """Walk the whole loop on real input, from a file of examples to model v1.1."""
    try:
        walk.main(chosen, sandbox_port=sandbox_port)
    except DemoFailed as failed:
        raise click.ClickException(str(failed)) from failed
