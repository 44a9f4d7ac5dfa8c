"""`examples`: find them, rate and repair them, and read what happened to one."""

import sys
from typing import Any

import rich_click as click

from tuneledger.cli.filters import filtered, present
from tuneledger.cli.output import Columns, moment
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.cli.wording import answered, asked, conversation
from tuneledger.types import DatasetVersionWith, Example, HistoryEntry

_LISTED: Columns[Example] = {
    "id": lambda one: one.id,
    "split": lambda one: one.split,
    "rating": lambda one: one.rating.average,
    "tags": lambda one: one.tags,
    "asked": lambda one: asked(one.content),
    "answer": lambda one: answered(one.content),
}
_EXAMPLE: Columns[Example] = {
    "id": lambda one: one.id,
    "version": lambda one: one.version,
    "external id": lambda one: one.external_id,
    "split": lambda one: one.split,
    "source": lambda one: one.source.type,
    "tags": lambda one: one.tags,
    "rating": lambda one: one.rating.average,
    "repaired": lambda one: one.repaired,
    "valid": lambda one: one.valid,
    "messages": lambda one: conversation(one.content),
    "metadata": lambda one: one.metadata,
    "changed": lambda one: one.updated_at,
    "by": lambda one: one.updated_by,
}
_HISTORY: Columns[HistoryEntry] = {
    "version": lambda entry: entry.version,
    "at": lambda entry: moment(entry.at),
    "who": lambda entry: entry.actor,
    "what": lambda entry: entry.type,
    "changes": lambda entry: list(entry.changes),
    "because": lambda entry: entry.reason,
}
_LINEAGE: Columns[DatasetVersionWith] = {
    "version": lambda one: one.dataset_version,
    "revision": lambda one: one.revision,
    "frozen": lambda one: one.created_at,
    "models": lambda one: [f"{made.model} {made.version} ({made.use or 'not seen'})" for made in one.model_versions],
}
_AS_OF = click.option("--as-of", metavar="MOMENT", help="As it was: an RFC 3339 time, a seq or a version's name.")
_REASON = click.option("--reason", metavar="TEXT", help="Why; kept in the history.")


@click.group(cls=ListsFirst)
def examples() -> None:
    """Find a dataset's examples: `tuneledger examples news --tag late`. What changes one keeps who and why."""


@examples.command("list")
@click.argument("dataset")
@filtered
@_AS_OF
@LIMIT
@signed_in
def list_(session: Session, *, dataset: str, limit: int | None, **given: Any) -> None:
    """List examples, in the order they were added."""
    listed = session.client.datasets.examples.list
    rows = listed(session.dataset(dataset), limit=session.out.page(limit), **present(given))
    session.out.list(rows, _LISTED, limit=limit)


@examples.command()
@click.argument("example")
@_AS_OF
@signed_in
def show(session: Session, *, example: str, **given: Any) -> None:
    """See an example, as it is or was."""
    session.out.show(session.client.examples.get(example, **present(given)), _EXAMPLE)


@examples.command()
@click.argument("example")
@click.argument("rating", type=click.Choice(("1", "2", "3", "4", "5", "pass", "fail")))
@_REASON
@signed_in
def rate(session: Session, *, example: str, rating: str, **given: Any) -> None:
    """Rate an example: 1 to 5 stars, pass or fail. To rate it again replaces your rating."""
    overall = {"type": "stars", "value": int(rating)} if rating.isdigit() else {"type": "pass_fail", "value": rating}
    session.out.show(session.client.examples.rate(example, overall=overall, **present(given)), _EXAMPLE)


@examples.command()
@click.argument("example")
@click.option("--output", required=True, metavar="TEXT", help="The better answer; - reads it from standard input.")
@click.option("--instruction", required=True, metavar="TEXT", help="What was to be repaired.")
@_REASON
@signed_in
def repair(session: Session, *, example: str, output: str, instruction: str, **given: Any) -> None:
    """Replace an example's answer with a better one."""
    text = sys.stdin.read() if output == "-" else output
    repaired = session.client.examples.repair(example, output=text, instruction=instruction, **present(given))
    session.out.show(repaired, _EXAMPLE)


@examples.command()
@click.argument("example")
@LIMIT
@signed_in
def history(session: Session, *, example: str, limit: int | None) -> None:
    """Tell what happened to an example."""
    rows = session.client.examples.history(example, limit=session.out.page(limit))
    session.out.list(rows, _HISTORY, limit=limit)


@examples.command()
@click.argument("example")
@LIMIT
@signed_in
def lineage(session: Session, *, example: str, limit: int | None) -> None:
    """List the dataset versions and models that an example went into."""
    rows = session.client.examples.lineage(example, limit=session.out.page(limit))
    session.out.list(rows, _LINEAGE, limit=limit)
