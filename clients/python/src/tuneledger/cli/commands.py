"""All commands by name. A module is imported when one of its commands is called, so that each starts soon."""

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import rich_click as click
from click.shell_completion import CompletionItem

from tuneledger._version import __version__
from tuneledger.cli.exits import Exit

OTHERS = "tuneledger.commands"  # the entry points under which other packages, as the server's, add commands
PANELS = {
    "Sign in": {
        "login": "signing_in:login",
        "logout": "signing_in:logout",
        "whoami": "signing_in:whoami",
        "profiles": "signing_in:profiles_",
    },
    "Data": {
        "datasets": "datasets:datasets",
        "examples": "examples:examples",
        "import": "importing:import_",
        "export": "exporting:export",
        "freeze": "versions:freeze",
        "versions": "versions:versions",
        "diff": "versions:diff",
    },
    "Tunes and models": {
        "connections": "connections:connections",
        "tune": "tuning:tune",
        "tunes": "tunes:tunes",
        "watch": "watching:watch",
        "models": "models:models",
        "promote": "promoting:promote",
        "rollback": "promoting:rollback",
    },
    "The record": {
        "history": "record:history",
        "events": "record:events",
        "verify": "verifying:verify",
    },
    "Everything else": {
        "operations": "operations:operations",
        "api": "calling:api",
        "completion": "completing:completion",
    },
}
_OWN = {name: place for panel in PANELS.values() for name, place in panel.items()}


class Commands(click.RichGroup):
    """Ours, and those that installed packages add."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*_OWN, *sorted(found.name for found in entry_points(group=OTHERS) if found.name not in _OWN)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if place := _OWN.get(cmd_name):
            module, _, attribute = place.partition(":")
            own: click.Command = getattr(import_module(f"tuneledger.cli.{module}"), attribute)
            return own
        for found in entry_points(group=OTHERS, name=cmd_name):
            other: click.Command = found.load()
            return other
        return None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names alone: to say what each does would import them all, at every touch of the key."""
        names = [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, args: Sequence[str] | None = None, *more: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Refusals as plain lines, which a log and a pipe can hold, and the exit codes that are promised."""
        run = partial(super().main, args, *more, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        try:
            code: object = run()
        except click.ClickException as refused:
            refused.show()
            sys.exit(refused.exit_code)
        except click.Abort:
            click.echo("Interrupted.", err=True)
            sys.exit(Exit.INTERRUPTED)
        sys.exit(code if isinstance(code, int) else Exit.DONE)


@click.group("tuneledger", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="tuneledger %(version)s")
def main() -> None:
    """Tuneledger, the system of record for fine-tuning language models.

    Commands print tables on a terminal, one JSON object a line into a pipe, and one JSON document with --json.
    """


for _name, _commands in PANELS.items():
    click.command_panel(_name, commands=list(_commands))(main)
