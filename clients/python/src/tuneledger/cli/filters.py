"""Options that select examples, with the names of the API."""

from collections.abc import Callable
from typing import Any, TypeVar

import rich_click as click

Command = TypeVar("Command", bound=Callable[..., Any])
SPLITS = ("train", "validation", "test")
_FILTERS = (
    click.option("--tag", metavar="TAG", help="Only examples with this tag."),
    click.option("--split", type=click.Choice(SPLITS), help="Only this split."),
    click.option(
        "--source",
        type=click.Choice(("human", "import", "synthetic", "log", "document")),
        help="Only from this source.",
    ),
    click.option("--rating-gte", type=float, metavar="STARS", help="Only with at least this mean rating."),
    click.option("--rated/--unrated", default=None, help="Only with, or only without, a rating."),
    click.option("--repaired/--unrepaired", default=None, help="Only repaired, or only not repaired."),
    click.option(
        "--valid/--invalid", default=None, help="Only those that match their task's schema, or only those that do not."
    ),
    click.option("--label", metavar="CATEGORY", help="Only labelled with this category."),
    click.option("--external-id", metavar="ID", help="Only the one with this external id."),
    click.option("-q", "--text", "q", metavar="TEXT", help="Only those that contain this text."),
)


def filtered(command: Command) -> Command:
    """Add the filters to a command, under the names of the client's parameters."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def present(options: dict[str, Any]) -> dict[str, Any]:
    """Drop options that were not set, so that they are not sent."""
    return {name: value for name, value in options.items() if value is not None and value != ()}
