"""`import`: files into a dataset, with their progress."""

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

FORMATS = ("openai-chat", "alpaca", "csv")
_TOLD = 10  # bad rows that are named
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
@click.option("--create", is_flag=True, help="Make the dataset when it is not there.")
@click.option("--format", type=click.Choice(FORMATS), help="The shape of the rows. Default: csv for .csv, else chat.")
@click.option("--on-error", type=click.Choice(("abort", "skip")), help="What one bad row means. Default: abort.")
@click.option("--on-invalid", type=click.Choice(("refuse", "mark")), help="What an output means that fails its schema.")
@click.option("--split", type=click.Choice(SPLITS), help="For rows that name none. Default: by the dataset's policy.")
@click.option("--progress/--no-progress", default=None, help="Show how far it is. Default: on a terminal.")
@signed_in
def import_(
    session: Session, *, dataset: str, files: tuple[Path, ...], create: bool, progress: bool | None, **given: Any
) -> None:
    """Import files into a dataset, one after the other; - is standard input.

    With --on-error abort, one bad row means that nothing of its file is added. The same file again adds nothing.
    """
    for file in files:
        if str(file) != "-" and not file.is_file():
            raise click.BadParameter(f"there is no file {str(file)!r}", param_hint="FILE")
    dataset_id = _dataset(session, dataset, create=create)
    wanted = sys.stderr.isatty() if progress is None else progress
    done = [_one(session, dataset_id, file, wanted=wanted, given=present(given)) for file in files]
    session.out.list(done, _IMPORT)


def _dataset(session: Session, given: str, *, create: bool) -> str:
    try:
        return session.dataset(given)
    except Refused:
        if not create:
            raise
        return session.client.datasets.create(name=given).id


def _one(session: Session, dataset_id: str, file: Path, *, wanted: bool, given: dict[str, Any]) -> Import:
    given = {"format": "csv" if file.suffix == ".csv" else "openai-chat", **given}
    source = sys.stdin.buffer if str(file) == "-" else file
    with _shown(session, file.name, wanted=wanted) as (sent, worked):
        begun = session.client.datasets.imports.create(dataset_id, source, on_progress=sent, **given)
        try:
            session.client.operations.wait(begun, on_progress=worked if wanted else None)
        except OperationFailedError as failed:
            _tell_errors(session, begun)
            raise Refused(f"{file}: {failed}", Exit.FAILED) from failed
        except (KeyboardInterrupt, APIConnectionError):
            session.out.note(f"The import goes on: tuneledger operations wait {begun.id}")
            raise
    finished = session.client.imports.get(_id(begun))
    if finished.bad:
        _tell_errors(session, begun)
    return finished


def _id(operation: Operation) -> str:
    return str(operation.resource).rpartition("/")[2]


def _tell_errors(session: Session, operation: Operation) -> None:
    """The first bad rows, line by line."""
    errors = list(islice(session.client.imports.errors.list(_id(operation), limit=_TOLD + 1), _TOLD + 1))
    for error in errors[:_TOLD]:
        session.out.note(_fault(error))
    if len(errors) > _TOLD:
        session.out.note(f"and more: tuneledger api GET /v1/imports/{_id(operation)}/errors")


def _fault(error: RowError) -> str:
    said = "; ".join(f"{fault.pointer} {fault.detail}".strip() for fault in error.errors)
    return f"line {error.line}: {shown(said)}"


@contextmanager
def _shown(
    session: Session, name: str, *, wanted: bool
) -> Iterator[tuple[Callable[[int, int | None], None], Callable[[Operation], None]]]:
    """Two things to call: with the bytes that were sent, and with the operation whenever it has changed."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    with Progress(*columns, console=session.out.beside, disable=not wanted) as bars:
        sending = bars.add_task(f"{name} sent", total=None, told="")
        working: list[TaskID] = []

        def sent(done: int, total: int | None) -> None:
            bars.update(sending, completed=done, total=total, told=f"{done / 1e6:,.1f} MB")

        def worked(operation: Operation) -> None:
            if not working:
                working.append(bars.add_task(f"{name} added", total=None, told=""))
            now = operation.progress
            bars.update(working[0], completed=now.done, total=now.total, told=f"{now.done:,} {now.unit}")

        yield sent, worked
