"""Serving: the API's processes, a worker and the sandbox, under one parent that starts and ends them together."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable
from importlib.metadata import version

import click
import httpx
import msgspec
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar.types import ASGIApp

from service import settings
from service.access.commands import create_first_workspace
from service.app import create_app
from service.composition import open_ledger
from service.database.engine import create_engine
from service.database.migrate import migrate
from service.server import logs
from service.server import supervisor as processes
from service.server.health import require_migrated
from service.server.metrics import MULTIPROCESS, Measured
from service.settings import Settings, variable

STOP_SECONDS = 8
BACKLOG = 2_048
# That a process holds at once. Each live stream holds one for as long as it lasts, and above this nobody is answered.
CONNECTIONS = 20_000
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - names where it listens, binds nothing
OUR_LOGS = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}
LINES = """
  curl -s {url}/v1/me -H "Authorization: Bearer {key}"
  curl -s {url}/v1/tasks -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\
    -d '{{"name": "headlines", "instruction": "Write a headline for the news summary."}}'
  curl -s "{url}/v1/events?limit=10" -H "Authorization: Bearer {key}"
"""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What runs beside the API; `sandbox` is its port, None for none."""

    worker: bool = True
    sandbox: int | None = None
    migrate: bool = True


def app_factory() -> ASGIApp:
    """The application in a process of the server, with an engine of its own."""
    processes.end_with_parent(os.getppid())
    chosen = settings.from_environment(os.environ)
    logs.configure(chosen.log_format, chosen.log_level)
    engine = create_engine(
        chosen.database_url or "",
        pool_size=chosen.pool_size,
        application_name="tuneledger api",
        lock_timeout=chosen.lock_timeout,
        statement_timeout=chosen.statement_timeout,
        idle_timeout=chosen.idle_timeout,
    )
    stop = asyncio.Event()
    app = create_app(chosen, engine, stop=stop)
    app.on_startup.append(lambda: _when_told_to_stop(stop.set))
    app.on_shutdown.append(engine.dispose)
    return Measured(app)


def _when_told_to_stop(ended: Callable[[], None]) -> None:
    """Have `ended` called in the loop at SIGTERM or SIGINT, beside what the server does then.

    The server says nothing to the application until the last answer is through, and a live stream would never be. Its
    own handlers belong to the loop, which hears of a signal whatever Python's handler for it is.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended))
        signal.siginterrupt(number, False)  # as the loop had set it


def serve_api(chosen: Settings) -> None:
    """Answer requests, in as many processes as the settings say, until SIGTERM or SIGINT."""
    Granian(
        "service.server.api_server:app_factory",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        workers=chosen.processes,
        factory=True,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        log_level=LogLevels.warning,
        log_dictconfig=OUR_LOGS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


async def serve(chosen: Settings, url: str, parts: Parts) -> int:
    """Run all parts on the database at `url` until SIGTERM or SIGINT; the exit code.

    Raises OSError when a port is taken, NotMigrated when it may not migrate and would have to.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if parts.migrate:
        await migrate(url)
    if parts.sandbox:
        processes.reserved(chosen.host, parts.sandbox).close()
    counts = tempfile.TemporaryDirectory(prefix="tuneledger-metrics-")
    with counts, processes.reserved(chosen.host, chosen.port) as held:
        port = held.getsockname()[1]
        key = await _key(chosen, url)
        environment = {"DATABASE_URL": url, "TUNELEDGER_PORT": str(port), MULTIPROCESS: counts.name}
        return await _together(parts, chosen, environment=environment, stop=stop, key=key)


async def _together(
    parts: Parts, chosen: Settings, *, environment: dict[str, str], stop: asyncio.Event, key: str
) -> int:
    url = f"http://{_reachable(chosen.host)}:{environment['TUNELEDGER_PORT']}"
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(_tell(url, key))
        if parts.worker:
            group.create_task(processes.keep(["worker"], environment=environment, stop=stop))
        if parts.sandbox is not None:
            sandbox = ["sandbox", "--host", chosen.host, "--port", str(parts.sandbox)]
            group.create_task(processes.keep(sandbox, environment=environment, stop=stop))
        # The server replaces its own processes; when it ends by itself it has given up, and so do we.
        code = await processes.run(["api"], environment=environment, stop=stop)
        asked = stop.is_set()
        stop.set()
        telling.cancel()
    return 0 if asked else code or 1


async def _key(chosen: Settings, url: str) -> str:
    """What to write for a key in the lines to try: the first one, said at once since nobody can say it again."""
    engine = create_engine(url, pool_size=2, application_name="tuneledger serve")
    try:
        await require_migrated(engine)
        first = await create_first_workspace(open_ledger(engine), chosen.bootstrap_key)
    finally:
        await engine.dispose()
    if first:
        click.echo(f"The first API key, shown this once: {first}")
        return first
    if chosen.bootstrap_key:
        return f"${variable('bootstrap_key')}"
    click.echo("The first API key was shown at the first start; `tuneledger keys create` makes another.")
    return "$KEY"


async def _tell(url: str, key: str) -> None:
    """Said when it is true: the lines work from then on."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"{url}/readyz")).is_success:
                    break
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    click.echo(f"Tuneledger {version('tuneledger')} is ready on {url} (documentation: {url}/docs)")
    click.echo(LINES.format(url=url, key=key))


def _reachable(host: str) -> str:
    return ANYWHERE.get(host) or (f"[{host}]" if ":" in host else host)
