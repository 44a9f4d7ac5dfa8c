"""The server's commands, as `python -m service`. Settings come from the environment; docs/settings.md lists them.

`tuneledger`, which is the client's command line, finds the same by the entry points in pyproject.toml.
"""

import click

from service.cli import commands
from tuneledger.cli.lazy_command import LazyCommand

COMMANDS = {name: command for name, command in vars(commands).items() if isinstance(command, LazyCommand)}
main = click.Group(
    "tuneledger",
    commands=list(COMMANDS.values()),
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tuneledger's server, its workers and its database.",
)

if __name__ == "__main__":
    main()
