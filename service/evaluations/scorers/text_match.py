"""Compare a text with the expected text, or search it for texts and patterns."""

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
from service.tasks.json_schema import WEIGHT_OF_PATTERN

SearchText = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]
Pattern = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=1_000,
        pattern=r"^[^\x00]*$",
        description="An ECMAScript regular expression without look-around and back-references."
        " `(?i)`, `(?s)` and `(?m)` at the start set flags. \\w and \\d match only ASCII; \\p{L} matches any letter.",
    ),
]
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)
# An engine without backtracking: for any pattern its time is linear in the text.
_LINEAR = jsonschema_rs.RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000)


class ExactMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="exact_match"):
    """`trim` ignores white space around the texts."""

    trim: bool = False


class NormalizedMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="normalized_match"):
    """`articles` are the words to ignore."""

    articles: Annotated[tuple[SearchText, ...], msgspec.Meta(max_length=100)] = ("a", "an", "the")


class SimilarityRatioConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="similarity_ratio"):
    """A ratio of at least `least` passes."""

    least: Share | None = None


class ContainsConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="contains"):
    """`texts` to search for. Default: the expected text."""

    texts: Annotated[tuple[SearchText, ...], msgspec.Meta(max_length=100)] = ()
    mode: Literal["all", "any", "none"] = "all"
    ignore_case: bool = False


class RegexConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="regex"):
    """`whole`: the pattern must match the whole answer. With `mode` none, a match fails."""

    pattern: Pattern
    whole: bool = False
    mode: Literal["any", "none"] = "any"

    def faults(self, *, at: str = "") -> list[Fault]:
        try:
            _compile(self.pattern, whole=False)  # a)(b is invalid, but would compile inside the group for `whole`
            _compile(self.pattern, whole=self.whole)
        except ValueError:  # the library's error, and that of text that is not Unicode
            detail = "Invalid or too large pattern. Use a regular expression without look-around and back-references."
            return [Fault(pointer=f"{at}/pattern", detail=detail, code="pattern")]
        return []


def exact_match(subject: Subject, config: ExactMatchConfig) -> Score:
    """1 if the answer equals the expected text, character by character, else 0.

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
    """1 if the answer equals the expected text after normalization, else 0. Normalization, in this order: lower case,
    no ASCII punctuation, no articles (a, an, the), single spaces.

    Source: `normalize_answer` of the evaluation script of SQuAD (Rajpurkar et al. 2016).
    """
    if subject.output is None:
        return NO_ANSWER
    if subject.expected is None:
        return NO_REFERENCE
    answer, expected = (normalize(text, config.articles) for text in (subject.output, subject.expected))
    return binary_score(answer == expected)


def similarity_ratio(subject: Subject, config: SimilarityRatioConfig) -> Score:
    """2·L / (a + b), where L is the length of the longest common subsequence of characters, and a and b are the lengths
    of the answer and the expected text. 1 if both are empty.

    The normalized Indel similarity, rapidfuzz's `fuzz.ratio` (which is 0 to 100). Only the first 50,000 characters of
    each text are compared; the rest counts as different (`details.cut`).
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
    """1 if the answer contains all (or any, or none) of the texts, else 0. Default: the expected text.

    `details.found` has the indexes of the texts that were found.
    """
    if subject.output is None:
        return NO_ANSWER
    texts: Sequence[str] = config.texts
    if not texts:
        if not subject.expected:
            return NO_REFERENCE
        texts = (subject.expected,)
    answer = subject.output.casefold() if config.ignore_case else subject.output
    matches = [index for index, text in enumerate(texts) if (text.casefold() if config.ignore_case else text) in answer]
    passed = {"all": len(matches) == len(texts), "any": bool(matches), "none": not matches}[config.mode]
    return binary_score(passed, found=matches)


def regex(subject: Subject, config: RegexConfig) -> Score:
    """1 if the pattern matches somewhere in the answer (or nowhere, or the whole answer), else 0.

    The engine is Rust's `regex`: its time is linear in the text. An answer that takes longer than 10 s has no score.
    """
    if subject.output is None:
        return NO_ANSWER
    matches = _compile(config.pattern, whole=config.whole).is_valid(subject.output.translate(UNPRINTABLE))
    return binary_score(matches is (config.mode == "any"))


def weigh_regex(subject: Subject, _: RegexConfig) -> float:
    """Linear in the text, but counted repetitions make a short pattern a large program: characters may cost much."""
    return WEIGHT_OF_PATTERN * len(subject.output or "")


def normalize(text: str, articles: Sequence[str] = ("a", "an", "the")) -> str:
    """Convert a text to SQuAD's normal form."""
    plain = text.lower().translate(_WITHOUT_PUNCTUATION)
    if articles:
        plain = _articles_pattern(tuple(articles)).sub(" ", plain)
    return " ".join(plain.split())


@lru_cache(maxsize=128)
def _articles_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


@lru_cache(maxsize=256)
def _compile(pattern: str, *, whole: bool) -> jsonschema_rs.Validator:
    # Not ^ and $: in multi-line mode these match at the ends of lines.
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
REGEX = Scorer(name="regex", config=RegexConfig, score=regex, summarize=summarize, weigh=weigh_regex)
