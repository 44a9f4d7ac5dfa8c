"""Read HTML: the visible text in blocks. Scripts, styles and linked resources are left out."""

import re
from collections.abc import Iterator

from lxml import etree

from service.generation.documents.document import BlockKind
from service.generation.documents.readers.builder import Draft

SKIPPED = frozenset(
    re.findall(
        r"\w+",
        "audio canvas embed head iframe math noembed noframes noscript object script style svg template textarea video",
    )
)
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
        "footer form header hgroup hr html li main nav p section summary tbody td th thead tr",
    )
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = frozenset({"ul", "ol", "menu"})
CELLS = frozenset({"td", "th"})
ROWS = frozenset({"table", "tr"})
BREAK = "\v"  # stands for <br> until blanks are collapsed


def read(text: str, draft: Draft) -> str:
    """Add the blocks; return the page's title, or ""."""
    # Encoded again, since lxml refuses text that declares an encoding. Without huge_tree the depth is bounded.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    tree = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        draft.note("partial", "The HTML is nested too deeply, or one text in it is too long; the rest was not read.")
    if tree is None:
        return ""
    HtmlWalk(draft).run(tree)
    return tree.findtext("head/title") or ""


class HtmlWalk:
    """Walks a tree and collects text until a block begins or ends."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.texts: list[str] = []
        self.quote_depth = 0

    def run(self, tree: etree._Element) -> None:
        walk = etree.iterwalk(tree, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._leave(element)
            elif self._enter(element):
                walk.skip_subtree()
        self._flush()

    def _enter(self, element: etree._Element) -> bool:
        """Begin an element. True if it is done and its children are to be skipped."""
        tag = element.tag
        if tag in SKIPPED:
            return True
        block = _convert_element(element)
        if block is not None:
            self._flush()
            kind, text = block
            self.draft.add(kind, text, level=HEADINGS.get(tag))
            return True
        if tag in BLOCKS:
            self._flush()
        self.quote_depth += tag == "blockquote"
        self.texts.append(BREAK if tag == "br" else element.text or "")
        return False

    def _leave(self, element: etree._Element) -> None:
        if element.tag in BLOCKS:
            self._flush()
        self.quote_depth -= element.tag == "blockquote"
        if element.getparent() is not None:
            self.texts.append(element.tail or "")

    def _flush(self) -> None:
        text = collapse_blanks(self.texts)
        self.texts = []
        if text:
            self.draft.add("quote" if self.quote_depth else "paragraph", text)


def _convert_element(element: etree._Element) -> tuple[BlockKind, str] | None:
    """The element as one block, or None if it has to be walked."""
    tag = element.tag
    if tag in HEADINGS:
        return "heading", collapse_blanks(_iterate_texts(element))
    if tag == "pre":
        return "code", "".join(_iterate_texts(element)).replace(BREAK, "\n")
    if tag in LISTS:
        return "list", "\n".join(_format_items(element))
    if tag == "table":
        return "table", "\n".join(_format_rows(element))
    return None


def _iterate_texts(element: etree._Element, *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    """The text of an element in order, without skipped elements and those in `but`."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "end":
            if inner is not element:
                yield f" {inner.tail or ''}" if inner.tag in BLOCKS else inner.tail or ""
        elif inner is not element and (inner.tag in SKIPPED or inner.tag in but):
            walk.skip_subtree()
        else:
            yield BREAK if inner.tag == "br" else f"{' ' * (inner.tag in BLOCKS)}{inner.text or ''}"


def _format_items(element: etree._Element) -> Iterator[str]:
    """One line per item, indented by its depth."""
    numbers: dict[etree._Element, int] = {}
    for item in element.iter("li"):
        parent = item.getparent()
        numbers[parent] = numbers.get(parent, 0) + 1
        depth = sum(1 for above in item.iterancestors(*LISTS)) - sum(1 for _ in element.iterancestors(*LISTS)) - 1
        mark = f"{numbers[parent]}." if parent.tag == "ol" else "-"
        if text := collapse_blanks(_iterate_texts(item, but=LISTS | {"li"})):
            yield f"{'  ' * depth}{mark} {' '.join(text.split())}"


def _format_rows(table: etree._Element) -> Iterator[str]:
    """One line per row, with | between cells. A nested table adds its own rows after that, so no text is repeated."""
    caption = table.find("caption")
    if caption is not None:
        yield collapse_blanks(_iterate_texts(caption, but=ROWS))
    for row in table.iter("tr"):
        cells = [" ".join(collapse_blanks(_iterate_texts(cell, but=ROWS)).split()) for cell in row.iterchildren(*CELLS)]
        if any(cells):
            yield " | ".join(cells)


def collapse_blanks(texts: Iterator[str] | list[str]) -> str:
    """Text as a browser shows it: a run of blanks is one, <br> is a new line."""
    return "\n".join(line for part in "".join(texts).split(BREAK) if (line := " ".join(part.split())))
