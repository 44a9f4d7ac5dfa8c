"""Splits a document by its structure and topics: at headings, and in long sections where the words change most."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from service.generation.documents.chunks.sentences import count_words, find_sentences, trim
from service.generation.documents.chunks.spans import Unit, split_into_units
from service.generation.documents.chunks.topic_shift import measure_cohesion
from service.generation.documents.document import Chunk, Document

TARGET_WORDS = 300
MIN_SHARE = 0.25  # of the target: a smaller section joins its neighbour, where the two fit
MAX_SHARE = 1.5  # of the target: no chunk is longer, but for its overlap
MIN_TARGET = 20  # words
SIZE_WEIGHT = 0.5  # what being off the target by all of it costs, where a change of topic is worth up to 1

Section = list[Unit]


def split_document(document: Document, *, target_words: int = TARGET_WORDS, overlap: int = 0) -> list[Chunk]:
    """Chunks in order that leave out nothing but blanks between them; chunk.text is document.text[start:end].

    A chunk has about `target_words` words, at most 1.5 times as many, and under a quarter only where it fits nowhere.
    It begins up to `overlap` words earlier, at a sentence, where it goes on in the section of the chunk before.
    Raises ValueError for a target below 20 words, or an overlap that is negative or above half the target.
    """
    if target_words < MIN_TARGET or not 0 <= overlap <= target_words // 2:
        raise ValueError("a chunk has 20 words or more, and at most half of them from the chunk before")
    most = int(target_words * MAX_SHARE)
    fewest = int(target_words * MIN_SHARE)
    sections = _split_at_headings(split_into_units(document, target=target_words, most=most))
    parts = [
        part
        for section in sections
        for part in _split_by_topic(document.text, section, target=target_words, fewest=fewest, most=most)
    ]
    joined = _join_small(parts, fewest=fewest, most=most)
    starts = [_find_start(document.text, before, part, overlap=overlap) for before, part in pairwise([[], *joined])]
    return [_build_chunk(document.text, part, start) for part, start in zip(joined, starts, strict=True)]


def _split_at_headings(parts: Iterator[Unit]) -> Iterator[Section]:
    """A section begins at each heading; headings that follow on one another, each deeper, stay with the first text."""
    section: Section = []
    for unit in parts:
        if section and unit.level is not None and not _is_deeper(section[-1], unit):
            yield section
            section = []
        section.append(unit)
    if section:
        yield section


def _is_deeper(above: Unit, below: Unit) -> bool:
    return above.level is not None and below.level is not None and above.level < below.level


def _sum_words(part: Sequence[Unit]) -> int:
    return sum(unit.words for unit in part)


def _split_by_topic(text: str, section: Section, *, target: int, fewest: int, most: int) -> Iterator[Section]:
    left = _sum_words(section)
    if left <= most:
        yield section
        return
    alike = measure_cohesion([text[unit.start : unit.end] for unit in section])
    begin = 0
    while left > most:
        end = _find_best_cut(section, alike, begin, left, target=target, fewest=fewest, most=most)
        yield section[begin:end]
        left -= _sum_words(section[begin:end])
        begin = end
    yield section[begin:]


def _find_best_cut(
    section: Section, alike: list[float], begin: int, left: int, *, target: int, fewest: int, most: int
) -> int:
    """Where to end the chunk begun: where words change most, near the target, and if possible not after a heading."""
    best, lowest = begin + 1, (True, float("inf"))
    size = 0
    for end in range(begin + 1, len(section)):
        size += section[end - 1].words
        if size > most:
            break
        awkward = section[end - 1].level is not None or size < fewest or left - size < fewest
        cost = (awkward, alike[end - 1] + SIZE_WEIGHT * abs(size - target) / target)
        if cost < lowest:
            best, lowest = end, cost
    return best


def _join_small(parts: list[Section], *, fewest: int, most: int) -> list[Section]:
    """Small parts joined to the neighbour they have more headings in common with, where the two fit."""
    joined: list[Section] = []
    for part in parts:
        if not joined:
            joined.append(part)
            continue
        last = joined[-1]
        if (
            _sum_words(last) < fewest
            and _fits_together(last, part, most)
            and not _belongs_to_previous(joined, part, most)
        ):
            joined[-1] = last + part
            continue
        if _sum_words(last) < fewest and len(joined) > 1 and _fits_together(joined[-2], last, most):
            joined[-2:] = [joined[-2] + last]
        joined.append(part)
    if len(joined) > 1 and _sum_words(joined[-1]) < fewest and _fits_together(joined[-2], joined[-1], most):
        joined[-2:] = [joined[-2] + joined[-1]]
    return joined


def _fits_together(first: Section, second: Section, most: int) -> bool:
    return _sum_words(first) + _sum_words(second) <= most


def _belongs_to_previous(joined: list[Section], following: Section, most: int) -> bool:
    """Whether the last part is nearer to the one before it than to the one that follows."""
    if len(joined) < 2 or not _fits_together(joined[-2], joined[-1], most):  # noqa: PLR2004 - there is none before
        return False
    return len(_find_common_path(joined[-2] + joined[-1])) > len(_find_common_path(joined[-1] + following))


def _find_common_path(part: Section) -> tuple[str, ...]:
    """The headings all of a part's text stands under."""
    paths = [unit.path for unit in part if unit.level is None] or [unit.path for unit in part]
    first, last = min(paths), max(paths)  # what these two share, all between them share
    same = next((depth for depth, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), None)
    return first[: min(len(first), len(last)) if same is None else same]


def _find_start(text: str, before: Section, part: Section, *, overlap: int) -> int:
    """Where a chunk begins: earlier by whole sentences of at most `overlap` words, unless a heading begins it."""
    start = part[0].start
    if not overlap or not before or part[0].level is not None:
        return start
    return next(
        (
            sentence
            for sentence, _ in find_sentences(text, before[0].start, before[-1].end)
            if sentence > before[0].start and count_words(text, sentence, before[-1].end) <= overlap
        ),
        start,
    )


def _build_chunk(text: str, part: Section, start: int) -> Chunk:
    start, end = trim(text, start, part[-1].end)
    pages = [unit.page for unit in part if unit.page is not None]
    return Chunk(
        text=text[start:end],
        start=start,
        end=end,
        words=count_words(text, start, end),
        path=_find_common_path(part),
        pages=(pages[0], pages[-1]) if pages else None,
    )
