"""One process of the API. Where processes are forked, the server imports this once for all of them."""

import asyncio
import os
import signal
from collections.abc import Callable

from litestar.types import ASGIApp

from service import settings
from service.app import create_app
from service.database.engine import create_engine
from service.server import logs
from service.server import supervisor as processes
from service.server.access_log import AccessLog
from service.server.garbage import kept_objects
from service.server.metrics import MeasuredApp


def app_factory() -> ASGIApp:
    """Create the application in a server process, with its own engine."""
    processes.end_with_parent(os.getppid())
    chosen = settings.load_settings(os.environ)
    logs.configure_logs(chosen.log_format, chosen.log_level)
    engine = create_engine(
        chosen.database_url or "",
        pool_size=chosen.pool_size,
        application_name="tuneledger api",
        lock_timeout=chosen.lock_timeout,
        statement_timeout=chosen.statement_timeout,
        idle_timeout=chosen.idle_timeout,
    )
    stop = asyncio.Event()
    with kept_objects():
        app = create_app(chosen, engine, stop=stop)
    app.on_startup.append(lambda: _call_on_stop_signal(stop.set))
    app.on_shutdown.append(engine.dispose)
    return MeasuredApp(app, AccessLog(chosen))


def _call_on_stop_signal(on_stop: Callable[[], None]) -> None:
    """Call `on_stop` in the event loop at SIGTERM or SIGINT, in addition to what the server does.

    The server tells the application only after the last response has ended, and a live stream would never end. The
    server's own handlers belong to the loop and still run.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_stop))
        signal.siginterrupt(number, False)  # as the loop had set it
