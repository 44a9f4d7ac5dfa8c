"""Showing what came of a part of the walk: tables that fit a terminal 100 wide."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


def show(console: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One row a line; numbers stand on the right."""
    table = Table(title=title, title_justify="left", box=None, header_style="bold", show_header=any(headings))
    kept = [[_said(cell) for cell in row] for row in rows]
    for number, heading in enumerate(headings):
        numeric = all(row[number][:1] in "+-0123456789" for row in kept)
        table.add_column(heading, justify="right" if numeric else "left")
    for row in kept:
        table.add_row(*row)
    console.print()
    console.print(table, markup=False, highlight=False)
    console.print()


def lines(console: Console, title: str, said: Iterable[str]) -> None:
    show(console, title, [""], [[each] for each in said])


def _said(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.3g}"
    return "" if cell is None else str(cell).replace("[", "\\[")
