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

# Cohen's kappa from which Landis and Koch (1977) call an agreement moderate; under it a judge's word does not count.
MIN_TRUSTED_KAPPA = 0.41


class TargetRating(msgspec.Struct, frozen=True, kw_only=True):
    """What people gave a target's answers: `mean` in stars over the rated results, from so many `ratings`."""

    target: str
    """The target's name."""
    results: int
    """Number of results that people have rated."""
    ratings: int
    """Number of ratings."""
    mean: float
    """Mean over the rated results, in stars."""


class JudgeStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A judge beside people. `trusted` from 10 rated answers and a kappa (weighted by distance) of 0.41 on."""

    label: str
    """The judge's label."""
    trusted: bool
    """True from 10 rated answers and a weighted kappa of 0.41."""
    because: str
    """The reason, in words."""
    trust: Trust
    """The figures behind it."""


class RatedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result that people have rated: `rating` is their mean in stars."""

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
    """One for each target that was rated, in their order."""
    found = []
    for target in plan.targets:
        own = [row for row in rows if row.target == target.name]
        if own:
            mean = round(sum(row.rating for row in own) / len(own), 6)
            ratings = sum(row.raters for row in own)
            found.append(TargetRating(target=target.name, results=len(own), ratings=ratings, mean=mean))
    return found


def compare_judges(plan: Plan, rows: Sequence[RatedResult]) -> list[JudgeStanding]:
    """How each judge compares with people. The first call takes a second: it loads scipy."""
    return [_compare_judge(judge, rows) for judge in plan.judges]


def _compare_judge(judge: JudgeUsed, rows: Sequence[RatedResult]) -> JudgeStanding:
    pairs = list(_pairs(judge, rows))
    found = measure_trust([said for said, _ in pairs], [people for _, people in pairs])
    kappa = found.weighted_kappa if found.weighted_kappa is not None else found.kappa
    trusted = found.enough and kappa is not None and kappa >= MIN_TRUSTED_KAPPA
    because = f"trusted: {found.words}" if trusted else f"not yet trusted: {_explain_distrust(found, kappa)}"
    return JudgeStanding(label=judge.label, trusted=trusted, because=because, trust=found)


def _explain_distrust(found: Trust, kappa: float | None) -> str:
    if not found.enough:
        return f"people have rated {found.n} of its answers, {MIN_ROWS} are wanted"
    if kappa is None:
        return found.words
    return f"its weighted kappa with people is {kappa:.2f}, {MIN_TRUSTED_KAPPA} is wanted"


def _pairs(judge: JudgeUsed, rows: Sequence[RatedResult]) -> Iterator[tuple[float, float]]:
    """The judge's word and people's, on one scale."""
    stars = {(row.example_id, row.target): row.rating for row in rows}
    for row in rows:
        score = row.scores.get(judge.label)
        if score is None or score.value is None:
            continue
        if judge.kind == "pairwise":
            rival = stars.get((row.example_id, judge.against or ""))
            if rival is not None:
                yield 2 * score.value, _preferred(row.rating, rival)
        elif _is_pass_fail(score.details):
            yield score.value, float(row.rating >= MIN_PASSING_STARS)
        else:
            yield score.value, row.rating


def _is_pass_fail(details: Mapping[str, Any]) -> bool:
    return details.get("scale") == "pass_fail"


def _preferred(own: float, rival: float) -> float:
    """2 where people like this answer better, 1 where they like both the same, 0 where the other."""
    return 1.0 if own == rival else 2.0 * (own > rival)
