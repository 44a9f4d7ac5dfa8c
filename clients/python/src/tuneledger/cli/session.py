"""What a command works with: a client with the chosen profile, and the output."""

import functools
import sys
import uuid
from collections.abc import Callable
from typing import Any

import rich_click as click

from tuneledger import Tuneledger
from tuneledger._sync._pages import Pager
from tuneledger.cli.exits import Exit, Refused, exit_codes
from tuneledger.cli.output import Output
from tuneledger.cli.profiles import load

PROFILE = click.option(
    "--profile", metavar="NAME", envvar="TUNELEDGER_PROFILE", show_envvar=True, help="The server and key to use."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
LIMIT = click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Maximum number of rows. Default: 50 in a table, else all."
)


class Session:
    """One command's client and output."""

    def __init__(self, client: Tuneledger, out: Output) -> None:
        self.client = client
        self.out = out

    def dataset(self, name_or_id: str) -> str:
        """Find the id of a dataset by its name or id."""
        return find_id(self.client.datasets.list, name_or_id, noun="dataset")

    def model(self, name_or_id: str) -> str:
        """Find the id of a model by its name or id."""
        return find_id(self.client.models.list, name_or_id, noun="model")

    def connection(self, name_or_id: str) -> str:
        """Find the id of a connection by its name or id."""
        return find_id(self.client.connections.list, name_or_id, noun="connection")

    def task(self, name_or_id: str) -> str:
        """Find the id of a task by its name or id."""
        return find_id(self.client.tasks.list, name_or_id, noun="task")


def find_id(list_: Callable[..., Pager[Any, Any]], name_or_id: str, *, noun: str) -> str:
    """Find the id of the resource with this name; an id is returned as it is. Raises Refused if there is none."""
    if _is_id(name_or_id):
        return name_or_id
    matches = list_(name=name_or_id).first().data
    if not matches:
        raise Refused(f"There is no {noun} {name_or_id!r}.", Exit.NOT_FOUND)
    return str(matches[0].id)


def output(*, as_json: bool) -> Output:
    return Output("json" if as_json else "table" if sys.stdout.isatty() else "lines")


def signed_in(run: Callable[..., None]) -> Callable[..., None]:
    """Add the options --profile and --json to a command, and call it with a session."""

    @functools.wraps(run)
    def command(*, profile: str | None, as_json: bool, **options: Any) -> None:
        with exit_codes():
            signed_in_as = load(profile)
            with Tuneledger(signed_in_as.key, base_url=signed_in_as.url) as client:
                run(Session(client, output(as_json=as_json)), **options)

    return PROFILE(JSON(command))


class ListsFirst(click.RichGroup):
    """A group whose default command is `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else ["list", *args])


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
