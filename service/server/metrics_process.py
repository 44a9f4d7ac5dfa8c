"""The process that serves /metrics on TUNELEDGER_METRICS_PORT, apart from the API."""

import os

from litestar import Litestar
from litestar.di import Provide
from litestar.types import ASGIApp

from service import settings
from service.composition import open_ledger
from service.database.engine import create_engine
from service.http.problems import HANDLERS
from service.server import health, logs
from service.server import supervisor as processes
from service.server.metrics import metrics


def app_factory() -> ASGIApp:
    """Create the application in a server process, with its own engine."""
    processes.end_with_parent(os.getppid())
    chosen = settings.load_settings(os.environ)
    logs.configure_logs(chosen.log_format, chosen.log_level)
    engine = create_engine(chosen.database_url or "", pool_size=1, application_name="tuneledger metrics")
    ledger = open_ledger(engine)
    return Litestar(
        route_handlers=[health.livez, metrics],
        dependencies={
            "ledger": Provide(lambda: ledger, sync_to_thread=False),
            "settings": Provide(lambda: chosen, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        on_shutdown=[engine.dispose],
        openapi_config=None,
        logging_config=None,
    )
