"""The reference of the command line as Markdown, from the commands themselves."""

from collections.abc import Iterator

import click

from tuneledger.cli.commands import PANELS, main
from tuneledger.cli.exits import MEANINGS
from tuneledger.cli.lazy_command import LazyCommand

OTHERS = "The server's own"
BEGINNING = """\
# Every command

[The command line](../guides/command-line.md) says how to begin. Each command has `--help`, and most have
`--profile NAME` (whose key to use) and `--json` (one JSON document instead of a table or lines).

## Exit codes

A refusal by the server ends with its code, which the [errors](../errors.md) explain.

| code | what it says |
|---|---|
"""
_EVERYWHERE = {"profile", "as_json", "help"}  # told once, above


def page() -> str:
    codes = "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in MEANINGS.items())
    root = click.Context(main, info_name="tuneledger")
    named = {panel: [command.name for command in commands] for panel, commands in PANELS.items()}
    own = {name for names in named.values() for name in names}
    named[OTHERS] = [name for name in main.list_commands(root) if name not in own]
    panels = ("\n".join([f"## {panel}\n", *_commands(main, root, names)]) for panel, names in named.items() if names)
    return f"{BEGINNING}{codes}\n" + "\n".join(panels)


def _commands(group: click.Group, parent: click.Context, names: list[str]) -> Iterator[str]:
    for name in names:
        listed = group.get_command(parent, name)
        command = listed.load() if isinstance(listed, LazyCommand) else listed
        if command is None or command.hidden:
            continue
        context = click.Context(command, info_name=name, parent=parent)
        if isinstance(command, click.Group):
            yield f"{_said(command)}\n"
            yield from _commands(command, context, command.list_commands(context))
        else:
            yield from _command(context)


def _command(context: click.Context) -> Iterator[str]:
    path, command = context.command_path, context.command
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    yield f"### {path} {{ #{path.removeprefix('tuneledger ').replace(' ', '-')} }}\n"
    yield f"{_said(command)}\n"
    yield f"```text\n{usage}\n```\n"
    told = [each for each in command.params if each.name not in _EVERYWHERE]
    records = [record for each in told if (record := each.get_help_record(context)) and record[1]]
    if records:
        yield "| option | what it does |\n|---|---|"
        yield from (f"| `{_cell(option)}` | {_cell(text)} |" for option, text in records)
        yield ""


def _said(command: click.Command) -> str:
    return "\n".join(line.strip() for line in (command.help or "").splitlines())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
