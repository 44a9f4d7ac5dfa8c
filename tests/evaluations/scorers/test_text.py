"""Scorers of text, against published figures and other libraries."""

import difflib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.translate.bleu_score import corpus_bleu, sentence_bleu
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from service.errors import Invalid
from service.evaluations.scorers.scorer_registry import read_config
from service.evaluations.scorers.subsequences import MAX_ITEMS, common_length
from tests.evaluations.subjects import scored, summed, value

# The examples in the card of Hugging Face's metric exact_match; it says 33.3% as they are, and 100% without
# "the ", "?" and case, which is what SQuAD's normalization takes away.
SQUAD = [("cat?", "the cat"), ("theater", "theater"), ("yelling", "YELLING")]
WORDS = st.lists(st.sampled_from(["the", "cat", "sat", "on", "mat", "a", "dog", "Cats", "running", "ran", "7", "ü"]))
TEXTS = WORDS.map(" ".join)


def test_exact_and_normalized_match_agree_with_the_card_of_exact_match() -> None:
    assert summed("exact_match", SQUAD)["mean"] == pytest.approx(1 / 3)
    assert summed("normalized_match", SQUAD)["mean"] == 1.0


@pytest.mark.parametrize(
    ("output", "expected", "passes"),
    [("a\n", "a", False), ("", "", True), ("A", "a", False), ("e\u0301", "é", False), ("\0\ud800", "\0\ud800", True)],
)
def test_an_exact_match_forgives_nothing(output: str, expected: str, *, passes: bool) -> None:
    assert scored("exact_match", output, expected).passed is passes


def test_white_space_around_is_forgiven_when_asked() -> None:
    assert scored("exact_match", " a\n", "a", trim=True).passed
    assert not scored("exact_match", "a b", "a  b", trim=True).passed


@pytest.mark.parametrize(
    ("output", "expected", "passes"),
    [
        ("The  Beatles!", "beatles", True),
        ("an apple, a day", "apple day", True),
        ("theory", "ory", False),
        ("U.S.A.", "usa", True),
        ("die Katze", "katze", False),
    ],
)
def test_normalization_is_that_of_squad(output: str, expected: str, *, passes: bool) -> None:
    assert scored("normalized_match", output, expected).passed is passes


def test_articles_of_another_language_can_be_left_out() -> None:
    assert scored("normalized_match", "Die Katze", "katze", articles=["der", "die", "das"]).passed
    assert not scored("normalized_match", "the cat", "cat", articles=[]).passed


@pytest.mark.parametrize(  # computed by rapidfuzz 3.14.6, distance.Indel.normalized_similarity
    ("output", "expected", "ratio"),
    [
        ("kitten", "sitting", 0.6153846153846154),
        ("lewenstein", "levenshtein", 0.8571428571428572),
        ("Rain delays the final by a day", "Rain delayed the final for two days", 0.8),
        ("this is a test", "this is a test!", 0.9655172413793104),  # fuzz.ratio of thefuzz's README, there rounded: 97
        ("fuzzy wuzzy was a bear", "wuzzy fuzzy was a bear", 0.9090909090909091),  # the same, 91
        ("größer", "grosser", 0.6153846153846154),
        ("abc", "", 0.0),
        ("ab", "cd", 0.0),
        ("", "", 1.0),
    ],
)
def test_the_similarity_ratio_is_that_of_rapidfuzz(output: str, expected: str, ratio: float) -> None:
    assert value("similarity_ratio", output, expected) == pytest.approx(ratio, abs=1e-12)
    assert value("similarity_ratio", expected, output) == pytest.approx(ratio, abs=1e-12)


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_a_common_subsequence_is_as_long_as_the_plain_table_says(a: str, b: str) -> None:
    row = [0] * (len(b) + 1)
    for x in a:
        before = row
        row = [0]
        for place, y in enumerate(b):
            row.append(before[place] + 1 if x == y else max(before[place + 1], row[place]))
    assert common_length(a, b) == row[-1]
    assert common_length(a, b) >= sum(block.size for block in difflib.SequenceMatcher(a=a, b=b).get_matching_blocks())


def test_what_lies_beyond_the_first_fifty_thousand_characters_counts_as_different() -> None:
    result = scored("similarity_ratio", "ab" * MAX_ITEMS, "ab" * MAX_ITEMS + "c")
    assert result.details == {"cut": True}
    assert result.value == pytest.approx(2 * MAX_ITEMS / (4 * MAX_ITEMS + 1))


