"""All commands by name, in their panels."""

import sys
from collections.abc import Sequence
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import rich_click as click
from click.shell_completion import CompletionItem

from tuneledger._version import __version__
from tuneledger.cli.exits import Exit
from tuneledger.cli.lazy_command import LazyCommand

OTHERS = "tuneledger.commands"  # the entry points through which other packages, such as the server, add commands
PANELS = {
    "Sign in": [
        LazyCommand(
            "login", "tuneledger.cli.login:login", "Check an API key with the server, and store both in a profile."
        ),
        LazyCommand(
            "logout",
            "tuneledger.cli.login:logout",
            "Remove a profile with its key. The key itself stays valid until it is revoked.",
        ),
        LazyCommand("whoami", "tuneledger.cli.login:whoami", "Show the member and the scopes of this key."),
        LazyCommand("profiles", "tuneledger.cli.login:profiles_", "List profiles, or choose the current one."),
    ],
    "Data": [
        LazyCommand(
            "datasets",
            "tuneledger.cli.datasets:datasets",
            "List datasets, create one, or show its statistics. Name a dataset by its name or id.",
        ),
        LazyCommand(
            "examples",
            "tuneledger.cli.examples:examples",
            "Find examples, such as `tuneledger examples news --tag late`. The history shows who changed one and why.",
        ),
        LazyCommand(
            "import",
            "tuneledger.cli.imports:import_",
            "Import files into a dataset, one after the other; - is standard input.",
        ),
        LazyCommand("export", "tuneledger.cli.export:export", "Export a version, a past state or the current state."),
        LazyCommand(
            "freeze",
            "tuneledger.cli.versions:freeze",
            "Freeze the current examples, or those that match the filters, under a name such as v1.",
        ),
        LazyCommand("versions", "tuneledger.cli.versions:versions", "List a dataset's frozen versions, newest first."),
        LazyCommand(
            "diff",
            "tuneledger.cli.versions:diff",
            "Compare two states: version names, RFC 3339 times or seqs. Without TO, compare with now.",
        ),
    ],
    "Tunes and models": [
        LazyCommand(
            "connections",
            "tuneledger.cli.connections:connections",
            "List connections (accounts at providers), add one, or check one.",
        ),
        LazyCommand(
            "tune",
            "tuneledger.cli.sweeps:tune",
            "Tune one or more base models on a frozen version. Each tune is sent to its provider exactly once.",
        ),
        LazyCommand(
            "tunes",
            "tuneledger.cli.tunes:tunes",
            "List tunes, show, cancel or retry one. `tuneledger tune` starts tunes, `tuneledger watch` follows them.",
        ),
        LazyCommand(
            "watch", "tuneledger.cli.watch:watch", "Watch tunes until all have ended; without TUNE, all running tunes."
        ),
        LazyCommand(
            "models",
            "tuneledger.cli.models:models",
            "List models, their versions, and the data of a version. Name a model by its name or id.",
        ),
        LazyCommand(
            "promote",
            "tuneledger.cli.aliases:promote",
            "Move an alias of a model to a version. If a gate protects the alias, the version has to pass.",
        ),
        LazyCommand(
            "rollback",
            "tuneledger.cli.aliases:rollback",
            "Move an alias back to its previous version. Repeat it to go further back.",
        ),
    ],
    "The record": [
        LazyCommand(
            "history",
            "tuneledger.cli.record:history",
            "Show what happened in sentences: to one resource, or to all that match the filters.",
        ),
        LazyCommand("events", "tuneledger.cli.record:events", "List the log's events, or follow new ones."),
        LazyCommand(
            "verify",
            "tuneledger.cli.verify:verify",
            "Verify an export of the log offline, with the keys that you trust.",
        ),
        LazyCommand(
            "verify-model",
            "tuneledger.cli.verify_model:verify_model",
            "Verify exported weights: every file, the signature, and that the log has the version with its data.",
        ),
    ],
    "Everything else": [
        LazyCommand(
            "operations", "tuneledger.cli.operations:operations", "List background work, wait for it, or cancel it."
        ),
        LazyCommand(
            "api",
            "tuneledger.cli.api:api",
            "Send a request to any path, such as `tuneledger api GET /v1/me`, with sign-in, retries and exit codes.",
        ),
        LazyCommand(
            "completion",
            "tuneledger.cli.completion:completion",
            "Print the script with which a shell completes commands and options.",
        ),
    ],
}
_OWN = {command.name: command for commands in PANELS.values() for command in commands}


@cache
def _find_others() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=OTHERS)}


class Commands(click.RichGroup):
    """Our commands, and those of installed packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*_OWN, *(name for name in sorted(_find_others()) if name not in _OWN)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if own := _OWN.get(cmd_name):
            return own
        if found := _find_others().get(cmd_name):
            other: click.Command = found.load()
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
    click.command_panel(_name, commands=[command.name for command in _commands])(main)
