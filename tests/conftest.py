"""A real Postgres for every test: each gets its own database, cloned from a template that was migrated once.

The server is TUNELEDGER_TEST_DATABASE_URL's, else DATABASE_URL's, else an embedded one for this run.
"""

import asyncio
import gc
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.embedded_postgres import embedded
from service.database.engine import API_ROLE, WORKER_ROLE, connect_arguments, create_engine
from service.database.migrate import migrate
from service.providers.provider_pool import PROVIDERS
from tests.database_pool import Database

# Where bytecode may not be written, each process that a test starts compiles all sources anew: 4 seconds instead of 1.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
gc.disable()  # until everything is collected: what was imported stays

pytest_plugins = ["tests.tenant_wall", "tests.http_client"]

EXTERNAL = os.environ.get("TUNELEDGER_TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")
# One run, one template: the workers of pytest-xdist inherit the name from the process that starts them.
RUN = os.environ.setdefault("TUNELEDGER_TEST_RUN", uuid.uuid4().hex)
TEMPLATE = f"tuneledger_template_{RUN[:12]}"
SHARED_MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 4 * 2**30


def fast_directory() -> Path:
    """Memory where there is enough of it: to clone a database costs a quarter of what it does on a disk."""
    roomy = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ENOUGH_BYTES
    return SHARED_MEMORY if roomy else Path(tempfile.gettempdir())


DIRECTORY = fast_directory() / f"tuneledger-tests-{RUN[:12]}"
# At each start pytest closes the directory above all runs' temporary ones to other users, under the Postgres servers
# that run there as another user for somebody else's run. So each run has one of its own.
TEMPORARY = Path(tempfile.gettempdir()) / f"tuneledger-run-{RUN[:12]}"
if os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(TEMPORARY)) == str(TEMPORARY):
    TEMPORARY.mkdir(mode=0o711, exist_ok=True)
SETUP_LOCK = 7_355_608
LONGEST = (
    "tests/demo/test_walk.py",
    "tests/test_routes.py",
    "tests/server/test_commands.py",
    "tests/consumers/test_consumers.py",
    "tests/demo/test_guide.py",
    "tests/database/test_embedded_postgres.py",
    "tests/clients/test_typescript_browser.py",
    "tests/hostile/test_fields.py",
    "tests/tunes/test_life.py",
    "tests/database/test_backup.py",
    "tests/clients/test_typescript_verifier.py",
    "tests/docs/test_site.py",
    "tests/audit/test_verifier.py",
    "tests/tunes/test_crashes.py",
    "tests/datasets/imports/test_kill.py",
    "tests/access/sign_in/test_sign_in.py",
    "tests/prompts/runs/test_runs.py",
    "tests/webhooks/deliveries/test_worker.py",
    "tests/inference/test_runs.py",
    "tests/clients/test_cli_tunes.py",
    "tests/http/test_cors.py",
    "tests/clients/test_typescript.py",
    "tests/docs/test_operations.py",
    "tests/docs/test_guides.py",
    "tests/audit/test_streams_served.py",
    "tests/datasets/imports/test_bulk.py",
)


