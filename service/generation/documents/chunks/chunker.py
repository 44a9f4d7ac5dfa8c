"""Split a document into chunks: at headings, and in long sections where the words change most."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from service.generation.documents.chunks.sentences import count_words, find_sentences, trim
from service.generation.documents.chunks.spans import Unit, split_into_units
from service.generation.documents.chunks.topic_shift import measure_cohesion
from service.generation.documents.document import Chunk, Document

TARGET_WORDS = 300
MIN_SHARE = 0.25  # of the target; a smaller section joins its neighbour if both fit
MAX_SHARE = 1.5  # of the target; no chunk is longer, except for its overlap
MIN_TARGET = 20  # words
SIZE_WEIGHT = 0.5  # cost of a chunk twice the target; a change of topic is worth up to 1

Section = list[Unit]


def split_document(document: Document, *, target_words: int = TARGET_WORDS, overlap: int = 0) -> list[Chunk]:
    """Chunks in order, which leave out only blanks between them; chunk.text is document.text[start:end].

    A chunk has about `target_words` words, at most 1.5 times as many, and less than a quarter only if it fits into no
    neighbour. If it continues a section, it begins up to `overlap` words earlier, at a sentence.
    Raises ValueError for a target below 20 words, or an overlap that is negative or above half the target.
    """
    if target_words < MIN_TARGET or not 0 <= overlap <= target_words // 2:
        raise ValueError("target_words must be at least 20, and overlap from 0 to half of it")
    max_words = int(target_words * MAX_SHARE)
    min_words = int(target_words * MIN_SHARE)
    sections = _split_at_headings(split_into_units(document, target_words=target_words, max_words=max_words))
    parts = [
        part
        for section in sections
        for part in _split_by_topic(
            document.text, section, target_words=target_words, min_words=min_words, max_words=max_words
        )
    ]
    joined = _join_small(parts, min_words=min_words, max_words=max_words)
    starts = [_find_start(document.text, before, part, overlap=overlap) for before, part in pairwise([[], *joined])]
    return [_build_chunk(document.text, part, start) for part, start in zip(joined, starts, strict=True)]


def _split_at_headings(parts: Iterator[Unit]) -> Iterator[Section]:
    """Each heading begins a section. A heading directly below a higher one stays in its section."""
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


def _split_by_topic(
    text: str, section: Section, *, target_words: int, min_words: int, max_words: int
) -> Iterator[Section]:
    words_left = _sum_words(section)
    if words_left <= max_words:
        yield section
        return
    cohesion = measure_cohesion([text[unit.start : unit.end] for unit in section])
    begin = 0
    while words_left > max_words:
        end = _find_best_cut(
            section, cohesion, begin, words_left, target_words=target_words, min_words=min_words, max_words=max_words
        )
        yield section[begin:end]
        words_left -= _sum_words(section[begin:end])
        begin = end
    yield section[begin:]


def _find_best_cut(
    section: Section,
    cohesion: list[float],
    begin: int,
    words_left: int,
    *,
    target_words: int,
    min_words: int,
    max_words: int,
) -> int:
    """The end of the chunk that starts at `begin`: where words change most, near the target, not after a heading."""
    best, lowest = begin + 1, (True, float("inf"))
    size = 0
    for end in range(begin + 1, len(section)):
        size += section[end - 1].words
        if size > max_words:
            break
        is_awkward = section[end - 1].level is not None or size < min_words or words_left - size < min_words
        cost = (is_awkward, cohesion[end - 1] + SIZE_WEIGHT * abs(size - target_words) / target_words)
        if cost < lowest:
            best, lowest = end, cost
    return best


def _join_small(parts: list[Section], *, min_words: int, max_words: int) -> list[Section]:
    """Join small parts to the neighbour that shares more headings with them, if both fit."""
    joined: list[Section] = []
    for part in parts:
        if not joined:
            joined.append(part)
            continue
        last = joined[-1]
        if (
            _sum_words(last) < min_words
            and _fits_together(last, part, max_words)
            and not _belongs_to_previous(joined, part, max_words)
        ):
            joined[-1] = last + part
            continue
        if _sum_words(last) < min_words and len(joined) > 1 and _fits_together(joined[-2], last, max_words):
            joined[-2:] = [joined[-2] + last]
        joined.append(part)
    if len(joined) > 1 and _sum_words(joined[-1]) < min_words and _fits_together(joined[-2], joined[-1], max_words):
        joined[-2:] = [joined[-2] + joined[-1]]
    return joined


def _fits_together(first: Section, second: Section, max_words: int) -> bool:
    return _sum_words(first) + _sum_words(second) <= max_words


def _belongs_to_previous(joined: list[Section], following: Section, max_words: int) -> bool:
    """Whether the last part shares more headings with the one before it than with the following one."""
    if len(joined) < 2 or not _fits_together(joined[-2], joined[-1], max_words):  # noqa: PLR2004 - no part before
        return False
    return len(_find_common_path(joined[-2] + joined[-1])) > len(_find_common_path(joined[-1] + following))


def _find_common_path(part: Section) -> tuple[str, ...]:
    """The headings above all of a part's text."""
    paths = [unit.path for unit in part if unit.level is None] or [unit.path for unit in part]
    first, last = min(paths), max(paths)  # what these two share, all paths share
    depth_of_difference = next(
        (depth for depth, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), None
    )
    return first[: min(len(first), len(last)) if depth_of_difference is None else depth_of_difference]


def _find_start(text: str, before: Section, part: Section, *, overlap: int) -> int:
    """The start of a chunk: up to `overlap` words earlier, at a sentence, unless it begins with a heading."""
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