def test_a_least_ratio_decides_what_passes() -> None:
    assert scored("similarity_ratio", "kitten", "sitting", least=0.6).passed is True
    assert scored("similarity_ratio", "kitten", "sitting", least=0.62).passed is False
    assert scored("similarity_ratio", "kitten", "sitting").passed is None


@given(st.text("ab.", max_size=8), st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=3))
def test_containing_is_what_pythons_regular_expressions_find(text: str, sought: list[str]) -> None:
    matches = [re.search(re.escape(part), text) is not None for part in sought]
    assert scored("contains", text, texts=sought).passed is all(matches)
    assert scored("contains", text, texts=sought, mode="any").passed is any(matches)
    assert scored("contains", text, texts=sought, mode="none").passed is not any(matches)
    assert scored("contains", text, texts=sought).details["found"] == [n for n, there in enumerate(matches) if there]


def test_without_texts_the_expected_one_is_looked_for() -> None:
    assert scored("contains", "It is Paris.", "Paris").passed
    assert not scored("contains", "It is paris.", "Paris").passed
    assert scored("contains", "It is STRASSE 1", "Straße", ignore_case=True).passed
    assert scored("contains", "It is Paris.").details["reason"] == "no_reference"


@given(st.from_regex(r"([ab]|\.|\[ab\]|\(a\|b\))[*+?]?([ab]|\.)?", fullmatch=True), st.text("abc\n", max_size=6))
def test_patterns_match_what_pythons_engine_matches(pattern: str, text: str) -> None:
    assert scored("regex", text, pattern=pattern).passed is (re.search(pattern, text) is not None)
    assert scored("regex", text, pattern=pattern, whole=True).passed is (re.fullmatch(pattern, text) is not None)
    assert scored("regex", text, pattern=pattern, mode="none").passed is (re.search(pattern, text) is None)


def test_alternatives_are_held_together_when_the_whole_text_is_to_match() -> None:
    assert scored("regex", "b", pattern="a|b", whole=True).passed
    assert not scored("regex", "ab", pattern="a|b", whole=True).passed
    assert not scored("regex", "x\nb\n", pattern="(?m)^b$", whole=True).passed


def test_a_pattern_that_hangs_other_engines_answers_at_once() -> None:
    assert not scored("regex", "a" * 1_000_000 + "!", pattern=r"^(a+)+$").passed
    assert not scored("regex", "x" * 1_000_000, pattern=r"(.*)*y(.*)*y").passed


@pytest.mark.parametrize("pattern", ["(", "a)(b", r"(a)\1", "(?=a)", "a{1000}{1000}", "x" * 1_001, "", "\0", "\ud800"])
def test_a_pattern_that_cannot_be_used_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_config({"scorer": "regex", "pattern": pattern}, at="/scorers/2")
    assert refused.value.errors[0].pointer == "/scorers/2/pattern"


# Papineni's sentences as nltk's documentation has them, here with one reference each.
HYPOTHESIS = "It is a guide to action which ensures that the military always obeys the commands of the party"
REFERENCE = "It is a guide to action that ensures that the military will forever heed Party commands"
HISTORY = (
    "he read the book because he was interested in world history",
    "he was interested in world history because he read the book",
)
CORPUS = [(HYPOTHESIS, REFERENCE), HISTORY]


def test_bleu_agrees_with_nltk() -> None:
    for output, expected in CORPUS:
        other = 100 * sentence_bleu([expected.split()], output.split())
        assert value("bleu", output, expected) == pytest.approx(other)
    assert value("bleu", *CORPUS[0]) == pytest.approx(41.18037635691578)  # by nltk 3.10.4


def test_corpus_bleu_is_that_of_all_rows_together_and_not_their_mean() -> None:
    summary = summed("bleu", CORPUS)
    other = 100 * corpus_bleu([[expected.split()] for _, expected in CORPUS], [output.split() for output, _ in CORPUS])
    assert summary["corpus"] == pytest.approx(other)
    assert summary["corpus"] == pytest.approx(53.140826794685914)  # by nltk 3.10.4
    assert summary["mean"] == pytest.approx((41.18037635691578 + 74.00828044922852) / 2)


@pytest.mark.parametrize(  # of sacrebleu's own test_bleu.py, test_case_effective_order
    ("output", "expected", "figure"), [("test", "a test", 36.78794411714425), ("a test", "a test", 100.0)]
)
def test_short_texts_have_the_bleu_of_sacrebleus_tests(output: str, expected: str, figure: float) -> None:
    assert value("bleu", output, expected) == pytest.approx(figure)


