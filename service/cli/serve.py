"""`serve`."""

import asyncio
import os
import sys

import click

from service.cli.command import Command, open_postgres, with_settings
from service.server import api_server as serve
from service.settings import Settings


@click.command(cls=Command, name="serve")
@click.option("--no-worker", is_flag=True, help="Do not start a worker; run workers separately.")
@click.option("--sandbox", is_flag=True, help="Also start the sandbox, a provider for experiments.")
@click.option("--sandbox-port", type=int, help="Port of the sandbox. Default: TUNELEDGER_SANDBOX_PORT, else 8399.")
@click.option("--sandbox-host", default="127.0.0.1", show_default=True, help="Its address; it takes any key.")
@click.option("--no-migrate", is_flag=True, help="Do not migrate the database first.")
@with_settings
def serve_(
    chosen: Settings,
    *,
    no_worker: bool,
    sandbox: bool,
    sandbox_port: int | None,
    sandbox_host: str,
    no_migrate: bool,
) -> None:
    """Serve the API with a worker, on DATABASE_URL or an embedded Postgres, and print the first key once."""
    parts = serve.Parts(
        worker=not no_worker,
        sandbox=(chosen.sandbox_port if sandbox_port is None else sandbox_port) if sandbox else None,
        sandbox_host=sandbox_host,
        migrate=chosen.migrate_on_start and not no_migrate,
    )
    os.umask(0o077)
    serve.check_ports(chosen, parts)
    if chosen.database_url is None:
        click.echo(f"Starting Postgres in {chosen.data_directory} …")
    with open_postgres(chosen, check=True) as databases:
        code = asyncio.run(serve.serve(chosen, databases, parts))
    sys.exit(code)
