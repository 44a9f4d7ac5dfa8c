"""BLEU and chrF as sacrebleu computes them, for a row and for all rows as one corpus."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from service.evaluations.scorers.scorer import (
    MAX_CHARACTERS,
    NO_ANSWER,
    NO_REFERENCE,
    Config,
    Score,
    Scorer,
    Summary,
    graded_score,
    summarize,
)
from service.evaluations.scores.subject import Subject
from service.extras import require_extra

LONGEST_WORD_GRAM = 4
LONGEST_CHARACTER_GRAM = 6
BETA = 2  # recall counts twice as much as precision
Least = float | None


class BleuConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="bleu"):
    """`tokenizer` is sacrebleu's: 13a for most languages, char or zh for languages written without spaces."""

    tokenizer: Literal["13a", "intl", "char", "zh", "none"] = "13a"
    lowercase: bool = False
    least: Least = None


class ChrfConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="chrf"):
    """A score of at least `least` passes, 0 to 100."""

    lowercase: bool = False
    least: Least = None


def bleu(subject: Subject, config: BleuConfig) -> Score:
    """BLEU of the answer against the expected text, 0 to 100, as sacrebleu's `sentence_bleu`: up to 4-grams,
    exponential smoothing, effective order. Summary: `corpus` is BLEU of all rows together, without effective order;
    it is not the mean of the rows.

    Sources: Papineni et al. 2002; Post 2018. The first 100,000 characters of each text are read (`details.cut`).
    """
    if subject.output is None:
        return NO_ANSWER
    if not subject.expected or subject.expected.isspace():
        return NO_REFERENCE
    metric = _load_bleu(config.tokenizer, lowercase=config.lowercase)
    sentence = metric.sentence_score(subject.output[:MAX_CHARACTERS], [subject.expected[:MAX_CHARACTERS]])
    counts = {
        "correct": sentence.counts,
        "total": sentence.totals,
        "lengths": [sentence.sys_len, sentence.ref_len],
    }
    return graded_score(min(sentence.score, 100.0), least=config.least, **counts, **_cut(subject))


def chrf(subject: Subject, config: ChrfConfig) -> Score:
    """chrF2 of the answer against the expected text, 0 to 100, as sacrebleu's default: the F-score (β = 2) of the mean
    precision and recall of character n-grams up to 6, without white space. Summary: `corpus` is chrF2 of all rows
    together.

    Sources: Popović 2015 and 2016; Post 2018. The first 100,000 characters of each text are read (`details.cut`).
    """
    if subject.output is None:
        return NO_ANSWER
    if not subject.expected or subject.expected.isspace():
        return NO_REFERENCE
    require_extra("evaluations")
    from sacrebleu.metrics.helpers import extract_all_char_ngrams  # noqa: PLC0415 - slow to import, and few processes need it

    texts = (subject.output[:MAX_CHARACTERS], subject.expected[:MAX_CHARACTERS])
    answer, expected = (
        extract_all_char_ngrams(text.lower() if config.lowercase else text, LONGEST_CHARACTER_GRAM) for text in texts
    )
    grams = [_count_grams(a, b) for a, b in zip(answer, expected, strict=True)]
    return graded_score(_compute_chrf(grams), least=config.least, grams=grams, **_cut(subject))


def summarize_bleu(scores: Sequence[Score], config: BleuConfig) -> Summary:
    rows = [score.details for score in scores if score.value is not None]
    if not rows:
        return summarize(scores, config) | {"corpus": None}
    correct, total, lengths = (_sum_columns([row[name] for row in rows]) for name in ("correct", "total", "lengths"))
    metric = _load_bleu(config.tokenizer, lowercase=config.lowercase)
    corpus = metric.compute_bleu(correct, total, lengths[0], lengths[1], smooth_method="exp")
    return summarize(scores, config) | {"corpus": min(corpus.score, 100.0), "brevity_penalty": corpus.bp}


def summarize_chrf(scores: Sequence[Score], config: ChrfConfig) -> Summary:
    rows = [score.details["grams"] for score in scores if score.value is not None]
    if not rows:
        return summarize(scores, config) | {"corpus": None}
    grams = [_sum_columns([row[order] for row in rows]) for order in range(LONGEST_CHARACTER_GRAM)]
    return summarize(scores, config) | {"corpus": _compute_chrf(grams)}


@lru_cache(maxsize=16)
def _load_bleu(tokenizer: str, *, lowercase: bool) -> Any:
    require_extra("evaluations")
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415 - slow to import, and few processes need it

    return BLEU(tokenize=tokenizer, lowercase=lowercase, effective_order=True)


def _count_grams(answer: Counter[str], expected: Counter[str]) -> list[int]:
    """Count the n-grams of one length: in the answer, in the expected text, in both."""
    both = sum(min(count, expected[gram]) for gram, count in answer.items() if gram in expected)
    return [answer.total() if expected else 0, expected.total(), both]


def _compute_chrf(grams: Sequence[Sequence[int]]) -> float:
    """Compute the F-score from the counts of each length, without lengths that a text is too short for."""
    rates = [(both / answer, both / expected) for answer, expected, both in grams if answer and expected]
    if not rates:
        return 0.0
    precision = sum(rate for rate, _ in rates) / len(rates)
    recall = sum(rate for _, rate in rates) / len(rates)
    weighted = BETA**2 * precision + recall
    return 100 * (1 + BETA**2) * precision * recall / weighted if weighted else 0.0


def _sum_columns(rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _cut(subject: Subject) -> dict[str, bool]:
    longest = max(len(subject.output or ""), len(subject.expected or ""))
    return {"cut": True} if longest > MAX_CHARACTERS else {}


BLEU = Scorer(
    name="bleu",
    unit="score from 0 to 100",
    needs=frozenset({"reference"}),
    config=BleuConfig,
    score=bleu,
    summarize=summarize_bleu,
)
CHRF = Scorer(
    name="chrf",
    unit="score from 0 to 100",
    needs=frozenset({"reference"}),
    config=ChrfConfig,
    score=chrf,
    summarize=summarize_chrf,
)
