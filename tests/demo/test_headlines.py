"""The demo's data: enough of it, every example different, and a repair for each headline that is bad on purpose."""

from collections import Counter
from difflib import SequenceMatcher
from importlib.resources import files
from itertools import combinations
from typing import Literal

import msgspec
import pytest

CATEGORIES = {
    "media-and-entertainment",
    "world-news",
    "culture-and-arts",
    "science-and-technology",
    "sports",
    "politics",
    "money-and-business",
    "style-and-beauty",
}
NEEDS_WORK = "needs-work"


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Literal["system", "user", "assistant"]
    content: str


class Headline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    messages: tuple[Message, Message, Message]
    external_id: str
    split: Literal["train", "validation", "test"]
    tags: list[str]

    @property
    def summary(self) -> str:
        return self.messages[1].content

    @property
    def output(self) -> str:
        return self.messages[2].content

    @property
    def bad(self) -> bool:
        return NEEDS_WORK in self.tags


class Repair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    external_id: str
    instruction: str
    output: str


class Complaint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    summary: str
    comment: str
    correction: str


def lines(name: str) -> list[bytes]:
    return files("service").joinpath("demo", name).read_bytes().splitlines()


FIRST = [msgspec.json.decode(line, type=Headline) for line in lines("headlines.jsonl")]
MORE = [msgspec.json.decode(line, type=Headline) for line in lines("more_headlines.jsonl")]
REPAIRS = [msgspec.json.decode(line, type=Repair) for line in lines("repairs.jsonl")]
COMPLAINTS = [msgspec.json.decode(line, type=Complaint) for line in lines("complaints.jsonl")]
ALL = [*FIRST, *MORE]


def words(text: str) -> int:
    return len(text.split())


def vocabulary(text: str) -> set[str]:
    return {word.strip(".,:;?!\"'()").lower() for word in text.split()}


def near_repeats(summaries: list[str]) -> list[tuple[str, str]]:
    known = [(summary, vocabulary(summary)) for summary in summaries]
    # Comparing letters takes a millisecond a pair: only pairs that share a quarter of their words get that far.
    close = [(a, b) for (a, x), (b, y) in combinations(known, 2) if len(x & y) * 4 >= len(x | y)]
    return [pair for pair in close if SequenceMatcher(None, *pair, autojunk=False).ratio() >= 0.8]


def test_the_ids_count_up_in_both_files() -> None:
    assert [example.external_id for example in FIRST] == [f"headline-{n:03}" for n in range(1, 265)]
    assert [example.external_id for example in MORE] == [f"headline-{n}" for n in range(301, 349)]


def test_a_tenth_is_for_testing_and_a_tenth_for_validation_in_every_category() -> None:
    assert Counter(example.split for example in ALL) == {"train": 248, "validation": 34, "test": 30}
    for split in ("validation", "test"):
        assert {example.tags[0] for example in ALL if example.split == split} == CATEGORIES


@pytest.mark.parametrize(("examples", "each"), [(FIRST, 33), (MORE, 6)], ids=["first", "more"])
def test_every_category_has_its_share(examples: list[Headline], each: int) -> None:
    assert Counter(example.tags[0] for example in examples) == dict.fromkeys(CATEGORIES, each)


def test_the_only_second_tag_is_needs_work() -> None:
    assert {tuple(example.tags[1:]) for example in ALL} == {(), (NEEDS_WORK,)}


def test_every_example_is_one_instruction_one_summary_and_one_headline() -> None:
    assert {tuple(m.role for m in example.messages) for example in ALL} == {("system", "user", "assistant")}
    assert {example.messages[0].content for example in ALL} == {"You write headlines for short news summaries."}


def test_summaries_have_30_to_60_words() -> None:
    assert [example.external_id for example in ALL if not 30 <= words(example.summary) <= 60] == []


def test_good_headlines_have_5_to_12_words() -> None:
    good = [example for example in ALL if not example.bad]
    assert [example.external_id for example in good if not 5 <= words(example.output) <= 12] == []


def test_good_headlines_neither_shout_nor_end_like_a_sentence() -> None:
    good = [example for example in ALL if not example.bad]
    assert [example.output for example in good if example.output.isupper() or example.output[-1] in ".!?"] == []


def test_no_summary_and_no_headline_comes_twice() -> None:
    assert len({example.summary for example in ALL}) == len(ALL)
    assert len({example.output.lower() for example in ALL}) == len(ALL)


def test_no_summary_nearly_repeats_another() -> None:
    assert near_repeats([example.summary for example in ALL]) == []


def test_a_summary_with_two_words_changed_would_be_noticed() -> None:
    first, *others = (example.summary for example in ALL)
    copied = " ".join(["Yesterday", *first.split()[2:]])
    assert near_repeats([first, *others, copied]) == [(first, copied)]


def test_no_two_summaries_start_alike() -> None:
    openings = Counter(" ".join(example.summary.lower().split()[:4]) for example in ALL)
    assert [opening for opening, count in openings.items() if count > 1] == []


def test_two_headlines_of_each_category_need_work() -> None:
    assert Counter(example.tags[0] for example in FIRST if example.bad) == dict.fromkeys(CATEGORIES, 2)
    assert [example.external_id for example in MORE if example.bad] == []


def test_every_headline_that_needs_work_has_its_one_repair() -> None:
    assert [repair.external_id for repair in REPAIRS] == [example.external_id for example in FIRST if example.bad]


def test_a_repair_says_why_and_is_itself_a_good_headline() -> None:
    before = {example.external_id: example.output for example in FIRST}
    for repair in REPAIRS:
        assert words(repair.instruction) >= 5, repair.external_id
        assert 5 <= words(repair.output) <= 12, repair.external_id
        assert repair.output not in before.values(), repair.external_id
        assert not repair.output.isupper(), repair.external_id


def test_complaints_are_about_summaries_that_no_example_has_and_bring_a_good_headline() -> None:
    summaries = [complaint.summary for complaint in COMPLAINTS]
    assert near_repeats([example.summary for example in ALL] + summaries) == []
    assert [summary for summary in summaries if not 30 <= words(summary) <= 60] == []
    assert len(COMPLAINTS) == 5
    for complaint in COMPLAINTS:
        assert 5 <= words(complaint.correction) <= 12, complaint.correction
        assert complaint.comment.endswith("."), complaint.comment


FILES = ["headlines.jsonl", "more_headlines.jsonl", "repairs.jsonl", "complaints.jsonl"]


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_plain_utf8_lines_without_control_characters(name: str) -> None:
    text = files("service").joinpath("demo", name).read_text("utf-8")
    assert text.endswith("}\n")
    assert "\r" not in text
    assert [char for char in text if char != "\n" and not char.isprintable()] == []
