"""Connect to Postgres: engines, the shared table metadata and new ids."""

import shlex
import ssl
import uuid
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from uuid_utils.compat import uuid7

from service.database.fair_pool import FairPool
from service.database.hidden_values import hide_values

OLDEST_POSTGRES = 15
# The roles that `tuneledger migrate` makes; service/database/grants.py has what they may do.
API_ROLE, WORKER_ROLE = "tuneledger_api", "tuneledger_worker"
# Postgres is away, or the pool is exhausted.
DATABASE_ERRORS = (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# The search path is fixed first: "$user" in it would mean another schema afterwards.
_TAKE_ROLE = """
select set_config('search_path', path, false), set_config('role', r.rolname, false)
from pg_roles r, (select string_agg(quote_ident(name), ', ') path from unnest(current_schemas(false)) name) paths
where r.rolname = $1 and has_schema_privilege(r.oid, to_regnamespace('ledger')::oid, 'USAGE')
  and pg_has_role(session_user, r.oid,
    case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
"""

# Cached, since creating one costs as much as a short query.
_autocommit: WeakKeyDictionary[AsyncEngine, AsyncEngine] = WeakKeyDictionary()


class UnusableDatabase(RuntimeError):  # noqa: N818 - it names a state
    """The database cannot be used"""


def new_id() -> uuid.UUID:
    """Create a UUIDv7. Later ids sort after earlier ones, so new rows are neighbours in indexes."""
    return uuid7()


def create_engine(
    url: str,
    *,
    role: str | None = API_ROLE,
    pool_size: int = 10,
    application_name: str = "tuneledger",
    lock_timeout: float = 5.0,
    statement_timeout: float = 30.0,
    idle_timeout: float = 30.0,
) -> AsyncEngine:
    """Create an engine for `postgres://`, `postgresql://` or `postgresql+asyncpg://`; timeouts in seconds, 0: none.

    Its connections take on `role`, if the login may; with None they keep the login's own rights.

    The pool never grows beyond `pool_size`: Postgres must allow processes times `pool_size` connections. Requests of
    one workspace have at most half of it.
    """
    address, arguments = connect_arguments(url)
    settings = {
        "application_name": application_name,
        "lock_timeout": f"{round(lock_timeout * 1000)}ms",
        "statement_timeout": f"{round(statement_timeout * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{round(idle_timeout * 1000)}ms",
        "jit": "off",  # compiling costs more than our short statements
    }
    engine = create_async_engine(
        address,
        poolclass=FairPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,  # people's texts must not stand in logs
        connect_args={**arguments, "server_settings": settings},
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    hide_values(engine)
    if role is not None:
        sa.event.listen(engine.sync_engine, "connect", partial(_take_role, role))
    return engine


def _take_role(role: str, connection: Any, _: Any) -> None:
    """Drop the login's rights for those of `role`. A login that is no member of it, and no owner, keeps its own."""
    # By a cursor, whose errors are SQLAlchemy's: a connection that breaks here is refused like any other.
    cursor = connection.cursor()
    cursor.execute(_TAKE_ROLE, (role,))
    cursor.close()
    connection.commit()


def autocommit(engine: AsyncEngine) -> AsyncEngine:
    """The same pool, but each statement is its own transaction, without BEGIN and COMMIT."""
    if engine not in _autocommit:
        _autocommit[engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return _autocommit[engine]


def connect_arguments(url: str) -> tuple[sa.URL, dict[str, Any]]:
    """Convert a URL as libpq and hosting providers write it to asyncpg's address and `connect` arguments.

    Raises UnusableDatabase when it is not a Postgres URL or has a parameter that asyncpg does not support.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise UnusableDatabase("DATABASE_URL is not a URL: postgresql://user:password@host:5432/name") from error
    if parsed.drivername not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise UnusableDatabase(f"DATABASE_URL must begin with postgresql://, not {parsed.drivername}://")
    options: dict[str, Any] = dict(parsed.query)
    address = parsed.set(
        drivername="postgresql+asyncpg", query={k: options.pop(k) for k in ("host", "port") if k in options}
    )
    arguments = _translate(options)
    if options:
        raise UnusableDatabase(f"DATABASE_URL has unsupported parameters: {', '.join(sorted(options))}")
    return address, arguments


def _translate(options: dict[str, Any]) -> dict[str, Any]:
    """Pop the known options; leave the rest."""
    arguments: dict[str, Any] = {}
    mode = options.pop("sslmode", options.pop("ssl", None))
    root = options.pop("sslrootcert", None)
    if mode is not None:
        arguments["ssl"] = mode if root in {None, "system"} else _ssl_context(root, mode)
    if (seconds := options.pop("connect_timeout", None)) is not None:
        arguments["timeout"] = float(seconds)
    if (attributes := options.pop("target_session_attrs", None)) is not None:
        arguments["target_session_attrs"] = attributes
    for ignored in ("application_name", "channel_binding", "gssencmode"):
        options.pop(ignored, None)  # we set the application name; asyncpg negotiates the rest
    return arguments


def _ssl_context(root: str, mode: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(Path(root).expanduser()))
    context.check_hostname = mode == "verify-full"
    return context


async def check_reachable(url: str) -> None:
    """Connect once. Raises UnusableDatabase, which says what is missing and what to do."""
    address, arguments = connect_arguments(url)
    options = address.translate_connect_args(username="user") | dict(address.query) | arguments
    where = f"{address.host or address.query.get('host', 'localhost')}:{address.port or 5432}"
    try:
        connection = await asyncpg.connect(**options)
    except asyncpg.InvalidCatalogNameError as error:
        access = [f" -{flag} {shlex.quote(str(value))}" for flag, value in _createdb_options(address) if value]
        command = f"createdb {shlex.quote(address.database or '')}{''.join(access)}"
        raise UnusableDatabase(f"The database that DATABASE_URL names does not exist; create it: {command}") from error
    except (OSError, TimeoutError) as error:
        reason = error.strerror or type(error).__name__ if isinstance(error, OSError) else "no answer"
        raise UnusableDatabase(f"No Postgres answers at {where}, which DATABASE_URL names ({reason})") from error
    except asyncpg.PostgresError as error:
        raise UnusableDatabase(f"Postgres at {where}, which DATABASE_URL names, refuses: {error}") from error
    await connection.close()


def _createdb_options(address: sa.URL) -> list[tuple[str, object]]:
    host = address.host or address.query.get("host")
    return [("h", host), ("p", address.port), ("U", address.username)]


async def require_supported(connection: AsyncConnection) -> None:
    """Raises UnusableDatabase below Postgres 15."""
    check_version(int((await connection.execute(sa.text("SHOW server_version_num"))).scalar_one()))


def check_version(version: int) -> None:
    """`version` as Postgres numbers itself: 150004 is 15.4. Raises UnusableDatabase below 15."""
    if version < OLDEST_POSTGRES * 10_000:
        text = f"{version // 10_000}.{version % 10_000}"
        raise UnusableDatabase(f"Tuneledger needs Postgres {OLDEST_POSTGRES} or newer; this one is {text}")
