"""What is said about a file before it is read, and what was recognized in it."""

from typing import Literal

import msgspec

ContainerKind = Literal["json", "csv"]


class FileHints(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender says; the rest is recognized. `columns` names the columns of a table without a header."""

    name: str | None = None
    content_type: str | None = None
    container: ContainerKind | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: tuple[str, ...] = ()
    sheet: str | None = None


class FileDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What a file turned out to be.

    `columns` are those of a table, in order, without the ones that are left out; `compression` is from the outside
    in. A ZIP file is described by its first member; `members` are those that are read.
    """

    kind: Literal["jsonl", "json", "csv", "xlsx", "parquet"]
    encoding: str = "utf-8"
    delimiter: str | None = None
    columns: tuple[str, ...] = ()
    header_line: int | None = None
    compression: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    sheet: str | None = None


NO_HINTS = FileHints()
