"""`sandbox`."""

from pathlib import Path

import click

from service.cli.command import Command, with_settings
from service.sandbox.server import serve as serve_sandbox
from service.settings import Settings, parse_connections_policy, variable_name

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - binds nothing


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, help="0: any free port. Default: TUNELEDGER_SANDBOX_PORT, else 8399.")
@click.option("--pace", default=0.3, show_default=True, help="Seconds between two steps of a job.")
@click.option("--directory", type=click.Path(path_type=Path), help="Where to store its files and jobs.")
@with_settings
def sandbox(chosen: Settings, *, host: str, port: int | None, pace: float, directory: Path | None) -> None:
    """Run the sandbox, a local fine-tuning provider for experiments."""
    path = directory or chosen.data_directory.expanduser() / "sandbox"
    path.mkdir(parents=True, exist_ok=True)
    port = chosen.sandbox_port if port is None else port
    address = LOOPBACK_OF.get(host, host)
    if port and parse_connections_policy(chosen).find_fault("http", address, port, ()):
        allow = f"{variable_name('connections_allow')}={address}:{port}"
        click.echo(f"To connect to it, start Tuneledger with {allow} (`serve --sandbox` does so itself).", err=True)
    serve_sandbox(path, host=host, port=port, pace=pace)
