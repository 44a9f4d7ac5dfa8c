"""Find words and sentences of any language by punctuation, well enough to cut a text at good places."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

# Han, kana and hangul have no blanks: each sign counts as a word. A longer run counts one word per 16 letters.
SIGNS = "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(rf"[{SIGNS}]|[^\s{SIGNS}]{{1,16}}")
ENDS = re.compile(
    r"[.!?\u2026]{1,4}[\"'\u2019\u201d\u00bb)\]]{0,3}\s|[\u3002\uff01\uff1f][\u300d\u300f\u201d]{0,2}|\n\n"
)
OPENING = "\"'\u2018\u201c\u00ab([\u00bf\u00a1"
LAST_WORD = re.compile(r"[\w.]{1,12}\Z")
ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        "al approx art bzw ca cf ch col dept dr e.g ed eds eq etc ex fig figs gen hr i.e inc jr lt ltd m mr mrs ms "
        "mt nr no nos op p pp prof rep resp rev sec sr st u.a usw vgl viz vol vols vs z.b",
    )
)


def count_words(text: str, start: int = 0, end: int | None = None) -> int:
    """The number of words in text[start:end]."""
    return sum(1 for _ in WORD.finditer(text, start, len(text) if end is None else end))


def trim(text: str, start: int, end: int) -> Span:
    """The span without the blanks at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def find_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of the sentences in text[start:end], trimmed; empty ones are left out."""
    begin = start
    for mark in ENDS.finditer(text, start, end):
        if _is_sentence_end(text, mark, end):
            span = trim(text, begin, mark.end())
            if span[0] < span[1]:
                yield span
            begin = mark.end()
    span = trim(text, begin, end)
    if span[0] < span[1]:
        yield span


def _is_sentence_end(text: str, mark: re.Match[str], end: int) -> bool:
    """Whether a sentence ends at the mark: not after an abbreviation or before a lowercase letter."""
    if not mark[0].startswith("."):
        return True
    following = mark.end()
    while following < end and (text[following].isspace() or text[following] in OPENING):
        following += 1
    if following < end and text[following].islower():
        return False
    before = LAST_WORD.search(text, max(0, mark.start() - 12), mark.start())
    last = before[0].lower() if before else ""
    return last not in ABBREVIATIONS and not (len(last) == 1 and last.isalpha() and last.isascii())


def find_lines(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of the lines in text[start:end], trimmed; empty ones are left out."""
    while start < end:
        line_end = text.find("\n", start, end)
        line_end = end if line_end < 0 else line_end
        span = trim(text, start, line_end)
        if span[0] < span[1]:
            yield span
        start = line_end + 1


def find_pieces(text: str, start: int, end: int, *, size: int) -> Iterator[Span]:
    """Spans of about `size` words, at most a quarter longer, for text without sentences."""
    count = 0
    begin = last = start
    for word in WORD.finditer(text, start, end):
        if count >= size and (word.start() > last or count >= size * 5 // 4):
            yield trim(text, begin, last)
            begin, count = word.start(), 0
        last = word.end()
        count += 1
    if count:
        yield trim(text, begin, last)
