"""Back up a database into one file and restore it, with Postgres' own pg_dump and pg_restore."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from service.database.embedded_postgres import BINARIES
from service.database.engine import connect_arguments

# Where distributions put the tools of one version beside those of another.
VERSIONED_DIRECTORIES = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/opt/homebrew/opt/postgresql@{major}/bin",
)
LIBPQ_VARIABLES = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "host": "PGHOST", "port": "PGPORT"}

INSPECT = sa.text("select current_setting('server_version_num')::int / 10000, to_regclass('ledger.events') is not null")


class BackupFailed(RuntimeError):  # noqa: N818 - it reads as what happened
    """The backup or the restore failed"""


def back_up(url: str, file: Path) -> int:
    """Write a consistent dump; the database stays in use meanwhile. Returns the file's bytes.

    The file appears when it is complete, readable by its owner alone. Raises BackupFailed.
    """
    major, _ = asyncio.run(_inspect(url))
    if file.exists():
        raise BackupFailed(f"{file} exists; choose another name.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as directory:
        partial = Path(directory) / file.name
        _run(_find_tool("pg_dump", major), "--format=custom", f"--file={partial}", url=url)
        partial.chmod(0o600)
        partial.rename(file)
    return file.stat().st_size


def restore(url: str, file: Path) -> None:
    """Restore a dump into an empty database, all of it or nothing. Raises BackupFailed."""
    major, has_ledger = asyncio.run(_inspect(url))
    if has_ledger:
        raise BackupFailed("The database is not empty; restore into a new database or data directory.")
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    database = sa.make_url(url).database or "postgres"
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", f"--dbname={database}")
    _run(_find_tool("pg_restore", major), *options, str(file), url=url)


async def _inspect(url: str) -> tuple[int, bool]:
    """The server's major version, and whether the database has a ledger."""
    address, arguments = connect_arguments(url)
    engine = create_async_engine(address, poolclass=NullPool, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            query = (
                "select current_setting('server_version_num')::int / 10000, to_regclass('ledger.events') is not null"
            )
            major, has_ledger = (await connection.execute(sa.text(query))).one()
    finally:
        await engine.dispose()
    return major, has_ledger


def _find_tool(name: str, major: int) -> Path:
    """The tool of the server's own version, or else of a newer one, which can read and write older servers' dumps."""
    directories = [Path(pattern.format(major=major)) for pattern in VERSIONED_DIRECTORIES]
    on_path = shutil.which(name)
    candidates = [directory / name for directory in directories] + ([Path(on_path)] if on_path else [])
    versions = {tool: version for tool in [*candidates, BINARIES / name] if (version := _read_version(tool)) >= major}
    if not versions:
        raise BackupFailed(f"{name} {major} is needed for this server; install Postgres {major}'s client tools.")
    return min(versions, key=lambda tool: versions[tool])


def _read_version(tool: Path) -> int:
    """The major version of a tool; 0 when it is not there."""
    if not tool.exists():
        return 0
    output = subprocess.run([tool, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603 - no shell
    match = re.search(r"\b(\d+)\.", output)
    return int(match[1]) if match else 0


def _run(tool: Path, *arguments: str, url: str) -> None:
    result = subprocess.run(  # noqa: S603 - no shell
        [tool, *arguments], check=False, capture_output=True, text=True, env=_environment(url)
    )
    if result.returncode != 0:
        raise BackupFailed(f"{tool.name} failed: {result.stderr.strip()[-2_000:]}")


def _environment(url: str) -> Mapping[str, str]:
    """Libpq's variables for the URL: arguments of a process can be read by every user of the machine."""
    parsed = sa.make_url(url)
    values = {
        "PGHOST": parsed.host,
        "PGPORT": str(parsed.port) if parsed.port else None,
        "PGUSER": parsed.username,
        "PGPASSWORD": parsed.password,
        "PGDATABASE": parsed.database,
        **{LIBPQ_VARIABLES[name]: str(value) for name, value in parsed.query.items() if name in LIBPQ_VARIABLES},
    }
    return {**os.environ, **{name: value for name, value in values.items() if value}}
