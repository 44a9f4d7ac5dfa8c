"""`import`: import files into a dataset, with progress bars."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import rich_click as click
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tuneledger.cli.exits import Exit, Refused
from tuneledger.cli.filters import SPLITS, present
from tuneledger.cli.output import Columns, shown
from tuneledger.cli.session import Session, signed_in
from tuneledger.errors import APIConnectionError, OperationFailedError
from tuneledger.types import Import, Operation, RowError

FORMATS = (
    *("openai-chat", "openai-preference", "openai-rft", "prompt-completion", "question-answer", "alpaca", "sharegpt"),
    *("trl", "trl-preference", "kto", "vertex", "vertex-preference", "bedrock", "mistral", "cohere", "typed-parts"),
    *("text", "csv", "tuneledger"),
)
_MAX_ERRORS = 10  # bad rows that are listed
_IMPORT: Columns[Import] = {
    "file": lambda one: one.name,
    "state": lambda one: one.state,
    "rows": lambda one: one.rows,
    "added": lambda one: one.added,
    "duplicates": lambda one: one.duplicates,
    "bad": lambda one: one.bad,
    "id": lambda one: one.id,
}


@click.command("import")
@click.argument("dataset")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--create", is_flag=True, help="Create the dataset if it does not exist.")
@click.option("--format", type=click.Choice(FORMATS), help="The format of the rows. Default: it is recognized.")
@click.option("--map", help="Which columns are which fields: input:question,output:answer.")
@click.option("--extra", type=click.Choice(("metadata", "ignore", "refuse")), help="What to do with other columns.")
@click.option(
    "--on-existing", type=click.Choice(("update", "skip", "fail")), help="What to do with a row that is there already."
)
@click.option(
    "--deleted", type=click.Choice(("skip", "restore")), help="What to do with a row whose example was deleted."
)
@click.option("--on-error", type=click.Choice(("abort", "skip")), help="What to do with a bad row. Default: abort.")
@click.option(
    "--on-invalid", type=click.Choice(("refuse", "mark")), help="What to do with an output that fails its schema."
)
@click.option(
    "--split", type=click.Choice(SPLITS), help="Split of rows that name none. Default: by the dataset's policy."
)
@click.option("--progress/--no-progress", default=None, help="Show the progress. Default: on a terminal.")
@signed_in
def import_(
    session: Session, *, dataset: str, files: tuple[Path, ...], create: bool, progress: bool | None, **options: Any
) -> None:
    """Import files into a dataset, one after the other; - is standard input.

    With --on-error abort, one bad row means that nothing of its file is added. Importing a file again adds nothing.
    """
    for file in files:
        if str(file) != "-" and not file.is_file():
            raise click.BadParameter(f"there is no file {str(file)!r}", param_hint="FILE")
    dataset_id = _dataset(session, dataset, create=create)
    with_bars = sys.stderr.isatty() if progress is None else progress
    imports = [_import(session, dataset_id, file, with_bars=with_bars, options=present(options)) for file in files]
    session.out.list(imports, _IMPORT)


def _dataset(session: Session, name: str, *, create: bool) -> str:
    try:
        return session.dataset(name)
    except Refused:
        if not create:
            raise
        return session.client.datasets.create(name=name).id


def _import(session: Session, dataset_id: str, file: Path, *, with_bars: bool, options: dict[str, Any]) -> Import:
    source = sys.stdin.buffer if str(file) == "-" else file
    with _progress(session, file.name, with_bars=with_bars) as (on_sent, on_added):
        operation = session.client.datasets.imports.create(dataset_id, source, on_progress=on_sent, **options)
        try:
            session.client.operations.wait(operation, on_progress=on_added if with_bars else None)
        except OperationFailedError as error:
            _print_errors(session, operation)
            raise Refused(f"{file}: {error}", Exit.FAILED) from error
        except (KeyboardInterrupt, APIConnectionError):
            session.out.note(f"The import continues on the server: tuneledger operations wait {operation.id}")
            raise
    finished = session.client.imports.get(_id(operation))
    if finished.bad:
        _print_errors(session, operation)
    return finished


def _id(operation: Operation) -> str:
    return str(operation.resource).rpartition("/")[2]


def _print_errors(session: Session, operation: Operation) -> None:
    """Print the first bad rows, one per line."""
    errors = list(islice(session.client.imports.errors.list(_id(operation), limit=_MAX_ERRORS + 1), _MAX_ERRORS + 1))
    for error in errors[:_MAX_ERRORS]:
        session.out.note(_fault(error))
    if len(errors) > _MAX_ERRORS:
        session.out.note(f"and more: tuneledger api GET /v1/imports/{_id(operation)}/errors")


def _fault(error: RowError) -> str:
    faults = "; ".join(f"{fault.pointer} {fault.detail}".strip() for fault in error.errors)
    return f"line {error.line}: {shown(faults)}"


@contextmanager
def _progress(
    session: Session, name: str, *, with_bars: bool
) -> Iterator[tuple[Callable[[int, int | None], None], Callable[[Operation], None]]]:
    """Show two bars; yields their callbacks, for the bytes sent and for the operation when it changes."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn())
    with Progress(*columns, console=session.out.stderr, disable=not with_bars) as bars:
        sent_bar = bars.add_task(f"{name} sent", total=None, count="")
        added_bar: list[TaskID] = []

        def on_sent(done: int, total: int | None) -> None:
            bars.update(sent_bar, completed=done, total=total, count=f"{done / 1e6:,.1f} MB")

        def on_added(operation: Operation) -> None:
            if not added_bar:
                added_bar.append(bars.add_task(f"{name} added", total=None, count=""))
            now = operation.progress
            bars.update(added_bar[0], completed=now.done, total=now.total, count=f"{now.done:,} {now.unit}")

        yield on_sent, on_added
