"""Summarize people's ratings, and compare judges with them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.evaluations.domain import JudgeUsed, Plan
from service.evaluations.judges.trust import Trust, measure_trust
from service.evaluations.judges.verdict_parser import MIN_PASSING_STARS
from service.evaluations.results.domain import RecordedScore
from service.evaluations.scores.statistics import MIN_ROWS

# From this kappa Landis and Koch (1977) call an agreement moderate. Judges below it are not trusted.
MIN_TRUSTED_KAPPA = 0.41


class TargetRating(msgspec.Struct, frozen=True, kw_only=True):
    """People's ratings of one target's answers."""

    target: str
    """The target's name."""
    results: int
    """Number of results that people have rated."""
    ratings: int
    """Number of ratings."""
    mean: float
    """Mean over the rated results, in stars."""


class JudgeStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How well a judge agrees with people's ratings."""

    label: str
    """The judge's label."""
    trusted: bool
    """True from 10 rated answers and a weighted kappa of 0.41."""
    because: str
    """The reason, in words."""
    trust: Trust
    """The figures behind it."""


class RatedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result that people have rated. `rating` is their mean, in stars."""

    example_id: UUID
    target: str
    rating: float
    raters: int
    scores: dict[str, RecordedScore]


def parse_rated_result(row: Any) -> RatedResult:
    return RatedResult(
        example_id=row.example_id,
        target=row.target,
        rating=row.rating,
        raters=len(row.ratings),
        scores=msgspec.convert(row.scores, dict[str, RecordedScore]),
    )


def summarize_ratings(plan: Plan, rows: Sequence[RatedResult]) -> list[TargetRating]:
    """Summarize the ratings of each rated target, in the order of the plan."""
    summaries = []
    for target in plan.targets:
        target_rows = [row for row in rows if row.target == target.name]
        if target_rows:
            mean = round(sum(row.rating for row in target_rows) / len(target_rows), 6)
            ratings = sum(row.raters for row in target_rows)
            summaries.append(TargetRating(target=target.name, results=len(target_rows), ratings=ratings, mean=mean))
    return summaries


def compare_judges(plan: Plan, rows: Sequence[RatedResult]) -> list[JudgeStanding]:
    """Compare each judge with people. The first call takes a second: it imports scipy."""
    return [_compare_judge(judge, rows) for judge in plan.judges]


def _compare_judge(judge: JudgeUsed, rows: Sequence[RatedResult]) -> JudgeStanding:
    pairs = list(_pair_scores(judge, rows))
    measured = measure_trust([score for score, _ in pairs], [rating for _, rating in pairs])
    kappa = measured.weighted_kappa if measured.weighted_kappa is not None else measured.kappa
    trusted = measured.enough and kappa is not None and kappa >= MIN_TRUSTED_KAPPA
    because = f"trusted: {measured.words}" if trusted else f"not yet trusted: {_explain_distrust(measured, kappa)}"
    return JudgeStanding(label=judge.label, trusted=trusted, because=because, trust=measured)


def _explain_distrust(trust: Trust, kappa: float | None) -> str:
    if not trust.enough:
        return f"people have rated {trust.n} of its answers; at least {MIN_ROWS} are needed"
    if kappa is None:
        return trust.words
    return f"its weighted kappa with people is {kappa:.2f}; at least {MIN_TRUSTED_KAPPA} is needed"


def _pair_scores(judge: JudgeUsed, rows: Sequence[RatedResult]) -> Iterator[tuple[float, float]]:
    """Pair the judge's score of each answer with people's, on one scale."""
    stars = {(row.example_id, row.target): row.rating for row in rows}
    for row in rows:
        score = row.scores.get(judge.label)
        if score is None or score.value is None:
            continue
        if judge.kind == "pairwise":
            rival = stars.get((row.example_id, judge.against or ""))
            if rival is not None:
                yield 2 * score.value, _compare_stars(row.rating, rival)
        elif _is_pass_fail(score.details):
            yield score.value, float(row.rating >= MIN_PASSING_STARS)
        else:
            yield score.value, row.rating


def _is_pass_fail(details: Mapping[str, Any]) -> bool:
    return details.get("scale") == "pass_fail"


def _compare_stars(own: float, rival: float) -> float:
    """2 if people prefer this answer, 1 for a tie, 0 if they prefer the other."""
    return 1.0 if own == rival else 2.0 * (own > rival)
