"""The options that say which examples are meant, as the API names them."""

from collections.abc import Callable
from typing import Any, TypeVar

import rich_click as click

Command = TypeVar("Command", bound=Callable[..., Any])
SPLITS = ("train", "validation", "test")
_FILTERS = (
    click.option("--tag", metavar="TAG", help="Has this tag."),
    click.option("--split", type=click.Choice(SPLITS), help="Is in this split."),
    click.option("--source", type=click.Choice(("human", "import", "synthetic", "log", "document")), help="Is from."),
    click.option("--rating-gte", type=float, metavar="STARS", help="Its mean rating is at least this."),
    click.option("--rated/--unrated", default=None, help="Has a rating, or none."),
    click.option("--repaired/--unrepaired", default=None, help="Was repaired, or was not."),
    click.option("--valid/--invalid", default=None, help="Matches its task's schema, or does not."),
    click.option("--label", metavar="CATEGORY", help="Was labelled with this category."),
    click.option("--external-id", metavar="ID", help="The one of this external id."),
    click.option("-q", "--text", "q", metavar="TEXT", help="Has this text in it."),
)


def filtered(command: Command) -> Command:
    """Gives a command the filters; they arrive under the names that the client's methods have for them."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def present(given: dict[str, Any]) -> dict[str, Any]:
    """Without what was not given, so that it is not sent."""
    return {name: value for name, value in given.items() if value is not None and value != ()}
