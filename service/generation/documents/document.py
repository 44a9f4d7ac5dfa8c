"""The text of a file in blocks, or a finding why it cannot be read; and the chunks it is split into."""

from typing import Literal

import msgspec

Kind = Literal["text", "markdown", "html", "pdf", "docx"]
BlockKind = Literal["heading", "paragraph", "list", "table", "code", "quote"]
Code = Literal[
    "empty",
    "encoding_guessed",
    "encrypted",
    "not_readable",
    "partial",
    "scanned",
    "too_large",
    "type_mismatch",
    "unsupported",
    "zip_bomb",
]


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="finding"):
    """A problem with a file, or with one page of it (from 1)."""

    code: Code
    """Machine-readable kind of problem."""
    detail: str
    """The problem as a sentence."""
    page: int | None = None
    """Page number from 1; null if it concerns the whole file."""


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A paragraph, list, table or heading: document.text[start:end]. `path` is its headings, outermost first."""

    kind: BlockKind
    text: str
    start: int
    end: int
    level: int | None = None  # of a heading, from 1
    page: int | None = None  # from 1, where the format has pages
    path: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="document"):
    """`findings` are problems that left the rest readable: a page that failed, an encoding that was guessed."""

    kind: Kind
    title: str
    text: str
    blocks: tuple[Block, ...]
    pages: int | None = None
    findings: tuple[Finding, ...] = ()


class Chunk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """document.text[start:end], the headings above all of it, and its first and last page."""

    text: str
    start: int
    end: int
    words: int
    path: tuple[str, ...] = ()
    pages: tuple[int, int] | None = None
