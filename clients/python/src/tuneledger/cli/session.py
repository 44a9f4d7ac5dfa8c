"""What a command works with: a client of the profile that holds, and where its answers go."""

import functools
import sys
import uuid
from collections.abc import Callable
from typing import Any

import rich_click as click

from tuneledger import Tuneledger
from tuneledger._sync._pages import Pager
from tuneledger.cli.exits import Exit, Refused, telling
from tuneledger.cli.output import Output
from tuneledger.cli.profiles import chosen

PROFILE = click.option(
    "--profile", metavar="NAME", envvar="TUNELEDGER_PROFILE", show_envvar=True, help="The server and key to use."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
LIMIT = click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="How many at the most. Default: 50 in a table, else all."
)


class Session:
    """One command's client and output."""

    def __init__(self, client: Tuneledger, out: Output) -> None:
        self.client = client
        self.out = out

    def dataset(self, given: str) -> str:
        """The id of a dataset, given by its id or its name."""
        return named(self.client.datasets.list, given, noun="dataset")

    def model(self, given: str) -> str:
        """The id of a model, given by its id or its name."""
        return named(self.client.models.list, given, noun="model")

    def connection(self, given: str) -> str:
        """The id of a connection, given by its id or its name."""
        return named(self.client.connections.list, given, noun="connection")

    def task(self, given: str) -> str:
        """The id of a task, given by its id or its name."""
        return named(self.client.tasks.list, given, noun="task")


def named(listed: Callable[..., Pager[Any, Any]], given: str, *, noun: str) -> str:
    """The id of the one thing that has this name; an id stands for itself. Raises Refused where there is none."""
    if _is_id(given):
        return given
    found = listed(name=given).first().data
    if not found:
        raise Refused(f"There is no {noun} {given!r}.", Exit.NOT_FOUND)
    return str(found[0].id)


def output(*, as_json: bool) -> Output:
    return Output("json" if as_json else "table" if sys.stdout.isatty() else "lines")


def signed_in(run: Callable[..., None]) -> Callable[..., None]:
    """Gives a command its session, and the options that choose it."""

    @functools.wraps(run)
    def command(*, profile: str | None, as_json: bool, **given: Any) -> None:
        with telling():
            found = chosen(profile)
            with Tuneledger(found.key, base_url=found.url) as client:
                run(Session(client, output(as_json=as_json)), **given)

    return PROFILE(JSON(command))


class ListsFirst(click.RichGroup):
    """A group that lists when it is not told what else to do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else ["list", *args])


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
