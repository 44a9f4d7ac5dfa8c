"""`completion`: complete commands and options in a shell."""

import rich_click as click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print the script with which a shell completes commands and options.

    For bash, put eval "$(tuneledger completion bash)" into ~/.bashrc; the same for zsh in ~/.zshrc. For fish:
    tuneledger completion fish > ~/.config/fish/completions/tuneledger.fish
    """
    if kind := get_completion_class(shell):
        click.echo(kind(context.find_root().command, {}, "tuneledger", "_TUNELEDGER_COMPLETE").source())