@given(st.lists(st.tuples(TEXTS, TEXTS.filter(str.strip)), min_size=1, max_size=4))
def test_bleu_of_a_corpus_is_sacrebleus(pairs: list[tuple[str, str]]) -> None:
    outputs, expected = zip(*pairs, strict=True)
    assert summed("bleu", pairs)["corpus"] == pytest.approx(BLEU().corpus_score(outputs, [expected]).score)


@pytest.mark.parametrize(  # of sacrebleu's own test_chrf.py, test_cases_effective_order; β makes no difference to them
    ("pairs", "figure"),
    [
        ([("a", "a")], 100.0),
        ([("", "reference")], 0.0),
        ([("a b c", "a b c")], 100.0),
        ([("a b c", "abc")], 100.0),
        ([("a", "a"), ("b", "c")], 50.0),
        ([("aa", "ab")], 25.0),
    ],
)
def test_chrf_has_the_figures_of_sacrebleus_tests(pairs: list[tuple[str, str]], figure: float) -> None:
    assert summed("chrf", pairs)["corpus"] == pytest.approx(figure)


@given(st.lists(st.tuples(st.text("ab c", max_size=12), TEXTS.filter(str.strip)), min_size=1, max_size=4))
def test_chrf_of_rows_and_of_a_corpus_is_sacrebleus(pairs: list[tuple[str, str]]) -> None:
    outputs, expected = zip(*pairs, strict=True)
    assert summed("chrf", pairs)["corpus"] == pytest.approx(CHRF().corpus_score(outputs, [expected]).score)
    for output, text in pairs:
        assert value("chrf", output, text) == pytest.approx(CHRF().sentence_score(output, [text]).score)


def test_chrf_of_a_sentence_is_as_sacrebleu_computes_it() -> None:
    czech = "Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře."
    other = "Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře."
    # sacrebleu's test_chrf.py says 39.14078509, where it smooths orders that a text is too short for
    assert value("chrf", czech, other) == pytest.approx(39.14, abs=0.01)


# Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", section 3.1: "police killed the gunman".
KILLED = "police killed the gunman"


def test_rouge_tells_the_sentences_of_lins_paper_apart() -> None:
    assert value("rougeL", "police kill the gunman", KILLED) == pytest.approx(3 / 4)
    assert value("rougeL", "the gunman kill police", KILLED) == pytest.approx(2 / 4)
    assert value("rouge2", "police kill the gunman", KILLED) == value("rouge2", "the gunman kill police", KILLED)


@pytest.mark.parametrize(  # of rouge-score's own rouge_scorer_test.py: recall, precision, F1
    ("scorer", "output", "figures"),
    [
        ("rouge1", "testing", (1 / 3, 1, 1 / 2)),
        ("rouge2", "testing one", (1 / 2, 1, 2 / 3)),
        ("rougeL", "testing one", (2 / 3, 1, 4 / 5)),
        ("rougeL", "testing two", (2 / 3, 1, 4 / 5)),
        ("rouge1", "", (0, 0, 0)),
        ("rouge2", "", (0, 0, 0)),
        ("rougeL", "", (0, 0, 0)),
    ],
)
def test_rouge_has_the_figures_of_rouge_scores_tests(
    scorer: str, output: str, figures: tuple[float, float, float]
) -> None:
    result = scored(scorer, output, "testing one two")
    assert (result.details["recall"], result.details["precision"], result.value) == pytest.approx(figures)


@pytest.mark.parametrize("scorer", ["rouge1", "rouge2", "rougeL"])
@pytest.mark.parametrize("stem", [False, True])
@given(output=TEXTS, expected=TEXTS)
def test_rouge_is_that_of_rouge_score(scorer: str, output: str, expected: str, *, stem: bool) -> None:
    result = scored(scorer, output, expected, stem=stem)
    other = RougeScorer([scorer], use_stemmer=stem).score(expected, output)[scorer]
    assert (result.value or 0.0) == pytest.approx(other.fmeasure)


def test_words_of_other_scripts_count_when_asked() -> None:
    assert scored("rouge1", "кошка сидит", "кошка спит").details["reason"] == "no_words"
    assert value("rouge1", "кошка сидит", "кошка спит", words="unicode") == pytest.approx(0.5)
    assert value("rougeL", "Grüße, Jürgen", "grüße jürgen", words="unicode") == 1.0


@pytest.mark.parametrize(
    "settings",
    [
        {"scorer": "rouge1", "stem": True, "words": "unicode"},
        {"scorer": "rouge1", "least": 2},
        {"scorer": "bleu", "tokenizer": "none of ours"},
        {"scorer": "contains", "texts": [""]},
        {"scorer": "no such scorer"},
        {"scorer": "exact_match", "unknown": 1},
        {"scorer": "exact_match", "label": ""},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_config(settings)
