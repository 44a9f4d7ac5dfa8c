"""`tunes`: list, see, cancel and retry them."""

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
    """Where the tune stands, in its colour."""
    return Text(tune.state, style=_COLOURS.get(tune.state, ""))


LISTED: Columns[Tune] = {
    "id": lambda one: one.id,
    "state": state,
    "base model": lambda one: one.base_model,
    "model": lambda one: one.model,
    "version": lambda one: one.dataset_version,
    "asked": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_TUNE: Columns[Tune] = {
    "id": lambda one: one.id,
    "state": state,
    "provider's word": lambda one: one.raw_status,
    "base model": lambda one: one.base_model,
    "method": lambda one: one.method,
    "hyperparameters": lambda one: one.hyperparameters,
    "dataset": lambda one: f"{one.dataset_id} {one.dataset_version}",
    "examples": lambda one: f"{one.train_examples:,} to train on, {one.validation_examples:,} to validate with",
    "model": lambda one: one.model,
    "provider's job": lambda one: one.job_id,
    "provider's model": lambda one: one.provider_model,
    "trained tokens": lambda one: one.trained_tokens,
    "asked": lambda one: one.created_at,
    "sent": lambda one: one.submitted_at,
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
    """List tunes, see one, cancel one or try one again. `tuneledger tune` makes them, `watch` follows them."""


@tunes.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only those that stand there.")
@click.option("--dataset", metavar="DATASET", help="Only those on this dataset, by name or id.")
@click.option("--model", metavar="NAME", help="Only those that become versions of this model.")
@click.option("--sweep", "sweep_id", metavar="ID", help="Only those of one request.")
@LIMIT
@signed_in
def list_(session: Session, *, dataset: str | None, limit: int | None, **given: Any) -> None:
    """List tunes, the newest first."""
    wanted = present({**given, "dataset_id": dataset and session.dataset(dataset)})
    session.out.list(session.client.tunes.list(limit=session.out.page(limit), **wanted), LISTED, limit=limit)


@tunes.command()
@click.argument("tune")
@signed_in
def show(session: Session, *, tune: str) -> None:
    """See a tune, as the workers last saw it at the provider."""
    session.out.show(session.client.tunes.get(tune), _TUNE)


@tunes.command()
@click.argument("tune")
@LIMIT
@signed_in
def log(session: Session, *, tune: str, limit: int | None) -> None:
    """Read the job's own log, in the provider's words."""
    session.out.list(session.client.tunes.events.list(tune, limit=session.out.page(limit)), _LOG, limit=limit)


@tunes.command()
@click.argument("tune")
@click.option("--reason", metavar="TEXT", help="Why; kept in the history.")
@signed_in
def cancel(session: Session, *, tune: str, **given: Any) -> None:
    """Cancel a tune. One that was sent ends when the provider ends it."""
    session.out.show(session.client.tunes.cancel(tune, **present(given)), _TUNE)


@tunes.command()
@click.argument("tune")
@signed_in
def retry(session: Session, *, tune: str) -> None:
    """Try a failed or cancelled tune again, as a new one of the same sweep."""
    session.out.show(session.client.tunes.retry(tune), _TUNE)
