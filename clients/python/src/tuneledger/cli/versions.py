"""`freeze`, `versions` and `diff`: freeze a dataset's versions and compare them."""

from typing import Any

import rich_click as click
from rich.text import Text

from tuneledger.cli.conversations import answer_excerpt
from tuneledger.cli.filters import filtered, present
from tuneledger.cli.output import Columns
from tuneledger.cli.session import LIMIT, Session, signed_in
from tuneledger.types import DatasetVersion, Difference


def _changed(one: Difference) -> list[str]:
    """List the fields that differ."""
    if one.before is None or one.after is None:
        return []
    fields = ("content", "metadata", "tags", "rating", "label")
    return [name for name in fields if getattr(one.before, name) != getattr(one.after, name)]


def _answers(one: Difference) -> Text:
    """The answer; if it was edited, before and after."""
    before, after = (answer_excerpt(side.content) if side else None for side in (one.before, one.after))
    parts = [(before, "red"), (after, "green")] if before != after else [(after, "")]
    lines = [Text(text, style=style) for text, style in parts if text]
    return Text("\n").join(lines)


_VERSION: Columns[DatasetVersion] = {
    "name": lambda one: one.name,
    "seq": lambda one: one.seq,
    "examples": lambda one: one.examples,
    "splits": lambda one: one.splits,
    "digest": lambda one: one.digest,
    "notes": lambda one: one.notes,
    "frozen": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_LISTED = {name: of for name, of in _VERSION.items() if name != "digest"} | {"digest": lambda one: one.digest[:12]}
_SIGNS = {"added": ("+", "green"), "edited": ("~", "yellow"), "removed": ("-", "red")}
_DIFFERENCE: Columns[Difference] = {
    "": lambda one: Text(*_SIGNS.get(one.change, (one.change, ""))),
    "example": lambda one: one.example_id,
    "what": _changed,
    "answer": _answers,
}


@click.command()
@click.argument("dataset")
@click.argument("name")
@click.option("--notes", metavar="TEXT", help="Notes on the version.")
@filtered
@signed_in
def freeze(session: Session, *, dataset: str, name: str, notes: str | None, **options: Any) -> None:
    """Freeze the current examples, or those that match the filters, under a name such as v1."""
    fields = present({"filter": present(options) or None, "notes": notes})
    version = session.client.datasets.versions.freeze(session.dataset(dataset), name=name, **fields)
    session.out.show(version, _VERSION)


@click.command()
@click.argument("dataset")
@LIMIT
@signed_in
def versions(session: Session, *, dataset: str, limit: int | None) -> None:
    """List a dataset's frozen versions, newest first."""
    rows = session.client.datasets.versions.list(session.dataset(dataset), limit=session.out.page(limit))
    session.out.list(rows, _LISTED, limit=limit)


@click.command()
@click.argument("dataset")
@click.argument("before", metavar="FROM")
@click.argument("after", metavar="[TO]", required=False)
@LIMIT
@signed_in
def diff(session: Session, *, dataset: str, before: str, after: str | None, limit: int | None) -> None:
    """Compare two states: version names, RFC 3339 times or seqs. Without TO, compare with now."""
    compare, dataset_id = session.client.datasets.diff, session.dataset(dataset)
    ends = present({"from_": before, "to": after})
    rows = compare(dataset_id, limit=session.out.page(limit), **ends)
    session.out.list(rows, _DIFFERENCE, limit=limit)
    if session.out.form == "table" and (counts := compare(dataset_id, limit=1, count=True, **ends).first().changes):
        session.out.note(f"{counts.added:,} added, {counts.edited:,} edited, {counts.removed:,} removed.")
