"""Categories read out of free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tasks.category_match import find_category, match_category

NEWS = ("sports", "world news", "news", "C++", "Ökologie")
FALLBACK = "UNABLE_TO_CLASSIFY"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sports", "sports"),
        ("Sports.", "sports"),
        ("The category is **Sports**, not news.", "sports"),
        ("News first, then sports", "news"),
        ("World\n news!", "world news"),
        ("worldnews", FALLBACK),
        ("sportswear", FALLBACK),
        ("sports_wear", FALLBACK),
        ("_sports_ and __news__", "sports"),
        ('{"category": "news"}', "news"),
        ("It is about C++.", "C++"),
        ("C++20", FALLBACK),
        ("O\u0308KOLOGIE", "Ökologie"),
        ("unable_to_classify, though sports comes near", FALLBACK),
        ("none of these", FALLBACK),
        ("", FALLBACK),
        ("\0\ud800 news \udfff", "news"),
    ],
)
def test_the_first_category_named_is_the_answer_and_the_fallback_stands_in(text: str, expected: str) -> None:
    assert match_category(text, NEWS, FALLBACK) == expected


def test_the_longest_name_wins_at_one_place_whatever_the_order_of_the_categories() -> None:
    assert match_category("world news today", ("world", "world news"), None) == "world news"
    assert match_category("world news today", ("world news", "world"), None) == "world news"
    assert match_category("world new", ("world news", "world"), None) == "world"


def test_without_a_fallback_nothing_is_made_up() -> None:
    assert match_category("none of these", NEWS, None) is None
    assert match_category("sports", (), None) is None
    assert match_category("sports", ("", "  "), None) is None


def test_a_fallback_that_is_named_is_told_from_one_that_stands_in() -> None:
    assert find_category("UNABLE_TO_CLASSIFY", NEWS, FALLBACK) == FALLBACK
    assert find_category("no idea", NEWS, FALLBACK) is None


def test_a_fallback_that_is_also_a_category_is_one_name() -> None:
    assert match_category("it is OTHER", ("news", "other"), "other") == "other"


@given(st.text(), st.lists(st.text(min_size=1), max_size=5), st.none() | st.text(min_size=1))
def test_any_text_gives_a_category_or_the_fallback(text: str, categories: list[str], fallback: str | None) -> None:
    assert match_category(text, categories, fallback) in {*categories, fallback}


@given(st.lists(st.text("abc ", min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_a_category_by_itself_names_itself_or_one_of_the_same_key(categories: list[str]) -> None:
    for name in categories:
        category = match_category(f" {name}\t", categories, None)
        assert category is not None
        assert category.split() == name.split()


def test_a_megabyte_is_read() -> None:
    many = [f"category {number}" for number in range(1_000)]
    assert match_category("c " * 500_000 + "category 7", many, None) == "category 7"
