"""Prometheus metrics: requests by route, and the state of the log, its subscriptions and the background work.

Each process counts its own requests. With PROMETHEUS_MULTIPROC_DIR, which `serve` sets, they are summed over all
processes on the machine. Metrics from the database are the same in every process.
"""

import hmac
import os
import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.types import ASGIApp, Message, Receive, Send
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.errors import Forbidden, Unauthenticated
from service.ledger.store import Ledger
from service.server.access_log import AccessLog, is_loopback
from service.server.short_cache import ShortCache
from service.settings import Settings

BUCKET_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
SERVER_ERROR = 500

REQUESTS = Counter("tuneledger_requests", "Requests answered.", ["method", "route", "status"])
LATENCY = Histogram(
    "tuneledger_request_seconds", "Time to the answer's last byte.", ["method", "route"], buckets=BUCKET_SECONDS
)
REFUSED_KEYS = Counter("tuneledger_refused_keys", "Requests refused for their API key.", ["reason"])

_COUNT_EVENTS = sa.text("select coalesce(sum(seq), 0), count(*) from ledger.heads")
_READER_LAG = sa.text(
    "select n.name, coalesce(max(h.seq - coalesce(r.seq, 0)), 0), count(r.stopped_because)"
    " from (select distinct name from ledger.readers) n cross join ledger.heads h"
    " left join ledger.readers r on r.name = n.name and r.workspace_id = h.workspace_id group by n.name"
)
_COUNT_LEASES = sa.text(
    "select kind, count(*), count(*) filter (where leased_until > clock_timestamp()),"
    " coalesce(extract(epoch from max(clock_timestamp() - due_at) filter (where leased_until <= clock_timestamp())), 0)"
    " from ledger.leases group by kind"
)

log = structlog.get_logger(__name__)


class MeasuredApp:
    """Counts the responses of an application. The route label is the path template, without ids."""

    def __init__(self, app: ASGIApp, access_log: AccessLog | None = None) -> None:
        self._app = app
        self._access_log = access_log

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started, begun_after = SERVER_ERROR, time.perf_counter(), None

        async def watch(message: Message) -> None:
            nonlocal status, begun_after
            if message["type"] == "http.response.start":
                status, begun_after = message["status"], time.perf_counter() - started
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - started
            _count(scope, status=status, seconds=seconds)
            if self._access_log is not None:
                self._access_log.write(scope, status=status, seconds=seconds if begun_after is None else begun_after)


def _count(scope: Any, *, status: int, seconds: float) -> None:
    route = scope.get("path_template") or "none"
    method = scope["method"] if route != "none" else "any"  # unknown paths must not create series
    REQUESTS.labels(method, route, str(status)).inc()
    LATENCY.labels(method, route).observe(seconds)


class _LoadedMetrics(Collector):
    """Metrics that were loaded for this request."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def load_database_metrics(engine: AsyncEngine) -> list[Metric]:
    """Load the metrics of all workspaces together."""
    async with autocommit(engine).connect() as connection:
        appended, workspaces = (await connection.execute(_COUNT_EVENTS)).one()
        readers, leases = (await connection.execute(_READER_LAG)).all(), (await connection.execute(_COUNT_LEASES)).all()
    events = CounterMetricFamily("tuneledger_events_appended", "Events in the log.", value=float(appended))
    tenants = GaugeMetricFamily("tuneledger_workspaces", "Workspaces with events.", value=float(workspaces))
    lag = GaugeMetricFamily(
        "tuneledger_reader_lag_events", "Events the furthest behind has to read.", labels=["reader"]
    )
    stopped = GaugeMetricFamily("tuneledger_readers_stopped", "Workspaces a reader stopped in.", labels=["reader"])
    for name, behind, stops in readers:
        lag.add_metric([name], float(behind))
        stopped.add_metric([name], float(stops))
    work = GaugeMetricFamily("tuneledger_leases", "Pieces of background work.", labels=["kind"])
    held = GaugeMetricFamily("tuneledger_leases_held", "Those that a worker holds now.", labels=["kind"])
    late = GaugeMetricFamily("tuneledger_lease_lag_seconds", "How long the longest due has waited.", labels=["kind"])
    for kind, known, taken, seconds in leases:
        work.add_metric([kind], float(known))
        held.add_metric([kind], float(taken))
        late.add_metric([kind], max(0.0, float(seconds)))
    return [events, tenants, lag, stopped, work, held, late]


@get(
    "/metrics",
    tags=["health"],
    operation_id="get_metrics",
    summary="Get the metrics in Prometheus' text format",
    media_type=MediaType.TEXT,
)
async def metrics(
    request: Request[Any, Any, Any], ledger: NamedDependency[Ledger], settings: NamedDependency[Settings]
) -> Response[str]:
    """For programs on the same machine, or with the token that is set. The answer is at most 5 seconds old."""
    check_reader(request, settings)
    text = await METRICS_TEXT.get(ledger.engine)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def check_reader(request: Request[Any, Any, Any], settings: Settings) -> None:
    """Raises Unauthenticated without the token, where one is set; Forbidden for other machines, where none is.

    On a port of its own, a firewall decides who reaches it.
    """
    token = settings.metrics_token
    if token is None:
        if settings.metrics_port is None and not is_loopback(request.scope):
            raise Forbidden("Other machines need a token: set TUNELEDGER_METRICS_TOKEN, and send it as a bearer.")
        return
    sent = request.headers.get("authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise Unauthenticated("Send the metrics token: `Authorization: Bearer …`.")


async def _write_metrics(engine: AsyncEngine) -> str:
    up = GaugeMetricFamily("tuneledger_database_up", "Whether Postgres answers.", value=1.0)
    try:
        known = [up, *await load_database_metrics(engine)]
    except (sa.exc.SQLAlchemyError, OSError) as error:
        log.warning("metrics_without_database", error=str(error)[:300])
        known = [GaugeMetricFamily("tuneledger_database_up", "Whether Postgres answers.", value=0.0)]
    ours = CollectorRegistry()
    ours.register(_LoadedMetrics(known))
    return (generate_latest(_request_registry()) + generate_latest(ours)).decode()


METRICS_TEXT = ShortCache(_write_metrics)


def _request_registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    summed = CollectorRegistry()
    MultiProcessCollector(summed)  # type: ignore[no-untyped-call]
    return summed
