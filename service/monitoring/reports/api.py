"""The monthly report over HTTP."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.ledger.store import Caller, Ledger
from service.monitoring.reports.month_report import ModelReport, build_report
from service.monitoring.requests.request_tables import month_of

Month = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="In UTC, such as 2026-11. Default: this month.",
    ),
]


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
    begin = month_of(datetime.now(UTC)) if month is None else datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    return await build_report(ledger, caller.workspace_id, model_id, begin)


router = Router(path="/", route_handlers=[get_model_report])
