"""The smallest parts of chunks: blocks, or the lines or sentences of a block that is too long for a chunk."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from service.generation.documents.chunks.sentences import Span, count_words, find_lines, find_pieces, find_sentences
from service.generation.documents.document import Block, Document

LINE_BLOCKS = frozenset({"table", "list", "code"})  # cut between lines first
MAX_HEADING_WORDS = 60  # a longer heading is treated as text


class Unit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A span of the document's text. `level` is set for headings."""

    start: int
    end: int
    words: int
    path: tuple[str, ...]
    page: int | None
    level: int | None = None


def split_into_units(document: Document, *, target_words: int, max_words: int) -> Iterator[Unit]:
    """The document in parts of at most `max_words` words; longer blocks become parts of about `target_words`."""
    for block in document.blocks:
        count = count_words(document.text, block.start, block.end)
        if count <= max_words:
            level = block.level if count <= MAX_HEADING_WORDS else None
            yield _build_unit(block, (block.start, block.end), count, level=level)
            continue
        parts = _split_block(document.text, block, size=target_words)
        yield from (_build_unit(block, span, count) for span, count in _pack(parts, size=target_words))


def _build_unit(block: Block, span: Span, count: int, *, level: int | None = None) -> Unit:
    return Unit(start=span[0], end=span[1], words=count, path=block.path, page=block.page, level=level)


def _split_block(text: str, block: Block, *, size: int) -> Iterator[tuple[Span, int]]:
    """Spans of at most 5/4 `size` words, with their word counts. Cut at lines (LINE_BLOCKS), sentences, then words."""
    cutters: list[Callable[[str, int, int], Iterable[Span]]] = [
        *([find_lines] if block.kind in LINE_BLOCKS else []),
        find_sentences,
        lambda text, start, end: find_pieces(text, start, end, size=size),
    ]
    pending: list[tuple[Span, int]] = [((block.start, block.end), 0)]
    while pending:
        span, cutter = pending.pop()
        count = count_words(text, *span)
        if count <= size or cutter == len(cutters):
            yield span, count
        else:
            pending += reversed([(inner, cutter + 1) for inner in cutters[cutter](text, *span)])


def _pack(parts: Iterable[tuple[Span, int]], *, size: int) -> Iterator[tuple[Span, int]]:
    """Join neighbours while they fit into `size` words."""
    packed: tuple[Span, int] | None = None
    for span, count in parts:
        if packed and packed[1] + count <= size:
            packed = (packed[0][0], span[1]), packed[1] + count
            continue
        if packed:
            yield packed
        packed = span, count
    if packed:
        yield packed
