"""Measure how well a judge agrees with people's ratings of the same answers. Pure."""

import math
from collections.abc import Sequence

import msgspec

from service.evaluations.scores.statistics import MIN_ROWS, Interval, share_interval
from service.extras import require_extra

# Landis and Koch 1977, table on page 165: the lowest kappa of each strength of agreement.
STRENGTHS = ((0.81, "almost perfect"), (0.61, "substantial"), (0.41, "moderate"), (0.21, "fair"), (0.0, "slight"))


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """How well a judge agrees with people on the answers that both have scored."""

    n: int
    """Number of answers that both the judge and people have scored."""
    agreement: Interval
    """Share on which both give the same score, with its interval."""
    kappa: float | None
    """Cohen's kappa: agreement corrected for chance. Null where it is undefined."""
    weighted_kappa: float | None
    """Cohen's kappa weighted by squared distance. Null where it is undefined."""
    spearman: float | None
    """Spearman's rank correlation. Null where it is undefined."""
    kendall: float | None
    """Kendall's tau-b. Null where it is undefined."""
    enough: bool
    """True from 10 answers."""
    words: str
    """The agreement in words."""


def measure_trust(judge: Sequence[float], people: Sequence[float]) -> Trust:
    """Compare two lists of scores on the same scale and in the same order. For agreement and kappa, scores are rounded
    to whole numbers (a half up); for the ranks they are not.

    Cohen's kappa (1960), weighted by squared distance (1968), by scikit-learn; Spearman's rho and Kendall's tau-b by
    scipy.
    """
    pairs = list(zip(judge, people, strict=True))
    judge_steps, people_steps = ([math.floor(score + 0.5) for score in scores] for scores in (judge, people))
    same = sum(a == b for a, b in zip(judge_steps, people_steps, strict=True))
    plain, weighted = _kappas(judge_steps, people_steps)
    spearman, kendall = _rank_correlations(judge, people)
    agreement = share_interval(same, len(pairs))
    return Trust(
        n=len(pairs),
        agreement=agreement,
        kappa=plain,
        weighted_kappa=weighted,
        spearman=spearman,
        kendall=kendall,
        enough=len(pairs) >= MIN_ROWS,
        words=_describe(agreement, plain),
    )


def name_strength(kappa: float) -> str:
    """Name the strength of an agreement as Landis and Koch do: a convention, not a test."""
    rounded = round(kappa, 2)
    return next((word for least, word in STRENGTHS if rounded >= least), "poor")


def _kappas(judged: Sequence[int], rated: Sequence[int]) -> tuple[float | None, float | None]:
    if len({*judged, *rated}) <= 1:
        return None, None
    require_extra("evaluations")
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415 - slow to import, and few processes need it

    plain = float(cohen_kappa_score(judged, rated))
    steps = list(range(min(*judged, *rated), max(*judged, *rated) + 1))
    weighted = float(cohen_kappa_score(judged, rated, labels=steps, weights="quadratic"))
    return _finite_or_none(plain), _finite_or_none(weighted)


def _rank_correlations(judge: Sequence[float], people: Sequence[float]) -> tuple[float | None, float | None]:
    if len(set(judge)) <= 1 or len(set(people)) <= 1:
        return None, None
    require_extra("evaluations")
    from scipy.stats import kendalltau, spearmanr  # noqa: PLC0415 - slow to import, and few processes need it

    return _finite_or_none(float(spearmanr(judge, people).statistic)), _finite_or_none(
        float(kendalltau(judge, people).statistic)
    )


def _finite_or_none(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


def _describe(agreement: Interval, kappa: float | None) -> str:
    if agreement.n < MIN_ROWS or agreement.estimate is None:
        return f"too few examples ({agreement.n}) to say whether the judge agrees with people"
    share = f"agrees with people on {agreement.estimate:.0%} of {agreement.n} examples"
    if kappa is None:
        return f"{share}, but all have the same score, so this says little"
    return f"{share}, Cohen's kappa {kappa:.2f} ({name_strength(kappa)})"
