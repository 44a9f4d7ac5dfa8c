"""How answers are shown: tables on a terminal, one JSON object a line into a pipe, one JSON document when asked for."""

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
ON_A_SCREEN = 50
_PAGE = 1_000
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WHOLE = {"id", "example", "tune"}  # what is copied from a table is never broken
_SHORT = {"answer", "asked", "data", "description", "notes"}  # excerpts, that take what room is left


class Output:
    """Where the answers of one command go. What is said beside them goes to standard error."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.console = Console(highlight=False)
        self.beside = Console(stderr=True, highlight=False)

    def page(self, limit: int | None) -> int:
        """How many to ask for in one page, when `limit` rows are wanted."""
        return min(_PAGE, self._most(limit) + 1)

    def list(self, rows: Iterable[Row], columns: Columns[Row], *, limit: int | None = None) -> None:
        """Rows as they come, `limit` at the most; without a limit a screenful in a table, and all there are in JSON."""
        most = self._most(limit)
        if self.form == "table":
            found = list(islice(rows, most + 1))
            self.console.print(self._table(found[:most], columns))
            if len(found) > most:
                self.note(f"The first {most}. For more: --limit.")
        elif self.form == "lines":
            for row in islice(rows, most):
                click.echo(encoded(row))
        else:
            self._array(islice(rows, most))

    def show(self, value: Row, columns: Columns[Row]) -> None:
        """One thing: field by field on a terminal, whole in JSON."""
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
        """A remark beside the answer, for people."""
        self.beside.print(Text(text))

    def _most(self, limit: int | None) -> int:
        return limit or (ON_A_SCREEN if self.form == "table" else sys.maxsize - 1)

    def _table(self, rows: Iterable[Row], columns: Columns[Row]) -> Table:
        table = plain_table()
        table.expand = not _SHORT.isdisjoint(columns)
        for name in columns:
            if name in _SHORT:
                table.add_column(name, no_wrap=True, ratio=1, min_width=8)
            else:
                table.add_column(name, no_wrap=name in _WHOLE, overflow="fold")
        for row in rows:
            table.add_row(*(shown(of(row)) for of in columns.values()))
        return table

    def _array(self, rows: Iterable[object]) -> None:
        """Row by row, so that a long list need not be held."""
        before = "["
        for row in rows:
            click.echo(before.encode() + b"\n  " + encoded(row), nl=False)
            before = ","
        click.echo("[]" if before == "[" else "\n]")


def plain_table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")


def moment(text: str) -> dt.datetime:
    """A time that the API gives as text."""
    return dt.datetime.fromisoformat(text)


def shown(value: object) -> Text:
    """A value in a cell. What a server sends never steers the terminal: control characters are replaced."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, Text):
        return value
    if isinstance(value, list | tuple):
        return Text(", ").join(shown(each) for each in value)
    if isinstance(value, dict):
        return Text(", ").join(Text(f"{name} ") + shown(each) for name, each in value.items())
    return Text(_UNSEEN.sub("\ufffd", _words(value)))


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
    """The beginning of a text, on one line."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def encoded(value: object) -> bytes:
    """As the API has it: a struct with all of its fields, also those that have their default."""
    return msgspec.json.encode(_plain(value))


def _plain(value: Any) -> Any:
    match value:
        case msgspec.Struct():
            config = value.__struct_config__
            told = {config.tag_field: config.tag} if config.tag_field else {}
            given = ((field.encode_name, getattr(value, field.name)) for field in _fields(type(value)))
            return told | {name: _plain(each) for name, each in given if each is not msgspec.UNSET}
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    return fields(kind)
