"""`api` and `metrics`, as `serve` starts them."""

from importlib import import_module

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service.cli.command import Command, with_settings
from service.server.garbage import kept_objects
from service.settings import Settings

STOP_SECONDS = 8
BACKLOG = 2_048
# Per process. Each live stream holds one; above this, requests wait.
MAX_CONNECTIONS = 20_000
OUR_LOGS = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


@click.command(cls=Command, hidden=True)
@with_settings
def api(chosen: Settings) -> None:
    """Serve requests, in as many processes as the settings say, until SIGTERM or SIGINT."""
    with kept_objects():
        import_module("service.server.api_process")  # its processes are forked from this one, and find it imported
    _serve("service.server.api_process:app_factory", chosen.host, chosen.port, processes=chosen.processes)


@click.command(cls=Command, hidden=True)
@with_settings
def metrics(chosen: Settings) -> None:
    """Serve the metrics on TUNELEDGER_METRICS_PORT until SIGTERM or SIGINT."""
    _serve("service.server.metrics_process:app_factory", chosen.host, chosen.metrics_port or 0, processes=1)


def _serve(factory: str, host: str, port: int, *, processes: int) -> None:
    Granian(
        factory,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=processes,
        factory=True,
        websockets=False,
        backlog=BACKLOG,
        backpressure=MAX_CONNECTIONS,
        log_level=LogLevels.warning,
        log_dictconfig=OUR_LOGS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()
