"""Measure an answer without comparing it: consistency, length, time, tokens, cost, people's ratings."""

import statistics
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from service.evaluations.scorers.scorer import (
    NO_ANSWER,
    Config,
    Score,
    Scorer,
    Share,
    Summary,
    graded_score,
    no_score,
    summarize,
)
from service.evaluations.scorers.text_match import normalize
from service.evaluations.scores.subject import Subject

Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Stars = Annotated[float, msgspec.Meta(ge=1, le=5)]
MIN_REPEATS = 2


class ConsistencyConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="consistency"):
    """`compare`: texts after normalization, or exactly."""

    compare: Literal["normalized", "exact"] = "normalized"
    least: Share | None = None


class WordsConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="words"):
    """A length from `least` to `most` passes."""

    least: Count | None = None
    most: Count | None = None


class CharactersConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="characters"):
    """A length from `least` to `most` passes."""

    least: Count | None = None
    most: Count | None = None


class LatencyConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="latency"):
    """Up to `most` seconds pass."""

    most: Annotated[float, msgspec.Meta(gt=0)] | None = None


class TokensConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="tokens"):
    """Which tokens to count. Up to `most` pass."""

    count: Literal["total", "input", "output"] = "total"
    most: Count | None = None


class CostConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="cost"):
    """Up to `most` passes, in the currency of the provider's prices."""

    most: Annotated[float, msgspec.Meta(gt=0)] | None = None


class HumanRatingConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="human_rating"):
    """From `least` stars an answer passes."""

    least: Stars = 4.0


def consistency(subject: Subject, config: ConsistencyConfig) -> Score:
    """The share of equal pairs among the k answers to one question, after SQuAD's normalization:
    Σ c·(c - 1) / (k·(k - 1)), where c are the sizes of the groups of equal answers.

    Source: the agreement on one subject, P_i, of Fleiss 1971. Needs at least two answers.
    """
    k = len(subject.repeats)
    if k < MIN_REPEATS:
        return no_score("no_repeats", "Consistency needs at least two answers to the same question.")
    forms = Counter(normalize(text) if config.compare == "normalized" else text for text in subject.repeats)
    agreeing = sum(size * (size - 1) for size in forms.values())
    return graded_score(agreeing / (k * (k - 1)), least=config.least, repeats=k, different=len(forms))


def words(subject: Subject, config: WordsConfig) -> Score:
    """The number of words: runs of anything but white space, as `wc -w` counts them."""
    if subject.output is None:
        return NO_ANSWER
    return _score_within(len(subject.output.split()), config.least, config.most)


def characters(subject: Subject, config: CharactersConfig) -> Score:
    """The number of characters: Unicode code points, as `wc -m` counts them."""
    if subject.output is None:
        return NO_ANSWER
    return _score_within(len(subject.output), config.least, config.most)


def latency(subject: Subject, config: LatencyConfig) -> Score:
    """Seconds from asking the provider to the end of its answer, for the last attempt. Summary: also the median and
    the 95th percentile, interpolated linearly (type 7 of Hyndman and Fan 1996, numpy's default).
    """
    if subject.latency_ms is None:
        return no_score("no_latency", "The duration of the call is unknown.")
    return _score_within(subject.latency_ms / 1000, None, config.most)


def tokens(subject: Subject, config: TokensConfig) -> Score:
    """Tokens as counted by the provider: of the input, the output, or both. Summary: also their total."""
    counts = {"input": subject.input_tokens, "output": subject.output_tokens}
    selected = [counts[config.count]] if config.count != "total" else list(counts.values())
    known = [count for count in selected if count is not None]
    if len(known) < len(selected):
        return no_score("no_tokens", "The provider did not say how many tokens it used.")
    return _score_within(sum(known), None, config.most)


def cost(subject: Subject, config: CostConfig) -> Score:
    """The cost of the call by the provider's prices. Summary: also the exact total in each currency."""
    if subject.cost is None or not subject.cost.is_finite():
        return no_score("no_cost", "The model has no known price, or its tokens were not counted.")
    scored = _score_within(float(subject.cost), None, config.most)
    money = {"amount": f"{subject.cost:f}", "currency": subject.currency or "USD"}
    return msgspec.structs.replace(scored, details=money)


def human_rating(subject: Subject, config: HumanRatingConfig) -> Score:
    """The mean of people's ratings, 1 to 5 stars; pass counts as 5, fail as 2, critical as 1."""
    if subject.rating is None:
        return no_score("no_rating", "Nobody has rated this answer.")
    return graded_score(subject.rating, least=config.least)


def summarize_times(scores: Sequence[Score], config: Any) -> Summary:
    values = [score.value for score in scores if score.value is not None]
    spread = {"median": None, "p95": None} if not values else {"median": statistics.median(values), "p95": p95(values)}
    return summarize(scores, config) | spread


def summarize_total(scores: Sequence[Score], config: Any) -> Summary:
    return summarize(scores, config) | {"total": sum(int(score.value) for score in scores if score.value is not None)}


def summarize_cost(scores: Sequence[Score], config: Any) -> Summary:
    totals: dict[str, Decimal] = {}
    for score in scores:
        if score.value is not None:
            currency = score.details["currency"]
            totals[currency] = totals.get(currency, Decimal(0)) + Decimal(score.details["amount"])
    one_currency = len(totals) <= 1
    general = summarize(scores, config)
    money = [{"amount": f"{amount:f}", "currency": currency} for currency, amount in sorted(totals.items())]
    return general | {"mean": general["mean"] if one_currency else None, "totals": money}


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, interpolated linearly."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _score_within(value: float, least: float | None, most: float | None) -> Score:
    passed = None
    if least is not None or most is not None:
        passed = (least is None or value >= least) and (most is None or value <= most)
    return Score(value=float(value), passed=passed)


CONSISTENCY = Scorer(
    name="consistency",
    needs=frozenset({"repeats"}),
    config=ConsistencyConfig,
    score=consistency,
    summarize=summarize,
)
WORDS = Scorer(
    name="words", unit="words", higher_is_better=None, config=WordsConfig, score=words, summarize=summarize_times
)
CHARACTERS = Scorer(
    name="characters",
    unit="characters",
    higher_is_better=None,
    config=CharactersConfig,
    score=characters,
    summarize=summarize_times,
)
LATENCY = Scorer(
    name="latency",
    unit="seconds",
    higher_is_better=False,
    deterministic=False,
    needs=frozenset({"latency"}),
    config=LatencyConfig,
    score=latency,
    summarize=summarize_times,
)
TOKENS = Scorer(
    name="tokens",
    unit="tokens",
    higher_is_better=False,
    deterministic=False,
    needs=frozenset({"tokens"}),
    config=TokensConfig,
    score=tokens,
    summarize=summarize_total,
)
COST = Scorer(
    name="cost",
    unit="money",
    higher_is_better=False,
    deterministic=False,
    needs=frozenset({"cost"}),
    config=CostConfig,
    score=cost,
    summarize=summarize_cost,
)
HUMAN_RATING = Scorer(
    name="human_rating",
    unit="stars",
    needs=frozenset({"rating"}),
    deterministic=False,
    config=HumanRatingConfig,
    score=human_rating,
    summarize=summarize,
)
