"""Results over HTTP: list and rate them."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.page_bytes import is_cut
from service.errors import Fault, Invalid
from service.evaluations import queries
from service.evaluations.queries import ResultFilter
from service.evaluations.results.domain import RESULT, rate
from service.evaluations.results.schemas import EvaluationResult, EvaluationResultPage, RateResult, result_from_row
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, build_response, parse_if_match
from service.ledger.store import Caller, Ledger

TargetFilter = Annotated[
    str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="Only results of this target.")
]
ScorerLabel = Annotated[
    str | None,
    QueryParameter(max_length=200, pattern=NO_NUL, description="A scorer's label, for `passed` and `below`."),
]
FailureFilter = Annotated[
    str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="Only results with this failure code.")
]
BelowFilter = Annotated[float | None, QueryParameter(description="Only results that `scorer` scored below this value.")]
PassedFilter = Annotated[
    bool | None,
    QueryParameter(description="Whether all scorers that decide passed; with `scorer`, whether it did."),
]
RatedFilter = Annotated[bool | None, QueryParameter(description="Whether people have rated the result.")]
TargetPosition = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


@get(
    "/evaluations/{evaluation_id:uuid}/results",
    operation_id="list_evaluation_results",
    summary="List results of an evaluation",
    guards=[require_scope("evaluations:read")],
    tags=["evaluations"],
)
async def list_evaluation_results(
    evaluation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    target: TargetFilter = None,
    passed: PassedFilter = None,
    scorer: ScorerLabel = None,
    below: BelowFilter = None,
    failure: FailureFilter = None,
    rated: RatedFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EvaluationResultPage:
    """While the evaluation runs, lists the rows finished so far."""
    await queries.get_evaluation(ledger.engine, caller.workspace_id, evaluation_id)
    filters = ResultFilter(target=target, passed=passed, scorer=scorer, below=below, failure=failure, rated=rated)
    check_filter(filters)
    after = decode_cursor(cursor, tuple[UUID, TargetPosition])
    rows = await queries.list_results(
        ledger.engine, caller.workspace_id, evaluation_id, filters, after=after, limit=limit + 1
    )
    results = page(EvaluationResultPage, rows, limit, key=lambda row: (row.example_id, row.place), is_cut=is_cut(rows))
    return msgspec.structs.replace(results, data=[result_from_row(row) for row in rows[:limit]])


@put(
    "/evaluations/{evaluation_id:uuid}/results/{result_id:uuid}/rating",
    operation_id="rate_evaluation_result",
    summary="Rate an answer",
    guards=[require_scope("evaluations:write")],
    tags=["evaluations"],
)
async def rate_evaluation_result(
    evaluation_id: FromPath[UUID],
    result_id: FromPath[UUID],
    data: JSON[RateResult],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[EvaluationResult]:
    """Each rater has one rating per result; a new one replaces it. Judges are compared with people's ratings."""
    await ledger.change(
        RESULT,
        result_id,
        lambda result: rate(result, evaluation_id, stars=data.stars, rater=caller.actor, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    row = await queries.get_result(ledger.engine, caller.workspace_id, result_id)
    return build_response(result_from_row(row), version=row.version)


def check_filter(filters: ResultFilter) -> None:
    """Raise Invalid for `below` without `scorer`."""
    if filters.below is not None and filters.scorer is None:
        detail = "below needs a scorer. Set scorer too."
        raise Invalid(detail, errors=[Fault(pointer="?scorer", detail=detail, code="required")])


router = Router(path="/", route_handlers=[list_evaluation_results, rate_evaluation_result])