def database(server: str, name: str) -> str:
    """The URL of another database on the same server."""
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def to_libpq(url: str) -> str:
    """The URL as Postgres' own programs read it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    address, arguments = connect_arguments(url)
    options = address.translate_connect_args(username="user") | dict(address.query) | arguments
    connection = await asyncpg.connect(**options)
    try:
        yield connection
    finally:
        await connection.close()


async def clone_template(clones: asyncpg.Connection, name: str) -> None:
    """A new database with all migrations. To copy files costs less than to log their pages, where no disk waits."""
    strategy = "" if EXTERNAL else "STRATEGY FILE_COPY"
    await clones.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" {strategy}')


async def make_database(clones: asyncpg.Connection, server: str) -> Database:
    url = database(server, f"tuneledger_test_{uuid.uuid4().hex[:16]}")
    await clone_template(clones, str(sa.make_url(url).database))
    address, arguments = connect_arguments(url)
    options = address.translate_connect_args(username="user") | dict(address.query) | arguments
    made = Database(url, await asyncpg.connect(**options))
    await made.prepare()
    return made


async def drop_database(clones: asyncpg.Connection, dropped: Database) -> None:
    await dropped.close()
    await clones.execute(f'DROP DATABASE "{sa.make_url(dropped.url).database}" WITH (FORCE)')


async def make_template(server: str) -> None:
    async with connect(server) as admin:
        await admin.execute("SELECT pg_advisory_lock($1)", SETUP_LOCK)
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
            return
        if not EXTERNAL:
            # A test database need not survive the machine, and a clone waits for the disk more than for anything else.
            await admin.execute("ALTER SYSTEM SET fsync = off")
            await admin.execute("SELECT pg_reload_conf()")
        await admin.execute(f'CREATE DATABASE "{TEMPLATE}_new"')
        await migrate(database(server, f"{TEMPLATE}_new"))
        # Renamed last: whoever finds the template finds it complete.
        await admin.execute(f'ALTER DATABASE "{TEMPLATE}_new" RENAME TO "{TEMPLATE}"')


@pytest.fixture(autouse=True)
async def no_open_providers() -> AsyncIterator[None]:
    """Close what the test left open: its servers end after it."""
    yield
    await PROVIDERS.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server of this run; its own database is nobody's, so a test asks for `database_url` instead."""
    if EXTERNAL:
        yield EXTERNAL
        return
    with embedded(DIRECTORY) as url:
        yield url


@pytest.fixture(scope="session")
async def clones(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The connection that makes and drops the tests' databases."""
    await make_template(postgres_url)
    async with connect(postgres_url) as admin:
        yield admin


@pytest.fixture(scope="session")
async def idle_databases(clones: asyncpg.Connection) -> AsyncIterator[list[Database]]:
    """What earlier tests left empty."""
    idle: list[Database] = []
    yield idle
    for database in idle:
        await drop_database(clones, database)


@pytest.fixture
async def test_database(
    postgres_url: str, clones: asyncpg.Connection, idle_databases: list[Database]
) -> AsyncIterator[Database]:
    if idle_databases:
        database = idle_databases.pop()
    else:
        database = await make_database(clones, postgres_url)
    yield database
    if await database.empty():
        idle_databases.append(database)
    else:
        await drop_database(clones, database)


@pytest.fixture
def database_url(test_database: Database) -> str:
    """A migrated, empty database of the test's own."""
    return test_database.url


@pytest.fixture
async def empty_url(postgres_url: str, clones: asyncpg.Connection) -> AsyncIterator[str]:
    """A database with nothing in it, for the tests of the migrations."""
    name = f"tuneledger_test_{uuid.uuid4().hex[:16]}"
    await clones.execute(f'CREATE DATABASE "{name}"')
    yield database(postgres_url, name)
    await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def engine(test_database: Database) -> AsyncEngine:
    """With the rights of the API. `worker_engine` has a worker's, `owner` those of who migrates."""
    return test_database.open_engine(API_ROLE)


@pytest.fixture
async def worker_engine(test_database: Database) -> AsyncEngine:
    return test_database.open_engine(WORKER_ROLE)


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[AsyncEngine]:
    """For what nobody who serves may do: to tamper with the log, to change tables."""
    async with opened(database_url, role=None) as engine:
        yield engine


@asynccontextmanager
async def as_owner(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """The same database with the rights of who migrates."""
    async with opened(engine.url.render_as_string(hide_password=False), role=None) as owner:
        yield owner


@asynccontextmanager
async def as_worker(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """The same database with the rights of a worker."""
    async with opened(engine.url.render_as_string(hide_password=False), role=WORKER_ROLE) as worker:
        yield worker


@asynccontextmanager
async def opened(url: str, *, role: str | None) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url, role=role, pool_size=20, application_name="tests")
    yield engine
    await engine.dispose()


async def drop_template(server: str) -> None:
    async with connect(server) as admin:
        await admin.execute(f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)')


def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: tests of processes wait for much of their time."""
    return round((os.cpu_count() or 2) * 1.5)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin first, so that no core waits for them in the end."""
    order = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(str(item.path.relative_to(item.config.rootpath)), len(order)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: to look through it again and again took a fifth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last worker of pytest-xdist, in the process that started them."""
    if hasattr(config, "workerinput"):
        return
    if EXTERNAL:
        asyncio.run(drop_template(EXTERNAL))
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    shutil.rmtree(TEMPORARY, ignore_errors=True)
