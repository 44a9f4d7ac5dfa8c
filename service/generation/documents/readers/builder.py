"""Build a document from the blocks that readers add: clean text, count offsets, turn headings into paths."""

import re

from service.generation.documents.document import Block, BlockKind, Code, Document, Finding, Kind
from service.generation.documents.limits import MAX_BLOCKS, MAX_CHARACTERS, MAX_FINDINGS, MAX_TITLE_LENGTH

SEPARATOR = "\n\n"
MAX_HEADING_LEVEL = 9  # Word's headings go that deep
# Control characters and lone surrogates cannot be stored as JSON or in Postgres.
UNPRINTABLE = dict.fromkeys([*range(9), 11, *range(14, 32), *range(127, 160), 0xAD, 0xFEFF, *range(0xD800, 0xE000)])
LINE_END = re.compile("\r\n|[\r\x0c\x85\u2028\u2029]")


class UnreadableError(Exception):
    """The file cannot be read"""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.finding = Finding(code=code, detail=detail)


class Draft:
    """A document being read. Raises UnreadableError beyond MAX_CHARACTERS or MAX_BLOCKS."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.findings: list[Finding] = []
        self._headings: list[tuple[int, str]] = []
        self._texts: list[str] = []
        self._length = 0
        self._unlisted = 0

    def add(self, kind: BlockKind, text: str, *, level: int | None = None, page: int | None = None) -> None:
        """Add a block, unless its cleaned text is empty. A heading's text becomes one line."""
        text = to_one_line(text) if kind == "heading" else clean_text(text)
        if not text:
            return
        start = self._length + (len(SEPARATOR) if self.blocks else 0)
        self._length = start + len(text)
        if self._length > MAX_CHARACTERS or len(self.blocks) == MAX_BLOCKS:
            detail = f"The file has more than {MAX_CHARACTERS:,} characters or {MAX_BLOCKS:,} paragraphs of text."
            raise UnreadableError("too_large", detail)
        depth = min(max(level or 1, 1), MAX_HEADING_LEVEL) if kind == "heading" else None
        if depth is not None:
            self._headings = [heading for heading in self._headings if heading[0] < depth]
        path = tuple(heading for _, heading in self._headings)
        self.blocks.append(
            Block(kind=kind, text=text, start=start, end=self._length, level=depth, page=page, path=path)
        )
        self._texts.append(text)
        if depth is not None:
            self._headings.append((depth, text))

    def note(self, code: Code, detail: str, *, page: int | None = None) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code=code, detail=detail, page=page))
        else:
            self._unlisted += 1

    def build_document(self, kind: Kind, *, title: str, default_title: str = "", pages: int | None = None) -> Document:
        """The document. Without a `title` it has its first heading, or else the default."""
        if self._unlisted:
            self.findings.append(Finding(code="partial", detail=f"{self._unlisted:,} more findings are not listed."))
        heading = next((block.text for block in self.blocks if block.kind == "heading"), "")
        return Document(
            kind=kind,
            title=(to_one_line(title) or heading or to_one_line(default_title))[:MAX_TITLE_LENGTH].rstrip(),
            text=SEPARATOR.join(self._texts),
            blocks=tuple(self.blocks),
            pages=pages,
            findings=tuple(self.findings),
        )


def clean_text(text: str) -> str:
    """Text with line feeds as line ends and without unprintable characters, trailing blanks or outer blank lines."""
    lines = LINE_END.sub("\n", text).translate(UNPRINTABLE).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def to_one_line(text: str) -> str:
    return " ".join(clean_text(text).split())
