"""`sandbox`."""

from pathlib import Path

import click

from service.cli.command import Command, with_settings
from service.sandbox import PORT
from service.sandbox.server import serve as serve_sandbox
from service.settings import Settings


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=PORT, show_default=True, help="0 takes a free one.")
@click.option("--pace", default=0.3, show_default=True, help="Seconds between two steps of a job.")
@click.option("--directory", type=click.Path(path_type=Path), help="Where its files and jobs are kept.")
@with_settings
def sandbox(chosen: Settings, *, host: str, port: int, pace: float, directory: Path | None) -> None:
    """Run a fine-tuning provider for trying things out. It learns for real, if modestly."""
    place = directory or chosen.data_directory.expanduser() / "sandbox"
    place.mkdir(parents=True, exist_ok=True)
    serve_sandbox(place, host=host, port=port, pace=pace)
