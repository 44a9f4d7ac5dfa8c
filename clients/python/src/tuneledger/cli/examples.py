"""`examples`: find, rate and repair examples, and read their history."""

import sys
from typing import Any

import rich_click as click

from tuneledger.cli.conversations import answer_excerpt, conversation, describe_changes, question_excerpt
from tuneledger.cli.filters import filtered, present
from tuneledger.cli.output import Columns, moment
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.types import DatasetVersionWith, Example, HistoryEntry

_LISTED: Columns[Example] = {
    "id": lambda one: one.id,
    "split": lambda one: one.split,
    "rating": lambda one: one.rating.average,
    "tags": lambda one: one.tags,
    "question": lambda one: question_excerpt(one.content),
    "answer": lambda one: answer_excerpt(one.content),
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
    "changes": lambda entry: describe_changes(entry.changes),
    "reason": lambda entry: entry.reason,
}
_LINEAGE: Columns[DatasetVersionWith] = {
    "version": lambda one: one.dataset_version,
    "revision": lambda one: one.revision,
    "frozen": lambda one: one.created_at,
    "models": lambda one: [
        f"{model.model} {model.version} ({model.use or 'not seen'})" for model in one.model_versions
    ],
}
_AS_OF = click.option("--as-of", metavar="MOMENT", help="A past state: an RFC 3339 time, a seq or a version's name.")
_REASON = click.option("--reason", metavar="TEXT", help="The reason, shown in the history.")


@click.group(cls=ListsFirst)
def examples() -> None:
    """Find examples, such as `tuneledger examples news --tag late`. The history shows who changed one and why."""


@examples.command("list")
@click.argument("dataset")
@filtered
@_AS_OF
@LIMIT
@signed_in
def list_(session: Session, *, dataset: str, limit: int | None, **options: Any) -> None:
    """List examples in the order in which they were added."""
    dataset_id = session.dataset(dataset)
    rows = session.client.datasets.examples.list(dataset_id, limit=session.out.page(limit), **present(options))
    session.out.list(rows, _LISTED, limit=limit)


@examples.command()
@click.argument("example")
@_AS_OF
@signed_in
def show(session: Session, *, example: str, **options: Any) -> None:
    """Show an example, now or in the past."""
    session.out.show(session.client.examples.get(example, **present(options)), _EXAMPLE)


@examples.command()
@click.argument("example")
@click.argument("rating", type=click.Choice(("1", "2", "3", "4", "5", "pass", "fail")))
@_REASON
@signed_in
def rate(session: Session, *, example: str, rating: str, **options: Any) -> None:
    """Rate an example: 1 to 5 stars, pass or fail. Rating it again replaces your rating."""
    overall = {"type": "stars", "value": int(rating)} if rating.isdigit() else {"type": "pass_fail", "value": rating}
    session.out.show(session.client.examples.rate(example, overall=overall, **present(options)), _EXAMPLE)


@examples.command()
@click.argument("example")
@click.option("--output", required=True, metavar="TEXT", help="The better answer; - reads it from standard input.")
@click.option("--instruction", required=True, metavar="TEXT", help="What had to be repaired.")
@_REASON
@signed_in
def repair(session: Session, *, example: str, output: str, instruction: str, **options: Any) -> None:
    """Replace an example's answer with a better one."""
    text = sys.stdin.read() if output == "-" else output
    repaired = session.client.examples.repair(example, output=text, instruction=instruction, **present(options))
    session.out.show(repaired, _EXAMPLE)


@examples.command()
@click.argument("example")
@LIMIT
@signed_in
def history(session: Session, *, example: str, limit: int | None) -> None:
    """Show the history of an example."""
    rows = session.client.examples.history(example, limit=session.out.page(limit))
    session.out.list(rows, _HISTORY, limit=limit)


@examples.command()
@click.argument("example")
@LIMIT
@signed_in
def lineage(session: Session, *, example: str, limit: int | None) -> None:
    """List the dataset versions and models that contain an example."""
    rows = session.client.examples.lineage(example, limit=session.out.page(limit))
    session.out.list(rows, _LINEAGE, limit=limit)
