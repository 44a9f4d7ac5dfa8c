"""ROUGE: compare words, word pairs and word order with the expected text."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from service.errors import Fault
from service.evaluations.scorers.scorer import (
    MAX_CHARACTERS,
    NO_ANSWER,
    NO_REFERENCE,
    Config,
    Score,
    Scorer,
    Share,
    Summary,
    graded_score,
    no_score,
    summarize,
)
from service.evaluations.scorers.subsequences import common_length
from service.evaluations.scores.subject import Subject
from service.extras import require_extra

Kind = Literal["rouge1", "rouge2", "rougeL"]


class RougeConfig(Config, frozen=True, kw_only=True):
    """`stem` compares English words by their Porter stems.

    `words`: with `ascii` a word is a run of the letters a to z and digits, as in ROUGE; `unicode` allows any script.
    """

    stem: bool = False
    words: Literal["ascii", "unicode"] = "ascii"
    least: Share | None = None

    def faults(self, *, at: str = "") -> list[Fault]:
        if self.stem and self.words == "unicode":
            return [Fault(pointer=f"{at}/stem", detail="stem works only with words set to ascii.")]
        return []


class Rouge1Config(RougeConfig, frozen=True, kw_only=True, tag_field="scorer", tag="rouge1"):
    pass


class Rouge2Config(RougeConfig, frozen=True, kw_only=True, tag_field="scorer", tag="rouge2"):
    pass


class RougeLConfig(RougeConfig, frozen=True, kw_only=True, tag_field="scorer", tag="rougeL"):
    pass


def rouge1(subject: Subject, config: RougeConfig) -> Score:
    """ROUGE-1: F1 of the words shared with the expected text, 0 to 1. `details` has precision and recall.

    Sources: Lin 2004; Google's rouge-score. The first 100,000 characters of each text are read (`details.cut`).
    """
    return _score_rouge(subject, config, "rouge1")


def rouge2(subject: Subject, config: RougeConfig) -> Score:
    """ROUGE-2: F1 of the pairs of neighboring words shared with the expected text, 0 to 1.

    Sources: Lin 2004; Google's rouge-score. The first 100,000 characters of each text are read (`details.cut`).
    """
    return _score_rouge(subject, config, "rouge2")


def rouge_l(subject: Subject, config: RougeConfig) -> Score:
    """ROUGE-L: F1 of the longest common subsequence of words, 0 to 1. Each text counts as one sentence.

    Sources: Lin 2004; Google's rouge-score (rougeL). The first 100,000 characters of each text are read
    (`details.cut`).
    """
    return _score_rouge(subject, config, "rougeL")


def summarize_rouge(scores: Sequence[Score], config: RougeConfig) -> Summary:
    """Add the means of precision and recall."""
    details = [score.details for score in scores if score.value is not None]
    means = {name: sum(row[name] for row in details) / len(details) for name in ("precision", "recall") if details}
    return summarize(scores, config) | {"precision": None, "recall": None} | means


def _score_rouge(subject: Subject, config: RougeConfig, kind: Kind) -> Score:
    if subject.output is None:
        return NO_ANSWER
    if subject.expected is None:
        return NO_REFERENCE
    tokenize = _tokenizer(config.words, stem=config.stem).tokenize
    expected = tokenize(subject.expected[:MAX_CHARACTERS])
    answer = tokenize(subject.output[:MAX_CHARACTERS])
    if len(expected) < (2 if kind == "rouge2" else 1):
        return no_score("no_words", "The expected text has too few words.")
    precision, recall = _rates(answer, expected, kind)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    cut = {"cut": True} if max(len(subject.output), len(subject.expected)) > MAX_CHARACTERS else {}
    return graded_score(f1, least=config.least, precision=precision, recall=recall, **cut)


def _rates(answer: list[str], expected: list[str], kind: Kind) -> tuple[float, float]:
    """Compute precision and recall. The library's own rougeL needs memory for the product of the lengths."""
    if kind == "rougeL":
        shared = common_length(answer, expected)
        return shared / max(len(answer), 1), shared / len(expected)
    rates = _rouge_scorer(kind).score(expected, answer)[kind]
    return float(rates.precision), float(rates.recall)


class _AlreadyWords:
    """A tokenizer for texts that are already split into words."""

    def tokenize(self, text: list[str]) -> list[str]:
        return text


class _UnicodeWords:
    def tokenize(self, text: str) -> list[str]:
        return "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()


@lru_cache
def _tokenizer(words: str, *, stem: bool) -> Any:
    if words == "unicode":
        return _UnicodeWords()
    require_extra("evaluations")
    from rouge_score.tokenizers import DefaultTokenizer  # noqa: PLC0415 - slow to import, and few processes need it

    return DefaultTokenizer(stem)


@lru_cache
def _rouge_scorer(kind: Kind) -> Any:
    require_extra("evaluations")
    from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415 - slow to import, and few processes need it

    return RougeScorer([kind], tokenizer=_AlreadyWords())


ROUGE_1 = Scorer(
    name="rouge1", needs=frozenset({"reference"}), config=Rouge1Config, score=rouge1, summarize=summarize_rouge
)
ROUGE_2 = Scorer(
    name="rouge2", needs=frozenset({"reference"}), config=Rouge2Config, score=rouge2, summarize=summarize_rouge
)
ROUGE_L = Scorer(
    name="rougeL", needs=frozenset({"reference"}), config=RougeLConfig, score=rouge_l, summarize=summarize_rouge
)
