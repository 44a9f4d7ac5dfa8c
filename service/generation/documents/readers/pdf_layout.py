"""Turn the pieces that a PDF draws into blocks: lines by position, paragraphs by gaps, headings by font size."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import hypot
from statistics import median

import msgspec

from service.generation.documents.readers.builder import Draft
from service.generation.documents.readers.plain_text import ITEM

HEADING_FACTOR = 1.15  # a heading is this much larger than most text
MAX_HEADING_WORDS = 25  # words
PARAGRAPH_GAP_FACTOR = 1.4  # a gap this much above the usual line step begins a paragraph
HYPHENATED = re.compile(r"[^\W\d_]-$")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`size` and `y` in points, y from the bottom of the page."""

    page: int
    text: str
    size: float
    y: float


class Lines:
    """Joins the pieces that pypdf reports for one page into lines. `characters` counts those added so far."""

    def __init__(self, page: int) -> None:
        self.page = page
        self._lines: list[Line] = []
        self._texts: list[str] = []
        self._size = 0.0
        self._y: float | None = None
        self.characters = 0

    def add(self, text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        """Add a piece with its matrices, as pypdf passes them to visitor_text. It may end one or several lines."""
        for index, part in enumerate(text.split("\n")):
            if index:
                self._end()
            if part.strip():
                self._size = max(self._size, round(size * hypot(tm[2], tm[3]) * hypot(cm[2], cm[3]) * 2) / 2)
                self._y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5] if self._y is None else self._y
                self.characters += len(part)
            self._texts.append(part)

    def finish(self) -> list[Line]:
        self._end()
        return self._lines

    def _end(self) -> None:
        if text := " ".join("".join(self._texts).split()):
            self._lines.append(Line(page=self.page, text=text, size=self._size, y=self._y or 0.0))
        self._texts, self._size, self._y = [], 0.0, None


def lay_out(lines: Sequence[Line], draft: Draft) -> None:
    """Add the lines to the draft as headings, lists and paragraphs."""
    body = _find_body_size(lines)
    levels = _find_heading_levels(lines, body=body)
    step = _measure_line_step(lines, body=body)
    for group in _group_lines(lines, levels=levels, step=step):
        first = group[0]
        level = levels.get(first.size)
        if level is not None and sum(len(line.text.split()) for line in group) <= MAX_HEADING_WORDS:
            draft.add("heading", _join_lines(group), level=level, page=first.page)
        elif ITEM.match(first.text):
            draft.add("list", "\n".join(_join_lines(item) for item in _split_items(group)), page=first.page)
        else:
            draft.add("paragraph", _join_lines(group), page=first.page)


def _find_body_size(lines: Iterable[Line]) -> float:
    """The font size of most characters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _find_heading_levels(lines: Iterable[Line], *, body: float) -> dict[float, int]:
    """The heading level of each larger font size; the largest is level 1."""
    larger = sorted({line.size for line in lines if body and line.size >= body * HEADING_FACTOR}, reverse=True)
    return {size: min(level, 6) for level, size in enumerate(larger, 1)}


def _measure_line_step(lines: Sequence[Line], *, body: float) -> float:
    steps = [
        above.y - below.y
        for above, below in pairwise(lines)
        if above.page == below.page and above.size == below.size == body and 0 < above.y - below.y < 4 * body
    ]
    return median(steps) if steps else 0.0


def _group_lines(lines: Iterable[Line], *, levels: dict[float, int], step: float) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in lines:
        if group and _starts_new_group(
            group[-1], line, levels=levels, step=step, is_list=bool(ITEM.match(group[0].text))
        ):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _starts_new_group(above: Line, below: Line, *, levels: dict[float, int], step: float, is_list: bool) -> bool:
    if above.page != below.page or levels.get(above.size) != levels.get(below.size):
        return True
    if ITEM.match(below.text):
        return not is_list
    usual = step * (above.size / below.size if below.size in levels and below.size else 1)
    if below.size in levels:
        usual = max(usual, below.size * PARAGRAPH_GAP_FACTOR)
    down = above.y - below.y
    return bool(step) and (down > usual * PARAGRAPH_GAP_FACTOR or (down < -usual and above.text[-1] in ".!?:"))


def _split_items(group: Sequence[Line]) -> Iterator[list[Line]]:
    item: list[Line] = []
    for line in group:
        if item and ITEM.match(line.text):
            yield item
            item = []
        item.append(line)
    yield item


def _join_lines(lines: Sequence[Line]) -> str:
    """The lines as one; a word hyphenated at the end of a line is joined."""
    text = lines[0].text
    for line in lines[1:]:
        if HYPHENATED.search(text[-2:]) and line.text[0].islower():
            text = text[:-1] + line.text
        else:
            text = f"{text} {line.text}"
    return text
