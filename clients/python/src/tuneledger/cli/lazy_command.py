"""A command that is imported when it is called, so that a list of commands costs no imports."""

import gc
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
        """Import the command. What is imported stays, so nothing looks for garbage in it, now or later."""
        module, _, attribute = self.place.partition(":")
        gc.disable()
        command: click.Command = getattr(import_module(module), attribute)
        gc.freeze()
        gc.enable()
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of the command itself, which then runs."""
        return self.load().make_context(info_name, args, parent, **extra)
