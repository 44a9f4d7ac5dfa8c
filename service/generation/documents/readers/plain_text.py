"""Read plain text: blank lines separate blocks; underlined lines are headings."""

import re
from collections.abc import Iterator

from service.generation.documents.document import BlockKind
from service.generation.documents.readers.builder import Draft, clean_text

UNDERLINE = re.compile(r"(=|-|~)\1{2,}\s*")
ITEM = re.compile(r"\s*(?:[-*+•‣▪◦\u2013]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
LEVELS = {"=": 1, "-": 2, "~": 3}


def read(text: str, draft: Draft) -> str:
    """Add the blocks; return "", since plain text has no title."""
    for lines in _split_paragraphs(clean_text(text)):
        _add_block(lines, draft)
    return ""


def _split_paragraphs(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            lines.append(line)
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _add_block(lines: list[str], draft: Draft) -> None:
    if len(lines) > 1 and UNDERLINE.fullmatch(lines[1]) and not UNDERLINE.fullmatch(lines[0]):
        draft.add("heading", lines[0], level=LEVELS[lines[1][0]])
        lines = lines[2:]
    if lines:
        draft.add(find_block_kind(lines), "\n".join(lines))


def find_block_kind(lines: list[str]) -> BlockKind:
    """A table if every line has tabs; a list if it begins with an item and has several; else a paragraph."""
    if len(lines) > 1 and all("\t" in line.strip() for line in lines):
        return "table"
    if ITEM.match(lines[0]) and sum(1 for line in lines if ITEM.match(line)) > 1:
        return "list"
    return "paragraph"
