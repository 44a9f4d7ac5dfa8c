"""Print the demo's progress: a bar for each step."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column


class Step:
    """A line with a bar; `note` prints the result."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self) -> None:
        self._progress.advance(self._task)

    def at(self, done: float, *, of: float | None = None) -> None:
        self._progress.update(self._task, completed=done, total=of)

    def note(self, text: str) -> None:
        self._progress.update(self._task, note=text)


class ProgressPrinter:
    """The bars of several steps, printed while `progress` is open."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}", table_column=Column(min_width=27, no_wrap=True)),
            BarColumn(bar_width=8),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
        )
        self.progress = Progress(*columns, console=console, expand=True)

    @contextmanager
    def step(self, title: str, total: float = 1) -> Iterator[Step]:
        """Open a step. A bar that was not advanced is full when the step succeeds."""
        task = self.progress.add_task(title, total=total, note="")
        yield Step(self.progress, task)
        if not self.progress.tasks[task].completed:
            self.progress.update(task, completed=self.progress.tasks[task].total)
