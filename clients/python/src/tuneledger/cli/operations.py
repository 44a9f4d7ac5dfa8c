"""`operations`: list background work, wait for it, or cancel it."""

import sys
from typing import Any

import rich_click as click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tuneledger.cli.filters import present
from tuneledger.cli.output import Columns
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.types import Operation

_OPERATION: Columns[Operation] = {
    "id": lambda one: one.id,
    "kind": lambda one: one.kind,
    "state": lambda one: one.state,
    "done": lambda one: f"{one.progress.done:,} {one.progress.unit}",
    "of": lambda one: one.progress.total,
    "result": lambda one: one.result,
    "error": lambda one: one.error and f"{one.error.detail} ({one.error.code})",
    "started": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_LISTED = {name: of for name, of in _OPERATION.items() if name not in {"result", "of"}}
_STATES = ("queued", "running", "succeeded", "failed", "cancelled")


@click.group(cls=ListsFirst)
def operations() -> None:
    """List background work, wait for it, or cancel it."""


@operations.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only operations in this state.")
@LIMIT
@signed_in
def list_(session: Session, *, limit: int | None, **options: Any) -> None:
    """List operations, newest first."""
    rows = session.client.operations.list(limit=session.out.page(limit), **present(options))
    session.out.list(rows, _LISTED, limit=limit)


@operations.command()
@click.argument("operation")
@signed_in
def show(session: Session, *, operation: str) -> None:
    """Show an operation."""
    session.out.show(session.client.operations.get(operation), _OPERATION)


@operations.command()
@click.argument("operation")
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop waiting after this time. Default: never."
)
@signed_in
def wait(session: Session, *, operation: str, timeout: float | None) -> None:
    """Wait until an operation has ended. Exit code 1 if it failed or was cancelled."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn())
    with Progress(*columns, console=session.out.stderr, disable=not sys.stderr.isatty()) as bars:
        bar = bars.add_task("waiting", total=None, count="")

        def update(now: Operation) -> None:
            done = now.progress
            bars.update(
                bar, description=now.state, completed=done.done, total=done.total, count=f"{done.done:,} {done.unit}"
            )

        ended = session.client.operations.wait(operation, on_progress=update, timeout=timeout)
    session.out.show(ended, _OPERATION)


@operations.command()
@click.argument("operation")
@signed_in
def cancel(session: Session, *, operation: str) -> None:
    """Cancel an operation."""
    session.out.show(session.client.operations.cancel(operation), _OPERATION)
