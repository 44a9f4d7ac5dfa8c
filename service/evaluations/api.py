"""Evaluations over HTTP: create, list and get them."""

import asyncio
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.engine import new_id
from service.evaluations import queries
from service.evaluations.commands import plan_evaluation
from service.evaluations.domain import EVALUATION, KIND
from service.evaluations.judges import agreement_stats
from service.evaluations.schemas import (
    EvaluationDetail,
    EvaluationPage,
    NewEvaluation,
    build_operation,
    detail_from_row,
    evaluation_from_row,
)
from service.http.bodies import CARRIES_TEXTS, JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import build_response, fill_recorded_at, to_response
from service.inference.domain import RUN, build_run_request
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation

NameFilter = Annotated[
    str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="Only evaluations with this name.")
]
DatasetFilter = Annotated[UUID | None, QueryParameter(description="Only evaluations of this dataset.")]
ModelFilter = Annotated[UUID | None, QueryParameter(description="Only evaluations that measured this model.")]


@post(
    "/evaluations",
    operation_id="create_evaluation",
    opt=CARRIES_TEXTS,
    summary="Create an evaluation",
    guards=[require_scope("evaluations:write")],
    status_code=202,
    tags=["evaluations"],
)
async def create_evaluation(
    data: JSON[NewEvaluation], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Operation]:
    """Returns the operation; its `resource` is the evaluation. Each question is paid for once, even after a crash.

    Refused (`leakage`) if a target was trained on some of the rows or its prompt shows them, unless `force_leakage`
    is set. Refused (`missing_extra`) if the server lacks the extra `evaluations`.
    """
    evaluation_id, run_id = new_id(), new_id()
    event = await plan_evaluation(ledger, caller.workspace_id, run_id, data)
    response = encode_accepted(build_operation(evaluation_id, event, by=caller.actor))
    run = build_run_request(
        kind=KIND,
        order={"evaluation_id": str(evaluation_id)},
        asked_by=caller.actor,
        asked_in=caller.request_id,
        resource=f"/v1/evaluations/{evaluation_id}",
        total=event.plan.rows,
    )
    entries = [
        Entry(stream=EVALUATION.stream, stream_id=evaluation_id, after=0, event=event),
        Entry(stream=RUN.stream, stream_id=run_id, after=0, event=run),
    ]
    written = await ledger.write(caller, Batch(entries=entries, response=response))
    return to_response(fill_recorded_at(response, written.recorded_at), Operation)


@get(
    "/evaluations",
    operation_id="list_evaluations",
    summary="List evaluations",
    guards=[require_scope("evaluations:read")],
    tags=["evaluations"],
)
async def list_evaluations(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: NameFilter = None,
    dataset_id: DatasetFilter = None,
    model_id: ModelFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EvaluationPage:
    """Newest first."""
    before = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_evaluations(
        ledger.engine,
        caller.workspace_id,
        name=name,
        dataset_id=dataset_id,
        model_id=model_id,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    evaluations = page(EvaluationPage, rows, limit, key=lambda row: row.id)
    return msgspec.structs.replace(evaluations, data=[evaluation_from_row(row) for row in rows[:limit]])


@get(
    "/evaluations/{evaluation_id:uuid}",
    operation_id="get_evaluation",
    summary="Get an evaluation",
    guards=[require_scope("evaluations:read")],
    tags=["evaluations"],
)
async def get_evaluation(
    evaluation_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[EvaluationDetail]:
    """With the figures of each target, people's ratings, and how well each judge agrees with them."""
    row = await queries.get_evaluation(ledger.engine, caller.workspace_id, evaluation_id)
    plan = queries.parse_plan(row)
    rows = await queries.load_ratings(ledger.engine, caller.workspace_id, evaluation_id)
    rated = [agreement_stats.parse_rated_result(each) for each in rows]
    # In a thread: the statistics are slow, and must not block other requests.
    standings = await asyncio.to_thread(agreement_stats.compare_judges, plan, rated)
    detail = detail_from_row(row, agreement_stats.summarize_ratings(plan, rated), standings)
    return build_response(detail, version=row.version)


router = Router(path="/", route_handlers=[create_evaluation, list_evaluations, get_evaluation])
