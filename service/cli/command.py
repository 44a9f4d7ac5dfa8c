"""What every command has: its settings, the database they name, and refusals in a sentence."""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service import settings
from service.access.sign_in.issuers import parse_issuers
from service.database import engine as database
from service.database.dump import BackupFailed
from service.database.embedded_postgres import EmbeddedPostgresFailed, embedded
from service.database.grants import DatabaseUrls
from service.database.migrate import migrate
from service.errors import Problem
from service.server import logs
from service.server import supervisor as processes
from service.settings import Settings, SettingsInvalid

EXPECTED = (SettingsInvalid, EmbeddedPostgresFailed, BackupFailed, database.UnusableDatabase, OSError)


class Command(click.Command):
    """What an operator can mend is said in a sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(problem.detail) from problem
        except EXPECTED as error:
            raise click.ClickException(str(error)) from error


def with_settings(run: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the settings, and the process its logs and its end."""

    @functools.wraps(run)
    def command(**options: Any) -> None:
        parent = os.environ.pop(processes.PARENT, "")
        if parent:
            processes.end_with_parent(int(parent))
        chosen = settings.load_settings(os.environ)
        parse_issuers(chosen)
        logs.configure_logs(chosen.log_format, chosen.log_level)
        signal.signal(signal.SIGTERM, exit_on_signal)
        run(chosen, **options)

    return command


def exit_on_signal(*_: object) -> None:
    """A handler for SIGTERM while nothing better is set up: leave through every `finally`."""
    sys.exit(128 + signal.SIGTERM)


@contextmanager
def open_postgres(chosen: Settings, *, check: bool = False) -> Iterator[DatabaseUrls]:
    """The database that the settings name, or the embedded one while this is open.

    With `check`, raises UnusableDatabase when nothing answers there.
    """
    if chosen.database_url is not None:
        url = chosen.database_url
        databases = DatabaseUrls(owner=chosen.database_owner_url or url, api=url, worker=url)
        if check:
            asyncio.run(database.check_reachable(databases.owner))
        yield databases
        return
    with embedded(chosen.data_directory) as url:
        api, worker = (
            sa.make_url(url).set(username=role).render_as_string(hide_password=False)
            for role in (database.API_ROLE, database.WORKER_ROLE)
        )
        yield DatabaseUrls(owner=url, api=api, worker=worker)


def run_on_database(chosen: Settings, do: Callable[[AsyncEngine], Awaitable[Any]], *, as_owner: bool = False) -> Any:
    """Open the database, migrated if that is allowed, and do something with it, by default as the API may."""

    async def run(databases: DatabaseUrls) -> Any:
        if chosen.migrate_on_start:
            await migrate(databases.owner)
        role = None if as_owner else database.API_ROLE
        engine = database.create_engine(
            databases.owner, role=role, pool_size=2, application_name="tuneledger command line"
        )
        try:
            return await do(engine)
        finally:
            await engine.dispose()

    with open_postgres(chosen, check=True) as databases:
        return asyncio.run(run(databases))
