"""The table of a sweep over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.evaluations.sweeps.schemas import SortColumn, SweepTable, write_table
from service.evaluations.sweeps.sweep_table import build_table
from service.http.bodies import NO_NUL
from service.http.problems import refusals
from service.ledger.store import Caller, Ledger

Sort = Annotated[
    SortColumn | None,
    QueryParameter(description="What to sort by, the best first. Default: the metric, else the validation loss."),
]
Metric = Annotated[
    str | None, QueryParameter(max_length=100, pattern=NO_NUL, description="A scorer's label. Default: the first.")
]
CSV = "text/csv"


@get(
    "/sweeps/{sweep_id:uuid}/table",
    operation_id="get_sweep_table",
    summary="Compare a sweep's tunes in a table",
    guards=[require_scope("tunes:read"), require_scope("evaluations:read")],
    responses=refusals(404),
    tags=["tunes"],
)
async def get_sweep_table(
    sweep_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    sort: Sort = None,
    metric: Metric = None,
) -> SweepTable:
    """Each tune with its parameters, losses, best checkpoint, cost, version, and the version's newest scores."""
    return await build_table(ledger.engine, caller.workspace_id, sweep_id, sort=sort, metric=metric)


@get(
    "/sweeps/{sweep_id:uuid}/table/csv",
    operation_id="download_sweep_table",
    summary="Download the table of a sweep as CSV",
    guards=[require_scope("tunes:read"), require_scope("evaluations:read")],
    media_type=CSV,
    responses={
        200: ResponseSpec(bytes, generate_examples=False, media_type=CSV, description="The table."),
        **refusals(404),
    },
    tags=["tunes"],
)
async def download_sweep_table(
    sweep_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    sort: Sort = None,
    metric: Metric = None,
) -> Response[bytes]:
    """A column for each hyperparameter and each score."""
    table = await build_table(ledger.engine, caller.workspace_id, sweep_id, sort=sort, metric=metric)
    disposition = f'attachment; filename="sweep-{sweep_id}.csv"'
    return Response(write_table(table), media_type=CSV, headers={"Content-Disposition": disposition})


router = Router(path="/", route_handlers=[get_sweep_table, download_sweep_table])
