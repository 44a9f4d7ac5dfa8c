"""Read Markdown. Blocks keep their source, which models read well; only headings lose their marks."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.generation.documents.document import BlockKind
from service.generation.documents.limits import MAX_CHARACTERS, MAX_LINES
from service.generation.documents.readers import html
from service.generation.documents.readers.builder import Draft, UnreadableError, clean_text

KINDS: dict[str, BlockKind] = {
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "blockquote_open": "quote",
    "fence": "code",
    "code_block": "code",
}
FRONT_MATTER = re.compile(r"---[ \t]*\n((?:(?!---)[^\n]*\n){0,200})---[ \t]*(?:\n|$)")
TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
MARKS = re.compile(r"[*_`\[<&\\!]")
MAX_HEADING_LENGTH = 1_000  # characters; longer headings keep their marks

# Paragraphs keep their source, so inline text is not parsed: that is slow, and what hostile text attacks.
BLOCKS = MarkdownIt("commonmark").enable("table")
BLOCKS.core.ruler.disable("inline")
INLINE = MarkdownIt("commonmark")


def read(text: str, draft: Draft) -> str:
    """Add the blocks; return the title from the front matter, or ""."""
    source = clean_text(text) + "\n"
    title = ""
    if front := FRONT_MATTER.match(source):
        title = match[1].strip().strip("\"'") if (match := TITLE.search(front[1])) else ""
        source = source[front.end() :]
    lines = source.split("\n")
    if len(source) > MAX_CHARACTERS or len(lines) > MAX_LINES:
        raise UnreadableError(
            "too_large", f"The Markdown has more than {MAX_CHARACTERS:,} characters or {MAX_LINES:,} lines."
        )
    tokens = BLOCKS.parse(source)
    for index, token in enumerate(tokens):
        if token.level == 0 and token.map is not None:
            _add_block(
                token, lines[slice(*token.map)], draft, inside=tokens[index + 1] if index + 1 < len(tokens) else None
            )
    return title


def _add_block(token: Token, lines: list[str], draft: Draft, *, inside: Token | None) -> None:
    if token.type == "heading_open":
        draft.add("heading", _strip_marks(inside.content if inside else ""), level=int(token.tag[1:]))
    elif token.type == "html_block":
        html.read("\n".join(lines), draft)
    elif token.type in KINDS:
        draft.add(KINDS[token.type], "\n".join(lines))


def _strip_marks(heading: str) -> str:
    if len(heading) > MAX_HEADING_LENGTH or not MARKS.search(heading):
        return heading
    [inline] = INLINE.parseInline(heading)
    words = [child.content or " " * child.type.endswith("break") for child in inline.children or ()]
    return "".join(words)
