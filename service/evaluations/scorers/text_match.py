"""Text against the expected text, and against words and patterns it must hold."""

import re
import string
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Literal

import jsonschema_rs
import msgspec

from service.datasets.examples.chat_content import UNPRINTABLE
from service.errors import Fault
from service.evaluations.scorers.scorer import (
    NO_ANSWER,
    NO_REFERENCE,
    Config,
    Score,
    Scorer,
    Share,
    binary_score,
    graded_score,
    summarize,
)
from service.evaluations.scorers.subsequences import MAX_ITEMS, common_length
from service.evaluations.scores.subject import Subject

SearchText = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]
Pattern = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=1_000,
        pattern=r"^[^\x00]*$",
        description="A regular expression of ECMAScript without look-around and back-references;"
        " `(?i)`, `(?s)` and `(?m)` at its start set flags. \\w and \\d are of ASCII, \\p{L} is any letter.",
    ),
]
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)
# This engine has no backtracking: its time is linear in the text whatever the pattern.
_LINEAR = jsonschema_rs.RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000)


class ExactMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="exact_match"):
    """`trim` forgives white space around the texts."""

    trim: bool = False


class NormalizedMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="normalized_match"):
    """`articles` are the words to leave out."""

    articles: Annotated[tuple[SearchText, ...], msgspec.Meta(max_length=100)] = ("a", "an", "the")


class SimilarityRatioConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="similarity_ratio"):
    """`least` is what passes."""

    least: Share | None = None


class ContainsConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="contains"):
    """`texts` are what to look for; without any it is the expected text."""

    texts: Annotated[tuple[SearchText, ...], msgspec.Meta(max_length=100)] = ()
    mode: Literal["all", "any", "none"] = "all"
    ignore_case: bool = False


class RegexConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="regex"):
    """`whole` asks that all of the text matches; with `mode` none a match is what fails."""

    pattern: Pattern
    whole: bool = False
    mode: Literal["any", "none"] = "any"

    def faults(self, *, at: str = "") -> list[Fault]:
        try:
            _compile(self.pattern, whole=False)  # by itself, too: a)(b would fit between the ends
            _compile(self.pattern, whole=self.whole)
        except ValueError:  # which the library's own error is, and text that is not Unicode
            detail = "Invalid or too large. Use a regular expression without look-around or back-references."
            return [Fault(pointer=f"{at}/pattern", detail=detail, code="pattern")]
        return []


def exact_match(subject: Subject, config: ExactMatchConfig) -> Score:
    """1 where the answer is the expected text, character by character, else 0.

    Source: SQuAD's exact match (Rajpurkar et al. 2016), without its normalization.
    """
    if subject.output is None:
        return NO_ANSWER
    if subject.expected is None:
        return NO_REFERENCE
    if config.trim:
        return binary_score(subject.output.strip() == subject.expected.strip())
    return binary_score(subject.output == subject.expected)


def normalized_match(subject: Subject, config: NormalizedMatchConfig) -> Score:
    """1 where the answer is the expected text after normalization, else 0: lower case, without ASCII punctuation,
    without the articles a, an and the, white space as single spaces; in this order.

    Source: `normalize_answer` of the evaluation script of SQuAD (Rajpurkar et al. 2016).
    """
    if subject.output is None:
        return NO_ANSWER
    if subject.expected is None:
        return NO_REFERENCE
    answer, expected = (normalize(text, config.articles) for text in (subject.output, subject.expected))
    return binary_score(answer == expected)


def similarity_ratio(subject: Subject, config: SimilarityRatioConfig) -> Score:
    """2·L / (a + b): L is the length of the longest common subsequence of characters, a and b are the lengths of the
    answer and the expected text; 1 where both are empty.

    The normalized Indel similarity, which rapidfuzz calls `fuzz.ratio` (there from 0 to 100). The first 50,000
    characters of each text are compared, and what lies beyond counts as different (`details.cut`).
    """
    if subject.output is None:
        return NO_ANSWER
    if subject.expected is None:
        return NO_REFERENCE
    answer, expected = subject.output, subject.expected
    lengths = len(answer) + len(expected)
    if answer == expected:
        return graded_score(1.0, least=config.least)
    cut = {"cut": True} if max(len(answer), len(expected)) > MAX_ITEMS else {}
    return graded_score(2 * common_length(answer, expected) / lengths, least=config.least, **cut)


def contains(subject: Subject, config: ContainsConfig) -> Score:
    """1 where the answer holds all (or any, or none) of the given texts, else 0; without given texts, the expected one.

    `details.found` has the places of those that were found in the list of texts.
    """
    if subject.output is None:
        return NO_ANSWER
    texts: Sequence[str] = config.texts
    if not texts:
        if not subject.expected:
            return NO_REFERENCE
        texts = (subject.expected,)
    answer = subject.output.casefold() if config.ignore_case else subject.output
    found = [place for place, text in enumerate(texts) if (text.casefold() if config.ignore_case else text) in answer]
    passed = {"all": len(found) == len(texts), "any": bool(found), "none": not found}[config.mode]
    return binary_score(passed, found=found)


def regex(subject: Subject, config: RegexConfig) -> Score:
    """1 where the pattern matches somewhere in the answer (or nowhere, or all of it), else 0.

    The engine is Rust's `regex`, whose time is linear in the text, so that no pattern can hang a worker.
    """
    if subject.output is None:
        return NO_ANSWER
    matches = _compile(config.pattern, whole=config.whole).is_valid(subject.output.translate(UNPRINTABLE))
    return binary_score(matches is (config.mode == "any"))


def normalize(text: str, articles: Sequence[str] = ("a", "an", "the")) -> str:
    """SQuAD's normal form of an answer."""
    bare = text.lower().translate(_WITHOUT_PUNCTUATION)
    return " ".join((_articles_pattern(tuple(articles)).sub(" ", bare) if articles else bare).split())


@lru_cache(maxsize=128)
def _articles_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


@lru_cache(maxsize=256)
def _compile(pattern: str, *, whole: bool) -> jsonschema_rs.Validator:
    # ^ and $ are the ends of lines in multi-line mode; \A and \z always are the ends of the text.
    anchored = rf"\A(?:{pattern})\z" if whole else pattern
    return jsonschema_rs.validator_for({"type": "string", "pattern": anchored}, pattern_options=_LINEAR)


EXACT_MATCH = Scorer(
    name="exact_match",
    needs=frozenset({"reference"}),
    config=ExactMatchConfig,
    score=exact_match,
    summarize=summarize,
)
NORMALIZED_MATCH = Scorer(
    name="normalized_match",
    needs=frozenset({"reference"}),
    config=NormalizedMatchConfig,
    score=normalized_match,
    summarize=summarize,
)
SIMILARITY_RATIO = Scorer(
    name="similarity_ratio",
    needs=frozenset({"reference"}),
    config=SimilarityRatioConfig,
    score=similarity_ratio,
    summarize=summarize,
)
CONTAINS = Scorer(name="contains", config=ContainsConfig, score=contains, summarize=summarize)
REGEX = Scorer(name="regex", config=RegexConfig, score=regex, summarize=summarize)
