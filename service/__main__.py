"""The server's commands. Settings come from the environment; docs/settings.md lists them.

`tuneledger`, which is the client's command line, finds them by the entry points in pyproject.toml.
"""

import asyncio
import functools
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from service import database, logs, processes, reencrypting, serve, settings, worker
from service.access import founding, keys, views
from service.app import create_app
from service.demo import walk
from service.demo.stage import DemoFailed
from service.embedded import EmbeddedPostgresFailed, embedded
from service.errors import Problem
from service.http.documents import document
from service.ledger import rebuild as rebuilding
from service.ledger.store import Caller, Ledger
from service.registry import REGISTRY, open_ledger
from service.sandbox.server import serve as serve_sandbox
from service.settings import Settings, SettingsInvalid
from service.vault import vault_of

EXPECTED = (SettingsInvalid, EmbeddedPostgresFailed, DemoFailed, database.UnusableDatabase, OSError)


class Command(click.Command):
    """What an operator can mend is said in a sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(problem.detail) from problem
        except EXPECTED as error:
            raise click.ClickException(str(error)) from error


class Commands(click.Group):
    command_class = Command
    group_class = type


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tuneledger's server, its workers and its database."""


def configured(run: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the settings, and the process its logs and its end."""

    @functools.wraps(run)
    def command(**given: Any) -> None:
        parent = os.environ.pop(processes.PARENT, "")
        if parent:
            processes.end_with_parent(int(parent))
        chosen = settings.from_environment(os.environ)
        logs.configure(chosen.log_format, chosen.log_level)
        signal.signal(signal.SIGTERM, serve.ended_by_signal)
        run(chosen, **given)

    return command


@main.command("serve")
@click.option("--no-worker", is_flag=True, help="Leave the background work to workers started elsewhere.")
@click.option("--sandbox", is_flag=True, help="Also start the sandbox, a provider to try things on.")
@click.option("--sandbox-port", default=serve.SANDBOX_PORT, show_default=True, help="Where the sandbox listens.")
@click.option("--no-migrate", is_flag=True, help="Do not bring the database up to date first.")
@configured
def serve_(chosen: Settings, *, no_worker: bool, sandbox: bool, sandbox_port: int, no_migrate: bool) -> None:
    """Serve the API with a worker, on DATABASE_URL or an embedded Postgres, and print the first key once."""
    parts = serve.Parts(
        worker=not no_worker,
        sandbox=sandbox_port if sandbox else None,
        migrate=chosen.migrate_on_start and not no_migrate,
    )
    with _postgres(chosen) as url:
        code = asyncio.run(serve.serve(chosen, url, parts))
    sys.exit(code)


@main.command(hidden=True)
@configured
def api(chosen: Settings) -> None:
    """The API alone, as `serve` starts it."""
    serve.serve_api(chosen)


@main.command("worker")
@configured
def worker_(chosen: Settings) -> None:
    """Work in the background: imports, tunes, registrations. Start as many as you like."""
    with _postgres(chosen) as url:
        asyncio.run(worker.work(chosen, url))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=serve.SANDBOX_PORT, show_default=True, help="0 takes a free one.")
@click.option("--pace", default=0.3, show_default=True, help="Seconds between two steps of a job.")
@click.option("--directory", type=click.Path(path_type=Path), help="Where its files and jobs are kept.")
@configured
def sandbox(chosen: Settings, *, host: str, port: int, pace: float, directory: Path | None) -> None:
    """Run a fine-tuning provider for trying things out. It learns for real, if modestly."""
    place = directory or chosen.data_directory.expanduser() / "sandbox"
    place.mkdir(parents=True, exist_ok=True)
    serve_sandbox(place, host=host, port=port, pace=pace)


@main.command()
@configured
def migrate(chosen: Settings) -> None:
    """Bring the database up to date."""
    with _postgres(chosen) as url:
        asyncio.run(database.migrate(url))
    click.echo("The database is up to date.")


@main.command()
@click.option("--verify", is_flag=True, help="Only compare, and end with 1 when anything differs.")
@configured
def rebuild(chosen: Settings, *, verify: bool) -> None:
    """Make the read tables anew from the events, and say what differed."""

    async def run(engine: AsyncEngine) -> rebuilding.Report:
        return await rebuilding.rebuild(engine, REGISTRY, database.metadata, verify=verify)

    report = _on_database(chosen, run)
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


@main.command()
@click.option("--check", is_flag=True, help="Only count, and end with 1 when the first key alone would not do.")
@configured
def reencrypt(chosen: Settings, *, check: bool) -> None:
    """Encrypt every stored secret with the first of TUNELEDGER_SECRET_KEY. Exit code 1: some cannot be read."""
    vault = vault_of(chosen)
    report = _on_database(chosen, lambda engine: reencrypting.reencrypt(open_ledger(engine), vault, check=check))
    for line in report.lines():
        click.echo(line)
    sys.exit(0 if report.done else 1)


@main.command()
@click.option("--output", type=click.Path(path_type=Path), default=Path("openapi/openapi.json"), show_default=True)
def openapi(*, output: Path) -> None:
    """Write the OpenAPI document."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(openapi_text())
    click.echo(f"Wrote {output}.")


def openapi_text() -> str:
    """The committed form of the document: sorted, so that a change of order is no change."""
    engine = database.create_engine("postgresql://nowhere/none")  # the document is the same on every database
    return json.dumps(document(create_app(Settings(), engine)), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@main.command()
@click.option("--sandbox-port", default=serve.SANDBOX_PORT, show_default=True, help="0 takes a free one.")
@configured
def demo(chosen: Settings, *, sandbox_port: int) -> None:
    """Walk the whole loop on real input, from a file of examples to model v1.1."""
    walk.main(chosen, sandbox_port=sandbox_port)


@main.group("keys")
def keys_() -> None:
    """Make, list and revoke API keys."""


@keys_.command("create")
@click.option("--name", required=True, help="Unique in the workspace; the actor in the history.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(keys.SCOPES), help="Default: admin and operator.")
@click.option("--workspace", type=click.UUID, help="Default: the oldest; on an empty database, a new one.")
@configured
def create_key(chosen: Settings, *, name: str, scopes: tuple[keys.Scope, ...], workspace: UUID | None) -> None:
    """Make an API key and print it; it is shown this once."""
    secret = keys.generate()
    wanted = scopes or ("admin", "operator")

    async def create(ledger: Ledger, caller: Caller | None) -> None:
        if caller is None:
            nobody = _operator(UUID(int=0))
            await founding.found(ledger, nobody, name="default", secret=secret, scopes=wanted, key_name=name)
        else:
            await founding.add_key(ledger, caller, name=name, secret=secret, scopes=wanted)

    _in_workspace(chosen, workspace, create)
    click.echo(secret)


@keys_.command("list")
@click.option("--workspace", type=click.UUID, help="Default: the oldest.")
@configured
def list_keys(chosen: Settings, *, workspace: UUID | None) -> None:
    """List the keys, without their secrets."""

    async def show(ledger: Ledger, caller: Caller | None) -> None:
        rows = await views.list_keys(ledger.engine, caller.workspace_id, after=None, limit=1_000) if caller else []
        for row in rows:
            ended = "revoked" if row.revoked_at else f"expires {row.expires_at:%Y-%m-%d}" if row.expires_at else ""
            click.echo(f"{row.id}  {row.hint}  {row.name}  {','.join(row.scopes)}  {ended}".rstrip())

    _in_workspace(chosen, workspace, show)


@keys_.command("revoke")
@click.argument("key_id", type=click.UUID)
@click.option("--workspace", type=click.UUID, help="Default: the oldest.")
@click.option("--reason", help="Why; kept in the history.")
@configured
def revoke_key(chosen: Settings, *, key_id: UUID, workspace: UUID | None, reason: str | None) -> None:
    """End a key; within a second nobody accepts it any more."""

    async def revoke(ledger: Ledger, caller: Caller | None) -> None:
        who = caller or _operator(UUID(int=0))
        await ledger.change(keys.API_KEY, key_id, lambda key: keys.revoke(key, reason=reason), caller=who)

    _in_workspace(chosen, workspace, revoke)
    click.echo(f"Revoked {key_id}.")


@contextmanager
def _postgres(chosen: Settings) -> Iterator[str]:
    """The URL of the database that the settings name, or of the embedded one while this is open."""
    if chosen.database_url is not None:
        yield chosen.database_url
        return
    with embedded(chosen.data_directory) as url:
        yield url


def _on_database(chosen: Settings, do: Callable[[AsyncEngine], Awaitable[Any]]) -> Any:
    """Open the database, migrated if that is allowed, and do something with it."""

    async def run(url: str) -> Any:
        if chosen.migrate_on_start:
            await database.migrate(url)
        engine = database.create_engine(url, pool_size=2, application_name="tuneledger command line")
        try:
            return await do(engine)
        finally:
            await engine.dispose()

    with _postgres(chosen) as url:
        return asyncio.run(run(url))


def _in_workspace(
    chosen: Settings, workspace: UUID | None, do: Callable[[Ledger, Caller | None], Awaitable[None]]
) -> None:
    """Do something as the operator in a workspace, or in the oldest; in None when there is none yet."""

    async def run(engine: AsyncEngine) -> None:
        known = await views.list_workspaces(engine, UUID(int=0), everyone=True, after=None, limit=1)
        found = workspace or (known[0].workspace_id if known else None)
        await do(open_ledger(engine), _operator(found) if found else None)

    _on_database(chosen, run)


def _operator(workspace_id: UUID) -> Caller:
    return Caller(workspace_id=workspace_id, actor="command line", request_id=f"cli-{database.new_id()}")


if __name__ == "__main__":
    main()
