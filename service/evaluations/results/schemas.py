"""Results and ratings over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.examples.chat_content import DECODER, get_output_text
from service.evaluations.results.domain import Failure, RecordedScore, StarRating
from service.http.bodies import Body, Reason
from service.http.pagination import Page
from service.inference.outcomes import StoredAnswer
from service.inference.queries import format_cost

RESULT_COLUMNS = (
    "id",
    "evaluation_id",
    "target",
    "example_id",
    "passed",
    "latency_ms",
    "input_tokens",
    "output_tokens",
    "rating",
    "created_at",
    "updated_at",
    "version",
)


class RateResult(Body):
    """A rating from 1 to 5 stars. Each rater has one rating of a result."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    """1 (worst) to 5 (best)."""
    reason: Reason | None = None
    """Why."""


class ResultScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score by one scorer or judge."""

    value: float | None
    """In the scorer's unit. Null where the scorer does not apply; `details.reason` says why."""
    passed: bool | None
    """Whether the answer passed. Null where nothing decides that."""
    details: dict[str, Any]
    """What else the scorer reports; depends on the scorer."""
    call_id: UUID | None
    """The judge's model call. Null for scorers."""


class ResultFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no usable answer."""

    code: str
    """Stable code, for programs."""
    detail: str
    """What went wrong."""


class ResultRating(msgspec.Struct, frozen=True, kw_only=True):
    """One person's stars, from 1 to 5."""

    stars: int
    """1 (worst) to 5 (best)."""
    reason: str | None
    """Why, if the rater said so."""


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """One target's answer to one example, with its scores and ratings."""

    id: UUID
    """The result's id."""
    evaluation_id: UUID
    """The evaluation."""
    target: str
    """The target's name."""
    example_id: UUID
    """The example."""
    output: str | None
    """The answer. Null if there is none or its text was erased."""
    tool_calls: list[dict[str, Any]]
    """The tool calls of the answer."""
    reference: str | None
    """The example's own answer. Null if it has none or was erased."""
    scores: dict[str, ResultScore]
    """Scores by label of the scorer or judge."""
    passed: bool | None
    """Whether all scorers that decide passed. Null if none decides."""
    failure: ResultFailure | None
    """Why there is no usable answer. Null if there is one."""
    latency_ms: int | None
    """Duration of the call, in milliseconds."""
    input_tokens: int | None
    """Input tokens, as counted by the provider."""
    output_tokens: int | None
    """Output tokens, as counted by the provider."""
    cost: dict[str, str] | None
    """Cost of the call. Null if the price is unknown."""
    calls: list[UUID]
    """The model calls, one for each repeat; see the operation's calls."""
    rating: float | None
    """Mean of `ratings`, in stars. Null if nobody has rated the answer."""
    ratings: dict[str, ResultRating]
    """People's ratings, by rater."""
    created_at: datetime
    """When the result was recorded."""
    updated_at: datetime
    """When it was last rated, or recorded."""
    version: int
    """The result's version, for `If-Match`."""


class EvaluationResultPage(Page[EvaluationResult], frozen=True, kw_only=True):
    """One page of results, by example and target."""


def result_from_row(row: Any) -> EvaluationResult:
    """Build a result from its row and texts."""
    answer = None if row.answer is None else msgspec.json.decode(row.answer, type=StoredAnswer)
    example = None if row.example is None else DECODER.decode(row.example)
    scores = msgspec.convert(row.scores, dict[str, RecordedScore])
    failure = None if row.failure is None else msgspec.convert(row.failure, Failure)
    return EvaluationResult(
        output=answer.text if answer else None,
        tool_calls=list(answer.tool_calls) if answer else [],
        reference=get_output_text(example) if example else None,
        scores={label: _build_score(score) for label, score in scores.items()},
        failure=ResultFailure(code=failure.code, detail=failure.detail) if failure else None,
        cost=format_cost(row.cost),
        calls=[UUID(call) for call in row.calls],
        ratings={rater: _build_rating(rating) for rater, rating in _parse_ratings(row).items()},
        **{name: getattr(row, name) for name in RESULT_COLUMNS},
    )


def _build_score(score: RecordedScore) -> ResultScore:
    return ResultScore(value=score.value, passed=score.passed, details=score.details, call_id=score.call_id)


def _build_rating(rating: StarRating) -> ResultRating:
    return ResultRating(stars=rating.stars, reason=rating.reason)


def _parse_ratings(row: Any) -> dict[str, StarRating]:
    return msgspec.convert(row.ratings, dict[str, StarRating])
