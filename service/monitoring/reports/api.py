"""The monthly report over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Literal, assert_never
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.charts.plot import Bar, draw_bars
from service.http.bodies import NO_NUL
from service.http.images import SVG, Dark, ImageKind, build_image
from service.ledger.store import Caller, Ledger
from service.models.queries import get_version
from service.models.schemas import VersionOrAlias
from service.monitoring.reports.call_figures import find_savings
from service.monitoring.reports.month_report import ModelReport, build_report
from service.monitoring.reports.monthly_stats import MonthFigures
from service.monitoring.reports.savings import Saving
from service.monitoring.requests.request_tables import month_of

Month = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="In UTC, such as 2026-11. Default: this month.",
    ),
]
Against = Annotated[
    str | None,
    QueryParameter(
        max_length=300, pattern=NO_NUL, description="Another model to compare with, by the provider's name."
    ),
]
FigureName = Literal["requests", "error_rate", "latency_p95", "average_rating", "cost"]
FIGURES: dict[FigureName, str] = {
    "requests": "requests",
    "error_rate": "share of errors",
    "latency_p95": "95th percentile of latency (ms)",
    "average_rating": "average rating (stars)",
    "cost": "cost",
}
Figure = Annotated[FigureName, QueryParameter(description="What to draw.")]


@get(
    "/models/{model_id:uuid}/report",
    operation_id="get_model_report",
    summary="Read a model's monthly report",
    guards=[require_scope("requests:read"), require_scope("models:read")],
    tags=["production"],
)
async def get_model_report(
    model_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], month: Month = None
) -> ModelReport:
    """Volume, failures, ratings, latency and cost by version, compared with the month before, over all requests.

    Failing inputs and drift come from samples of about a thousand texts; the report says how many were read.
    """
    return await build_report(ledger, caller.workspace_id, model_id, _find_begin(month))


@get(
    "/models/{model_id:uuid}/report/chart",
    operation_id="draw_model_report_chart",
    summary="Draw a model's month by version",
    guards=[require_scope("requests:read"), require_scope("models:read")],
    media_type=SVG,
    tags=["production"],
)
async def draw_model_report_chart(
    model_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    month: Month = None,
    show: Figure = "requests",
    image: ImageKind = "svg",
    theme: Dark = "light",
) -> Response[bytes]:
    """One bar per version. Versions without the figure are left out."""
    report = await build_report(ledger, caller.workspace_id, model_id, _find_begin(month))
    values = [(line.version, _read_figure(line.figures, show)) for line in report.versions]
    bars = [Bar(name=name, value=value) for name, value in values if value is not None]
    content = await draw_bars(bars, title=report.month, x_label=FIGURES[show], image=image, theme=theme)
    return build_image(content, image)


class VersionSavings(msgspec.Struct, frozen=True, kw_only=True):
    """How many times cheaper and faster a version is than the models it came from."""

    model_id: UUID
    """The model."""
    version: str
    """The version."""
    savings: list[Saving]
    """Beside its base, its teachers, and the model that was asked for."""


@get(
    "/models/{model_id:uuid}/versions/{version:str}/savings",
    operation_id="get_version_savings",
    summary="Compare a version's cost and speed with its base and its teacher",
    guards=[require_scope("requests:read"), require_scope("models:read")],
    tags=["production"],
)
async def get_version_savings(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    against: Against = None,
) -> VersionSavings:
    """From the cost and latency of answered calls in evaluations, prompts, generation and production.

    Calls of runs in which both were asked count alone, where there are enough. With fewer than 30 calls of either
    there is no interval.
    """
    row = await get_version(ledger.engine, caller.workspace_id, model_id, version)
    savings = await find_savings(ledger.engine, caller.workspace_id, row, against=against)
    return VersionSavings(model_id=model_id, version=row.name, savings=savings)


def _find_begin(month: str | None) -> datetime:
    return month_of(datetime.now(UTC)) if month is None else datetime.fromisoformat(f"{month}-01T00:00:00+00:00")


def _read_figure(figures: MonthFigures, show: FigureName) -> float | None:
    match show:
        case "requests":
            return figures.requests
        case "error_rate":
            return figures.error_rate
        case "latency_p95":
            return figures.latency_ms.p95 if figures.latency_ms else None
        case "average_rating":
            return figures.ratings.average
        case "cost":
            return float(figures.costs[0].total) if len(figures.costs) == 1 else None
        case _:
            assert_never(show)


router = Router(path="/", route_handlers=[get_model_report, draw_model_report_chart, get_version_savings])
