"""Print results as tables that fit a terminal 100 columns wide."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


def print_table(console: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print one row per line; numbers are right-aligned."""
    table = Table(title=title, title_justify="left", box=None, header_style="bold", show_header=any(headings))
    cells = [[_format_cell(cell) for cell in row] for row in rows]
    for number, heading in enumerate(headings):
        numeric = all(row[number][:1] in "+-0123456789" for row in cells)
        table.add_column(heading, justify="right" if numeric else "left")
    for row in cells:
        table.add_row(*row)
    console.print()
    console.print(table, markup=False, highlight=False)
    console.print()


def print_lines(console: Console, title: str, texts: Iterable[str]) -> None:
    print_table(console, title, [""], [[each] for each in texts])


def _format_cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.3g}"
    return "" if cell is None else str(cell).replace("[", "\\[")
