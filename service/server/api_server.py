"""Serve the API: one parent process starts the API's processes, a worker and the sandbox, and ends them together."""

import asyncio
import errno
import shlex
import signal
import socket
import sys
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from uuid import UUID

import click
import httpx
import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.domain import hash_secret
from service.access.queries import find_key_holder, list_workspaces
from service.database.engine import create_engine
from service.database.grants import DatabaseUrls
from service.database.migrate import migrate
from service.database.revisions import require_migrated
from service.server import supervisor as processes
from service.settings import Settings, variable_name, write_key_file

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - binds nothing
# For migrations and workers alone: the other processes get them empty.
KEPT_BACK = {variable_name("database_owner_url"): "", variable_name("signing_keys"): ""}
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client counts for several processes
FIRST_COMMANDS = """
  curl -s {url}/v1/me -H "Authorization: Bearer {key}"
  curl -s {url}/v1/tasks -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\
    -d '{{"name": "headlines", "instruction": "Write a headline for the news summary."}}'
  curl -s "{url}/v1/events?limit=10" -H "Authorization: Bearer {key}"
"""


class PortTaken(OSError):  # noqa: N818 - it names a state
    """A port cannot be used"""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What to run besides the API; `sandbox` is its port, None for no sandbox."""

    worker: bool = True
    sandbox: int | None = None
    sandbox_host: str = "127.0.0.1"
    migrate: bool = True


def check_ports(chosen: Settings, parts: Parts) -> None:
    """Raises PortTaken, which names the variable that moves it."""
    with ExitStack() as held:  # all at once, so that no two are the same
        held.enter_context(_reserve("API", chosen.host, chosen.port, variable="port"))
        if chosen.metrics_port:
            held.enter_context(_reserve("metrics", chosen.host, chosen.metrics_port, variable="metrics_port"))
        if parts.sandbox:
            held.enter_context(_reserve("sandbox", parts.sandbox_host, parts.sandbox, variable="sandbox_port"))


def _reserve(part: str, host: str, port: int, *, variable: str) -> socket.socket:
    try:
        return processes.reserve_port(host, port)
    except OSError as error:
        problem = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used on {host}: {error.strerror}"
        raise PortTaken(f"Port {port} ({part}) {problem}: set {variable_name(variable)}") from error


async def serve(chosen: Settings, databases: DatabaseUrls, parts: Parts) -> int:
    """Run all parts on the database until SIGTERM or SIGINT. Returns the exit code.

    Raises PortTaken, NotMigrated when migrations are missing and `parts.migrate` is off.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if parts.migrate:
        click.echo("Bringing the database up to date …")
        await migrate(databases.owner)
    parts = _choose_sandbox_port(parts)
    counts = tempfile.TemporaryDirectory(prefix="tuneledger-metrics-")
    with counts, _reserve("API", chosen.host, chosen.port, variable="port") as held:
        port = held.getsockname()[1]
        key = await _prepare_first_key(chosen, databases.owner)
        environment = {**KEPT_BACK, "TUNELEDGER_PORT": str(port), MULTIPROCESS: counts.name}
        if parts.sandbox is not None:
            ours = [f"{_reachable_host(parts.sandbox_host)}:{parts.sandbox}", f"localhost:{parts.sandbox}"]
            allowed = ",".join(filter(None, [chosen.connections_allow, *ours]))
            environment[variable_name("connections_allow")] = allowed
        return await _run_parts(parts, chosen, databases, environment=environment, stop=stop, key=key)


def _choose_sandbox_port(parts: Parts) -> Parts:
    """Replace port 0 by a free one: connections to it have to be allowed before it listens."""
    if parts.sandbox is None:
        return parts
    with _reserve("sandbox", parts.sandbox_host, parts.sandbox, variable="sandbox_port") as reserved:
        return msgspec.structs.replace(parts, sandbox=reserved.getsockname()[1])


async def _run_parts(
    parts: Parts,
    chosen: Settings,
    databases: DatabaseUrls,
    *,
    environment: dict[str, str],
    stop: asyncio.Event,
    key: str,
) -> int:
    url = f"http://{_reachable_host(chosen.host)}:{environment['TUNELEDGER_PORT']}"
    async with asyncio.TaskGroup() as group:
        click.echo("Starting the API …")
        announcement = group.create_task(_announce(url, key))
        if parts.worker:
            signing = {variable_name("signing_keys"): chosen.signing_keys or ""}
            with_worker = {**environment, **signing, "DATABASE_URL": databases.worker}
            group.create_task(processes.keep_running(["worker"], environment=with_worker, stop=stop))
        if parts.sandbox is not None:
            sandbox = ["sandbox", "--host", parts.sandbox_host, "--port", str(parts.sandbox)]
            group.create_task(processes.keep_running(sandbox, environment=environment, stop=stop))
        with_api = {**environment, "DATABASE_URL": databases.api}
        if chosen.metrics_port:
            group.create_task(processes.keep_running(["metrics"], environment=with_api, stop=stop))
        # The server replaces its own processes; when it ends by itself it has given up, and so do we.
        code = await processes.run(["api"], environment=with_api, stop=stop)
        was_asked_to_stop = stop.is_set()
        stop.set()
        announcement.cancel()
    return 0 if was_asked_to_stop else code or 1


async def _prepare_first_key(chosen: Settings, url: str) -> str:
    """Create the first workspace if there is none, and return the key to show in FIRST_COMMANDS.

    A new key is printed at once on a terminal. Elsewhere, in the logs of a container, it goes into a file.
    """
    engine = create_engine(url, pool_size=2, application_name="tuneledger serve")
    try:
        await require_migrated(engine)
        first = await _create_first_key(engine, chosen.bootstrap_key)
    finally:
        await engine.dispose()
    if first and not sys.stdout.isatty():
        file = write_key_file(chosen.data_directory, "first.key", first)
        click.echo(f"The first API key is in {file}; delete the file when you have it.")
        return f"$(cat {shlex.quote(str(file))})"
    if first:
        click.echo(f"The first API key, shown this once: {first}")
        return first
    if chosen.bootstrap_key:
        return f"${variable_name('bootstrap_key')}"
    click.echo("The first API key was shown at the first start; `tuneledger keys create` makes another.")
    return "$KEY"


async def _create_first_key(engine: AsyncEngine, bootstrap_key: str | None) -> str | None:
    """What writes events takes half a second to import, and only the first start needs it."""
    if bootstrap_key:
        is_there = await find_key_holder(engine, hash_secret(bootstrap_key)) is not None
    else:
        is_there = bool(await list_workspaces(engine, UUID(int=0), every=True, after=None, limit=1))
    if is_there:
        return None
    from service.access.commands import create_first_workspace  # noqa: PLC0415
    from service.composition import open_ledger  # noqa: PLC0415

    return await create_first_workspace(open_ledger(engine), bootstrap_key)


async def _announce(url: str, key: str) -> None:
    """Print the address and the first commands once the server is ready."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"{url}/readyz")).is_success:
                    break
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    click.echo(f"Tuneledger {version('tuneledger')} is ready on {url} (documentation: {url}/docs)")
    click.echo(FIRST_COMMANDS.format(url=url, key=key))


def _reachable_host(host: str) -> str:
    return LOOPBACK_OF.get(host) or (f"[{host}]" if ":" in host else host)
