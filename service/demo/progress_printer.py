"""Telling how far the walk is: a bar for each step."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column


class Step:
    """A line with a bar; `note` says what came of it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self) -> None:
        self._progress.advance(self._task)

    def at(self, done: float, *, of: float | None = None) -> None:
        self._progress.update(self._task, completed=done, total=of)

    def note(self, said: str) -> None:
        self._progress.update(self._task, note=said)


class Telling:
    """The bars of a walk, one under the other, as long as `shown` is open."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}", table_column=Column(min_width=27, no_wrap=True)),
            BarColumn(bar_width=8),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
        )
        self.shown = Progress(*columns, console=console, expand=True)

    @contextmanager
    def step(self, says: str, total: float = 1) -> Iterator[Step]:
        """A step of the walk; a bar that nothing moved is full when it ends well."""
        task = self.shown.add_task(says, total=total, note="")
        yield Step(self.shown, task)
        if not self.shown.tasks[task].completed:
            self.shown.update(task, completed=self.shown.tasks[task].total)
