"""All commands by name. A module is imported only when one of its commands is called, so that each starts fast."""

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

OTHERS = "tuneledger.commands"  # the entry points through which other packages, such as the server, add commands
PANELS = {
    "Sign in": {
        "login": "login:login",
        "logout": "login:logout",
        "whoami": "login:whoami",
        "profiles": "login:profiles_",
    },
    "Data": {
        "datasets": "datasets:datasets",
        "examples": "examples:examples",
        "import": "imports:import_",
        "export": "export:export",
        "freeze": "versions:freeze",
        "versions": "versions:versions",
        "diff": "versions:diff",
    },
    "Tunes and models": {
        "connections": "connections:connections",
        "tune": "sweeps:tune",
        "tunes": "tunes:tunes",
        "watch": "watch:watch",
        "models": "models:models",
        "promote": "aliases:promote",
        "rollback": "aliases:rollback",
    },
    "The record": {
        "history": "record:history",
        "events": "record:events",
        "verify": "verify:verify",
        "verify-model": "verify_model:verify_model",
    },
    "Everything else": {
        "operations": "operations:operations",
        "api": "api:api",
        "completion": "completion:completion",
    },
}
_OWN = {name: place for panel in PANELS.values() for name, place in panel.items()}


class Commands(click.RichGroup):
    """Our commands, and those of installed packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*_OWN, *sorted(entry.name for entry in entry_points(group=OTHERS) if entry.name not in _OWN)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if place := _OWN.get(cmd_name):
            module, _, attribute = place.partition(":")
            own: click.Command = getattr(import_module(f"tuneledger.cli.{module}"), attribute)
            return own
        for entry in entry_points(group=OTHERS, name=cmd_name):
            other: click.Command = entry.load()
            return other
        return None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names without help texts: those would import every command at each key press."""
        names = [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, args: Sequence[str] | None = None, *more: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Print errors as plain lines, for logs and pipes, and end with the documented exit codes."""
        run = partial(super().main, args, *more, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        try:
            code: object = run()
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Interrupted.", err=True)
            sys.exit(Exit.INTERRUPTED)
        sys.exit(code if isinstance(code, int) else Exit.DONE)


@click.group("tuneledger", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="tuneledger %(version)s")
def main() -> None:
    """Tuneledger, the system of record for fine-tuning language models.

    Commands print tables on a terminal, one JSON object per line into a pipe, and one JSON document with --json.
    """


for _name, _commands in PANELS.items():
    click.command_panel(_name, commands=list(_commands))(main)
