"""Output: tables on a terminal, one JSON object per line into a pipe, one JSON document with --json."""

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Any, Literal, TypeVar

import msgspec
import rich_click as click
from msgspec.structs import FieldInfo, fields
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = TypeVar("Row")
Columns = Mapping[str, Callable[[Row], object]]
Form = Literal["table", "lines", "json"]
TABLE_ROWS = 50
_PAGE = 1_000
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNBROKEN = {"id", "example", "tune"}  # people copy these from a table
_EXCERPTS = {"answer", "question", "data", "description", "notes"}  # get the remaining width


class Output:
    """The output of one command. Remarks go to standard error."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.console = Console(highlight=False)
        self.stderr = Console(stderr=True, highlight=False)

    def page(self, limit: int | None) -> int:
        """The page size to request for `limit` rows."""
        return min(_PAGE, self._most(limit) + 1)

    def list(self, rows: Iterable[Row], columns: Columns[Row], *, limit: int | None = None) -> None:
        """Print at most `limit` rows; without a limit, 50 in a table and all in JSON."""
        most = self._most(limit)
        if self.form == "table":
            first = list(islice(rows, most + 1))
            self.console.print(self._table(first[:most], columns))
            if len(first) > most:
                self.note(f"Only the first {most} rows; use --limit for more.")
        elif self.form == "lines":
            for row in islice(rows, most):
                click.echo(encoded(row))
        else:
            self._array(islice(rows, most))

    def show(self, value: Row, columns: Columns[Row]) -> None:
        """Print one value: field by field on a terminal, else as JSON."""
        if self.form != "table":
            click.echo(msgspec.json.format(encoded(value)) if self.form == "json" else encoded(value))
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, of in columns.items():
            grid.add_row(name, shown(of(value)))
        self.console.print(grid)

    def note(self, text: str) -> None:
        """Print a remark for people to standard error."""
        self.stderr.print(Text(text))

    def _most(self, limit: int | None) -> int:
        return limit or (TABLE_ROWS if self.form == "table" else sys.maxsize - 1)

    def _table(self, rows: Iterable[Row], columns: Columns[Row]) -> Table:
        table = plain_table()
        table.expand = not _EXCERPTS.isdisjoint(columns)
        for name in columns:
            if name in _EXCERPTS:
                table.add_column(name, no_wrap=True, ratio=1, min_width=8)
            else:
                table.add_column(name, no_wrap=name in _UNBROKEN, overflow="fold")
        for row in rows:
            table.add_row(*(shown(of(row)) for of in columns.values()))
        return table

    def _array(self, rows: Iterable[object]) -> None:
        """Print a JSON array row by row, so that a long list is not held in memory."""
        separator = "["
        for row in rows:
            click.echo(separator.encode() + b"\n  " + encoded(row), nl=False)
            separator = ","
        click.echo("[]" if separator == "[" else "\n]")


def plain_table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")


def moment(text: str) -> dt.datetime:
    """Parse a time of the API."""
    return dt.datetime.fromisoformat(text)


def shown(value: object) -> Text:
    """Format a value for a cell. Control characters are replaced, so that no server controls the terminal."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, Text):
        return value
    if isinstance(value, list | tuple):
        return Text(", ").join(shown(each) for each in value)
    if isinstance(value, dict):
        return Text(", ").join(Text(f"{name} ") + shown(each) for name, each in value.items())
    return Text(_CONTROL_CHARACTERS.sub("\ufffd", _words(value)))


def _words(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
        case float():
            return f"{value:.4g}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def excerpt(text: object, most: int = 80) -> str:
    """Shorten a text to one line."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def encoded(value: object) -> bytes:
    """Encode like the API: a struct with all its fields, defaults included."""
    return msgspec.json.encode(_plain(value))


def _plain(value: Any) -> Any:
    match value:
        case msgspec.Struct():
            config = value.__struct_config__
            tag = {config.tag_field: config.tag} if config.tag_field else {}
            pairs = ((field.encode_name, getattr(value, field.name)) for field in _fields(type(value)))
            return tag | {name: _plain(each) for name, each in pairs if each is not msgspec.UNSET}
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    return fields(kind)
