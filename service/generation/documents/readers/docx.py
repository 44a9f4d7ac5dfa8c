"""Read DOCX. python-docx opens the package; we walk its XML, since a table may declare wrong cell spans."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import msgspec
from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from lxml import etree

from service.generation.documents.limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED, MAX_XML, RATIO_FROM
from service.generation.documents.readers.builder import Draft, UnreadableError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARAGRAPH, TABLE, ROW, CELL = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"
MARKS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", PARAGRAPH: "\n"}
HOLDERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
# Text that was moved away, and the copies (Fallback) of drawings for older programs.
SKIPPED = frozenset(
    {f"{W}moveFrom", f"{W}pPr", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
MAIN = b"wordprocessingml.document.main+xml"
MAX_STYLE_ANCESTORS = 10  # how far the chain of base styles is followed


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """`level` is a heading's, from 1."""

    name: str = ""
    level: int | None = None


def read(data: bytes, draft: Draft) -> str:
    """Add the blocks of the body; return the title, or "". Headers, footnotes and comments are not read."""
    _check_sizes(data)
    word = docx.Document(BytesIO(data))
    styles = _load_styles(word)
    title = ""
    items: list[str] = []
    for element in _find_children(word.element.body, frozenset({PARAGRAPH, TABLE})):
        style = styles.get(_get_value(element, "pStyle"), Style())
        if (item := _format_item(element, style)) is not None:
            items.append(item)
            continue
        draft.add("list", "\n".join(items))
        items = []
        _add_block(element, style, draft)
        if style.name == "title" and not title:
            title = _extract_text(element)
    draft.add("list", "\n".join(items))
    return title or _find_title(word)


def _check_sizes(data: bytes) -> None:
    """Check the sizes that the archive declares. zipfile unpacks no part beyond its declared size."""
    with ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise UnreadableError("encrypted", "The DOCX is protected with a password.")
        for part in parts:
            if part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * part.compress_size:
                raise UnreadableError(
                    "zip_bomb", f"A part of the DOCX unpacks to more than {MAX_RATIO} times its size."
                )
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED or unpacked > RATIO_FROM + MAX_RATIO * len(data):
            raise UnreadableError("zip_bomb", f"The DOCX unpacks from {len(data):,} to {unpacked:,} bytes.")
        if len(parts) > MAX_PARTS or any(_is_xml(part.filename) and part.file_size > MAX_XML for part in parts):
            raise UnreadableError(
                "too_large", f"The DOCX has over {MAX_PARTS:,} parts, or one with over {MAX_XML:,} bytes of XML."
            )
        if MAIN not in archive.read("[Content_Types].xml"):
            raise UnreadableError("unsupported", "It is a Word template, or a Word file with macros; save it as .docx.")


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _find_children(element: Any, tags: frozenset[str]) -> Iterator[Any]:
    """The children with one of these tags, in order; also those inside a content control or a tracked change."""
    pending = list(reversed(element))
    while pending:
        child = pending.pop()
        if child.tag in tags:
            yield child
        elif child.tag in HOLDERS:
            pending.extend(reversed(child))


def _add_block(element: Any, style: Style, draft: Draft) -> None:
    if element.tag == TABLE:
        draft.add("table", "\n".join(_format_rows(element)))
    elif level := _find_level(element, style):
        draft.add("heading", _extract_text(element), level=level)
    else:
        draft.add("quote" if "quote" in style.name else "paragraph", _extract_text(element))


def _format_item(element: Any, style: Style) -> str | None:
    """The line of a list item, indented by its depth; None if the element is no list item."""
    is_listed = style.name.startswith("list ") or element.find(f"{W}pPr/{W}numPr") is not None
    if element.tag != PARAGRAPH or not is_listed or _find_level(element, style):
        return None
    depth = _parse_digit(_get_value(element, f"numPr/{W}ilvl")) or 0
    return f"{'  ' * min(depth, 8)}- {' '.join(_extract_text(element).split())}"


def _format_rows(table: Any) -> Iterator[str]:
    """One line per row, with | between cells. A nested table adds its own rows after that, so no text is repeated."""
    for row in table.iter(ROW):
        cells = [" ".join(_extract_text(cell).split()) for cell in _find_children(row, frozenset({CELL}))]
        if any(cells):
            yield " | ".join(cells)


def _extract_text(element: Any) -> str:
    """The text of a paragraph or a cell, without tables inside it."""
    texts: list[str] = []
    walk = etree.iterwalk(element, events=("start",))
    for _, inner in walk:
        if inner is not element and (inner.tag in SKIPPED or inner.tag in {TABLE, ROW}):
            walk.skip_subtree()
        elif inner.tag == f"{W}t":
            texts.append(inner.text or "")
        else:
            texts.append(MARKS.get(inner.tag, ""))
    return "".join(texts).strip()


def _find_level(element: Any, style: Style) -> int | None:
    if style.name == "title":
        return 1
    outline = _parse_digit(_get_value(element, "outlineLvl"))
    if outline is not None:
        return outline + 1 if outline < 9 else None  # noqa: PLR2004 - 9 is body text
    return style.level


def _load_styles(word: Word) -> dict[str, Style]:
    """Styles by id. A style based on a heading is a heading of the same level."""
    elements = {style.get(f"{W}styleId", ""): style for style in word.styles.element.iter(f"{W}style")}
    return {
        style_id: Style(name=_get_name(style), level=_inherit_level(style, elements))
        for style_id, style in elements.items()
    }


def _inherit_level(style: Any, elements: dict[str, Any]) -> int | None:
    levels = (_find_own_level(ancestor) for ancestor in _iterate_ancestry(style, elements))
    return next((level for level in levels if level), None)


def _iterate_ancestry(style: Any, elements: dict[str, Any]) -> Iterable[Any]:
    """The style, then the style it is based on, and so on."""
    for _ in range(MAX_STYLE_ANCESTORS):
        yield style
        base = style.find(f"{W}basedOn")
        if base is None or (style := elements.get(base.get(f"{W}val", ""))) is None:
            return


def _find_own_level(style: Any) -> int | None:
    name = _get_name(style)
    if name.startswith("heading "):
        return _parse_digit(name.removeprefix("heading "))
    outline = _parse_digit(_get_value(style, "outlineLvl"))
    return outline + 1 if outline is not None and outline < 9 else None  # noqa: PLR2004 - 9 is body text


def _get_name(style: Any) -> str:
    name = style.find(f"{W}name")
    return "" if name is None else str(name.get(f"{W}val", "")).lower()


def _get_value(element: Any, name: str) -> str:
    child = element.find(f"{W}pPr/{W}{name}")
    return "" if child is None else str(child.get(f"{W}val", ""))


def _parse_digit(digits: str) -> int | None:
    return int(digits) if len(digits) == 1 and digits in "0123456789" else None


def _find_title(word: Word) -> str:
    """The title in the properties, or "". Checked first, since python-docx invents properties that a file lacks."""
    if not any(rel.reltype == RELATIONSHIP_TYPE.CORE_PROPERTIES for rel in word.part.package.rels.values()):
        return ""
    return str(word.core_properties.title or "")
