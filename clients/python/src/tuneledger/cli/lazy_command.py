"""A command that is imported when it is called, so that a list of commands costs no imports."""

from importlib import import_module
from typing import Any

import rich_click as click


class LazyCommand(click.Command):
    """Stands for the command at `place`, `package.module:attribute`, whose first paragraph is `summary`."""

    name: str

    def __init__(self, name: str, place: str, summary: str, *, hidden: bool = False) -> None:
        super().__init__(name, help=summary, hidden=hidden)
        self.place = place

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of the command itself, which then runs."""
        return self.load().make_context(info_name, args, parent, **extra)
