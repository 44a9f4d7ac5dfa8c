"""`tunes`: list, show, cancel and retry tunes."""

from typing import Any

import rich_click as click
from rich.text import Text

from tuneledger.cli.filters import present
from tuneledger.cli.output import Columns, moment
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.types import Tune, TuneLogLine

_COLOURS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "running": "cyan"}
_STATES = ("pending", "validating", "queued", "running", "paused", "succeeded", "failed", "cancelled")


def state(tune: Tune) -> Text:
    """The tune's state, with its colour."""
    return Text(tune.state, style=_COLOURS.get(tune.state, ""))


LISTED: Columns[Tune] = {
    "id": lambda one: one.id,
    "state": state,
    "base model": lambda one: one.base_model,
    "model": lambda one: one.model,
    "version": lambda one: one.dataset_version,
    "requested": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_TUNE: Columns[Tune] = {
    "id": lambda one: one.id,
    "state": state,
    "provider's status": lambda one: one.raw_status,
    "base model": lambda one: one.base_model,
    "method": lambda one: one.method,
    "hyperparameters": lambda one: one.hyperparameters,
    "dataset": lambda one: f"{one.dataset_id} {one.dataset_version}",
    "examples": lambda one: f"{one.train_examples:,} train, {one.validation_examples:,} validation",
    "model": lambda one: one.model,
    "model's version": lambda one: one.model_version,
    "provider's job": lambda one: one.job_id,
    "provider's model": lambda one: one.provider_model,
    "trained tokens": lambda one: one.trained_tokens,
    "requested": lambda one: one.created_at,
    "submitted": lambda one: one.submitted_at,
    "finished": lambda one: one.finished_at,
    "error": lambda one: one.error and f"{one.error.message} ({one.error.code}) {one.error.hint or ''}",
    "trouble": lambda one: one.trouble,
}
_LOG: Columns[TuneLogLine] = {
    "at": lambda line: moment(line.at) if line.at else None,
    "level": lambda line: line.level,
    "message": lambda line: line.message,
}


@click.group(cls=ListsFirst)
def tunes() -> None:
    """List tunes, show, cancel or retry one. `tuneledger tune` starts tunes, `tuneledger watch` follows them."""


@tunes.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only tunes in this state.")
@click.option("--dataset", metavar="DATASET", help="Only tunes on this dataset, by name or id.")
@click.option("--model", metavar="NAME", help="Only tunes for this model.")
@click.option("--sweep", "sweep_id", metavar="ID", help="Only the tunes of this sweep.")
@LIMIT
@signed_in
def list_(session: Session, *, dataset: str | None, limit: int | None, **options: Any) -> None:
    """List tunes, newest first."""
    filters = present({**options, "dataset_id": dataset and session.dataset(dataset)})
    session.out.list(session.client.tunes.list(limit=session.out.page(limit), **filters), LISTED, limit=limit)


@tunes.command()
@click.argument("tune")
@signed_in
def show(session: Session, *, tune: str) -> None:
    """Show a tune with its last known state at the provider."""
    session.out.show(session.client.tunes.get(tune), _TUNE)


@tunes.command()
@click.argument("tune")
@LIMIT
@signed_in
def log(session: Session, *, tune: str, limit: int | None) -> None:
    """Show the provider's log of the tune."""
    session.out.list(session.client.tunes.events.list(tune, limit=session.out.page(limit)), _LOG, limit=limit)


@tunes.command()
@click.argument("tune")
@click.option("--reason", metavar="TEXT", help="The reason, shown in the history.")
@signed_in
def cancel(session: Session, *, tune: str, **options: Any) -> None:
    """Cancel a tune. If it is already at the provider, it ends when the provider ends it."""
    session.out.show(session.client.tunes.cancel(tune, **present(options)), _TUNE)


@tunes.command()
@click.argument("tune")
@signed_in
def retry(session: Session, *, tune: str) -> None:
    """Retry a failed or cancelled tune, as a new tune of the same sweep."""
    session.out.show(session.client.tunes.retry(tune), _TUNE)
