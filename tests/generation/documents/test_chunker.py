"""Documents into chunks: offsets that hold, sizes in bounds, cuts where structure and topic change."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.generation.documents.chunks.chunker import split_document
from service.generation.documents.chunks.sentences import count_words, find_sentences
from service.generation.documents.chunks.topic_shift import measure_cohesion
from service.generation.documents.document import Chunk, Document
from service.generation.documents.readers.builder import Draft
from service.generation.documents.readers.reader import read_document
from tests.generation.documents.document_files import drawn, line, pdf

WORD = st.sampled_from(["bread", "oven", "Paris", "ist", "x" * 50, "e.g.", "1.5", "漢字", "—", "Dr."])
SENTENCE = st.builds(
    lambda count_words, end: " ".join(count_words).capitalize() + end,
    st.lists(WORD, min_size=1, max_size=15),
    st.sampled_from([". ", "! ", "。", "\n", " "]),
)
TEXT = st.builds("".join, st.lists(SENTENCE, min_size=1, max_size=25))
KIND = st.sampled_from(["heading", "paragraph", "paragraph", "list", "table", "code", "quote"])
BLOCKS = st.lists(st.tuples(KIND, TEXT, st.integers(1, 4)), min_size=1, max_size=25)


def build_document(*blocks: tuple[str, str] | tuple[str, str, int]) -> Document:
    draft = Draft()
    for kind, text, *level in blocks:
        draft.add(kind, text, level=level[0] if level else None)  # type: ignore[arg-type]
    return draft.build_document("text", title="")


def prose(subject: str, *, sentences: int = 5) -> str:
    """Sentences of ten words about one thing."""
    return " ".join(f"The {subject} of {subject} number {number} has a {subject} again." for number in range(sentences))


@settings(max_examples=300, deadline=None)
@given(blocks=BLOCKS, target=st.integers(20, 120), share=st.floats(0, 0.5))
def test_chunks_are_slices_of_the_text_in_bounds_that_leave_out_only_blanks(
    blocks: list[tuple[str, str, int]], target: int, share: float
) -> None:
    document = build_document(*blocks)
    overlap = int(target * share)
    plain, overlapping = (
        split_document(document, target_words=target),
        split_document(document, target_words=target, overlap=overlap),
    )
    for chunk in (*plain, *overlapping):
        assert document.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip() != ""
        assert chunk.words == count_words(chunk.text)
    assert all(chunk.words <= 1.5 * target for chunk in plain)
    assert all(chunk.words <= 1.5 * target + overlap for chunk in overlapping)
    ends = [(0, 0), *((chunk.start, chunk.end) for chunk in plain), (len(document.text), 0)]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    assert "".join(document.text[before[1] : after[0]] for before, after in pairwise(ends)).strip() == ""
    assert [chunk.end for chunk in overlapping] == [chunk.end for chunk in plain]
    assert all(extended.start <= chunk.start for extended, chunk in zip(overlapping, plain, strict=True))


def test_sections_of_a_fair_size_are_chunks_of_their_own() -> None:
    document = build_document(
        ("heading", "Food", 1),
        ("heading", "Bread", 2),
        ("paragraph", prose("bread")),
        ("heading", "Butter", 2),
        ("paragraph", prose("butter")),
        ("paragraph", prose("butter")),
    )
    assert [
        (chunk.text.partition("\n\n")[0], chunk.path, chunk.words)
        for chunk in split_document(document, target_words=80)
    ] == [
        ("Food", ("Food", "Bread"), 52),
        ("Butter", ("Food", "Butter"), 101),
    ]


def test_a_small_section_joins_the_one_it_shares_more_headings_with() -> None:
    document = build_document(
        ("heading", "Food", 1),
        ("heading", "Bread", 2),
        ("paragraph", prose("bread")),
        ("heading", "Salt", 2),
        ("paragraph", "Little is needed."),
        ("heading", "Travel", 1),
        ("paragraph", prose("train")),
    )
    first, second = split_document(document, target_words=80)
    assert (first.path, second.path) == (("Food",), ("Travel",))
    assert first.text.endswith("Salt\n\nLittle is needed.")


def test_a_long_section_is_cut_where_its_words_change() -> None:
    topics = ["bread", "bread", "bread", "train", "train", "train", "train"]
    document = build_document(("heading", "Days", 1), *(("paragraph", prose(topic)) for topic in topics))
    first, second = split_document(document, target_words=180)
    assert ("train" in first.text, "bread" in second.text) == (False, False)


def test_gaps_between_topics_are_the_least_alike() -> None:
    alike = measure_cohesion([prose("bread"), prose("bread"), prose("bread"), prose("train"), prose("train")])
    assert alike.index(min(alike)) == 2
    assert all(0 <= cosine <= 1.000001 for cosine in alike)
    assert measure_cohesion(["one"]) == []
    assert measure_cohesion(["!", "?"]) == [0.0]


@pytest.mark.parametrize("kind", ["table", "list", "code"])
def test_a_table_that_fits_stays_whole_and_a_longer_one_is_cut_between_rows(kind: str) -> None:
    rows = [f"row {number} | has | six" for number in range(40)]
    fits = build_document(
        ("paragraph", prose("bread", sentences=9)), (kind, "\n".join(rows[:10])), ("paragraph", prose("train"))
    )
    assert sum("\n".join(rows[:10]) in chunk.text for chunk in split_document(fits, target_words=60)) == 1
    cut = split_document(build_document((kind, "\n".join(rows))), target_words=60)
    assert len(cut) > 2
    assert [row for chunk in cut for row in chunk.text.split("\n")] == rows


def test_a_paragraph_that_is_too_long_is_cut_between_sentences() -> None:
    chunks = split_document(build_document(("paragraph", prose("bread", sentences=30))), target_words=60)
    assert len(chunks) == 5
    assert all(chunk.text.startswith("The bread") and chunk.text.endswith("again.") for chunk in chunks)


def test_a_heading_stays_with_the_text_that_follows() -> None:
    blocks = [
        block
        for number in range(6)
        for block in (("heading", f"Part {number}", 2), ("paragraph", prose("bread", sentences=8)))
    ]
    for chunk in split_document(build_document(*blocks), target_words=60):
        assert not chunk.text.rpartition("\n\n")[2].startswith("Part")


def test_a_text_without_blanks_or_sentences_is_cut_all_the_same() -> None:
    chunks = split_document(build_document(("paragraph", "x" * 10_000)), target_words=50)
    assert "".join(chunk.text for chunk in chunks) == "x" * 10_000
    assert max(len(chunk.text) for chunk in chunks) <= 75 * 16
    assert all(
        chunk.text.endswith("。")
        for chunk in split_document(build_document(("paragraph", "これは文です。" * 40)), target_words=50)
    )


def test_overlap_begins_at_a_sentence_and_never_crosses_a_heading() -> None:
    long = prose("bread", sentences=24)
    document = build_document(("heading", "A", 1), ("paragraph", long), ("heading", "B", 1), ("paragraph", long))
    plain, overlapping = (
        split_document(document, target_words=80),
        split_document(document, target_words=80, overlap=25),
    )
    moved = [before.start - after.start > 0 for before, after in zip(plain, overlapping, strict=True)]
    assert moved == [not chunk.text.startswith(("A", "B")) for chunk in plain]
    assert True in moved
    for chunk, extended in zip(plain, overlapping, strict=True):
        assert chunk.words <= extended.words <= chunk.words + 25
        assert extended.text.startswith(("The bread", "A", "B"))


def test_a_chunk_knows_its_pages() -> None:
    pages = [
        drawn([line(f"The bread on page {page} is line {row} of them.") for row in range(4)]) for page in range(1, 5)
    ]
    document = read_document(pdf(*pages), name="a.pdf")
    assert isinstance(document, Document)
    assert [chunk.pages for chunk in split_document(document, target_words=60)] == [(1, 2), (3, 4)]
    assert split_document(build_document(("paragraph", "a")))[0] == Chunk(text="a", start=0, end=1, words=1)


@pytest.mark.parametrize(("target", "overlap"), [(19, 0), (0, 0), (100, -1), (100, 51)])
def test_sizes_that_make_no_sense_are_refused(target: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="target_words must be at least 20"):
        split_document(build_document(("paragraph", "a")), target_words=target, overlap=overlap)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Dr. Who met J. Smith, e.g. at 5 p.m. today. Then left.",
            ["Dr. Who met J. Smith, e.g. at 5 p.m. today.", "Then left."],
        ),
        ('He said "Go." She went.', ['He said "Go."', "She went."]),
        ("Version 1.5 is out. 2.0 follows.", ["Version 1.5 is out.", "2.0 follows."]),
        ("これは文です。「はい。」次。", ["これは文です。", "「はい。」", "次。"]),
        ("Wait... what? Да. Нет.", ["Wait... what?", "Да.", "Нет."]),
    ],
)
def test_sentences_end_at_marks_but_not_after_abbreviations(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in find_sentences(text, 0, len(text))] == parts
