"""Results: one target's answer to one example, its scores, and people's ratings. Pure."""

from typing import Any, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.errors import NotFound
from service.ledger.decider import Decider, Event, require_state


class RecordedScore(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A score by one scorer. `key` is equal for the same answer and scorer. `call_id` is the judge's call."""

    value: float | None = None
    passed: bool | None = None
    details: dict[str, Any] = {}
    key: str | None = None
    call_id: UUID | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no usable answer."""

    code: str
    detail: str


class StarRating(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person's stars, from 1 to 5."""

    stars: int
    reason: str | None = None


class ResultRecorded(Event):
    """`calls` has one call for each repeat. The first is scored; its text is stored under `subject` and `content`.

    `example_content` is the digest of the example. `passed`: whether all scorers that can pass or fail have passed.
    """

    evaluation_id: UUID
    target: str
    place: int
    example_id: UUID
    example_content: str
    calls: tuple[UUID, ...] = ()
    subject: UUID | None = None
    content: str | None = None
    scores: dict[str, RecordedScore] = {}
    passed: bool | None = None
    failure: Failure | None = None
    latency_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None


class ResultRated(Event):
    """`rating` is the mean over all raters after this one."""

    rater: str
    given: StarRating
    rating: float


ResultEvent = ResultRecorded | ResultRated


class ResultState(msgspec.Struct, frozen=True, kw_only=True):
    recorded: ResultRecorded
    ratings: dict[str, StarRating] = {}


def evolve(result: ResultState | None, event: ResultEvent) -> ResultState:
    if isinstance(event, ResultRecorded):
        return ResultState(recorded=event)
    result = require_state(result)
    match event:
        case ResultRated():
            return replace(result, ratings={**result.ratings, event.rater: event.given})
        case _:
            assert_never(event)


RESULT: Decider[ResultState, ResultEvent] = Decider("result", events=(ResultRecorded, ResultRated), evolve=evolve)


def derive_result_id(evaluation_id: UUID, target: str, example_id: UUID) -> UUID:
    """Derive a result's id: the same for every worker and retry."""
    return uuid5(evaluation_id, f"{example_id}/{target}")


def rate(
    result: ResultState | None, evaluation_id: UUID, *, stars: int, rater: str, reason: str | None = None
) -> list[ResultEvent]:
    """Set the rater's rating, replacing an earlier one. Repeating it records nothing."""
    if result is None or result.recorded.evaluation_id != evaluation_id:
        raise NotFound("No such result in this evaluation.")
    rating = StarRating(stars=stars, reason=reason)
    if result.ratings.get(rater) == rating:
        return []
    all_stars = [each.stars for each in {**result.ratings, rater: rating}.values()]
    return [ResultRated(rater=rater, given=rating, rating=round(sum(all_stars) / len(all_stars), 6))]
