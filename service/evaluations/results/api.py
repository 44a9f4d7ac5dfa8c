"""Results over HTTP: what was answered to each example, what it scored, and what people think of it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import needs
from service.datasets.examples.chat_content import DECODER, output_text
from service.errors import Fault, Invalid
from service.evaluations import queries
from service.evaluations.queries import Wanted
from service.evaluations.results.domain import RESULT, Failure, Scored, StarsGiven, rate
from service.evaluations.schemas import RateResult
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, Page, page, place
from service.http.responses import IfMatch, expected, reply
from service.inference.outcomes import Kept
from service.inference.projection import money
from service.ledger.store import Caller, Ledger

Words = Annotated[str | None, QueryParameter(max_length=200, pattern=NO_NUL)]
Below = Annotated[float | None, QueryParameter(description="Only where the named `scorer` gave less than this.")]
PassedWanted = Annotated[
    bool | None, QueryParameter(description="Whether all scorers that decide have passed; with `scorer`, that one.")
]
RatedWanted = Annotated[bool | None, QueryParameter(description="Whether people have rated it.")]
Place = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class ResultScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score; `value` is null where the scorer does not apply, and `details.reason` says why. `call_id`: a judge's."""

    value: float | None
    passed: bool | None
    details: dict[str, Any]
    call_id: UUID | None


class ResultFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no answer to be used: `code` is for programs."""

    code: str
    detail: str


class ResultRating(msgspec.Struct, frozen=True, kw_only=True):
    """One person's stars, from 1 to 5."""

    stars: int
    reason: str | None


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one target answered to one example. `output` and `reference` are null once erased, or where there is none.

    `calls` are the questions, of which the operation tells more; `rating` is the mean of `ratings`, which are by rater.
    """

    id: UUID
    evaluation_id: UUID
    target: str
    example_id: UUID
    output: str | None
    tool_calls: list[dict[str, Any]]
    reference: str | None
    scores: dict[str, ResultScore]
    passed: bool | None
    failure: ResultFailure | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: dict[str, str] | None
    calls: list[UUID]
    rating: float | None
    ratings: dict[str, ResultRating]
    created_at: datetime
    updated_at: datetime
    version: int


class EvaluationResultPage(Page[EvaluationResult], frozen=True, kw_only=True):
    """One page of results, by example and target."""


@get(
    "/evaluations/{evaluation_id:uuid}/results",
    operation_id="list_evaluation_results",
    summary="List what was answered and scored",
    guards=[needs("evaluations:read")],
    tags=["evaluations"],
)
async def list_evaluation_results(
    evaluation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    target: Words = None,
    passed: PassedWanted = None,
    scorer: Words = None,
    below: Below = None,
    failure: Words = None,
    rated: RatedWanted = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EvaluationResultPage:
    """Also while the evaluation runs: the rows that are done."""
    await queries.get_evaluation(ledger.engine, caller.workspace_id, evaluation_id)
    wanted = Wanted(target=target, passed=passed, scorer=scorer, below=below, failure=failure, rated=rated)
    refuse(wanted)
    after = place(cursor, tuple[UUID, Place])
    rows = await queries.list_results(
        ledger.engine, caller.workspace_id, evaluation_id, wanted, after=after, limit=limit + 1
    )
    found = page(EvaluationResultPage, rows, limit, key=lambda row: (row.example_id, row.place))
    return msgspec.structs.replace(found, data=[shown(row) for row in rows[:limit]])


@put(
    "/evaluations/{evaluation_id:uuid}/results/{result_id:uuid}/rating",
    operation_id="rate_evaluation_result",
    summary="Rate an answer",
    guards=[needs("evaluations:write")],
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
    """Each rater has one rating, which a later one replaces. Judges are measured against people's ratings."""
    await ledger.change(
        RESULT,
        result_id,
        lambda result: rate(result, evaluation_id, stars=data.stars, rater=caller.actor, reason=data.reason),
        caller=caller,
        expected=expected(if_match),
    )
    row = await queries.get_result(ledger.engine, caller.workspace_id, result_id)
    return reply(shown(row), version=row.version)


def refuse(wanted: Wanted) -> None:
    """Raises Invalid for a value that no scorer goes with."""
    if wanted.below is not None and wanted.scorer is None:
        detail = "Say of which scorer the value is: give scorer, too."
        raise Invalid(detail, errors=[Fault(pointer="?scorer", detail=detail, code="required")])


def shown(row: Any) -> EvaluationResult:
    """From a row of the results with its texts."""
    said = None if row.answer is None else msgspec.json.decode(row.answer, type=Kept)
    example = None if row.example is None else DECODER.decode(row.example)
    scores = msgspec.convert(row.scores, dict[str, Scored])
    failure = None if row.failure is None else msgspec.convert(row.failure, Failure)
    same = (
        "id evaluation_id target example_id passed latency_ms input_tokens output_tokens rating created_at updated_at"
    )
    return EvaluationResult(
        output=said.text if said else None,
        tool_calls=list(said.tool_calls) if said else [],
        reference=output_text(example) if example else None,
        scores={label: _score(score) for label, score in scores.items()},
        failure=ResultFailure(code=failure.code, detail=failure.detail) if failure else None,
        cost=money(row.cost),
        calls=[UUID(call) for call in row.calls],
        ratings={rater: _rating(each) for rater, each in _ratings(row).items()},
        version=row.version,
        **{name: getattr(row, name) for name in same.split()},
    )


def _score(score: Scored) -> ResultScore:
    return ResultScore(value=score.value, passed=score.passed, details=score.details, call_id=score.call_id)


def _rating(given: StarsGiven) -> ResultRating:
    return ResultRating(stars=given.stars, reason=given.reason)


def _ratings(row: Any) -> dict[str, StarsGiven]:
    return msgspec.convert(row.ratings, dict[str, StarsGiven])


router = Router(path="/", route_handlers=[list_evaluation_results, rate_evaluation_result])
