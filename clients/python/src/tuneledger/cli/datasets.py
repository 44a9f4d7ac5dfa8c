"""`datasets`: list, create and show datasets."""

import rich_click as click
from msgspec import UNSET

from tuneledger.cli.output import Columns
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.types import Dataset, DatasetStats

_DATASET: Columns[Dataset] = {
    "name": lambda one: one.name,
    "id": lambda one: one.id,
    "description": lambda one: one.description,
    "created": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_STATS: Columns[DatasetStats] = {
    "examples": lambda stats: stats.examples,
    "splits": lambda stats: stats.splits,
    "sources": lambda stats: stats.sources,
    "rated": lambda stats: stats.rated,
    "average rating": lambda stats: stats.average_rating,
    "repaired": lambda stats: stats.repaired,
    "invalid": lambda stats: stats.invalid,
    "tags": lambda stats: stats.tags,
    "quantity": lambda stats: stats.quantity,
}


@click.group(cls=ListsFirst)
def datasets() -> None:
    """List datasets, create one, or show its statistics. Name a dataset by its name or id."""


@datasets.command("list")
@LIMIT
@signed_in
def list_(session: Session, *, limit: int | None) -> None:
    """List all datasets."""
    session.out.list(session.client.datasets.list(limit=session.out.page(limit)), _DATASET, limit=limit)


@datasets.command()
@click.argument("name")
@click.option("--description", metavar="TEXT", help="What the dataset contains.")
@click.option("--task", metavar="TASK", help="The task of its examples, by name or id.")
@signed_in
def create(session: Session, *, name: str, description: str | None, task: str | None) -> None:
    """Create a dataset."""
    dataset = session.client.datasets.create(
        name=name,
        description=UNSET if description is None else description,
        task_id=UNSET if task is None else session.task(task),
    )
    session.out.show(dataset, _DATASET)


@datasets.command()
@click.argument("dataset")
@signed_in
def show(session: Session, *, dataset: str) -> None:
    """Show a dataset."""
    session.out.show(session.client.datasets.get(session.dataset(dataset)), _DATASET)


@datasets.command()
@click.argument("dataset")
@signed_in
def stats(session: Session, *, dataset: str) -> None:
    """Count a dataset's examples by split, source, tag and quality."""
    session.out.show(session.client.datasets.stats(session.dataset(dataset)), _STATS)
