"""`witness`: what this machine has sealed, and how an operator decides that a log which went back is right."""

from uuid import UUID

import click

from service.cli.command import Command, with_settings
from service.ledger.witness import open_witness
from service.settings import Settings


class Commands(click.Group):
    command_class = Command


@click.group("witness", cls=Commands)
def witness_() -> None:
    """List or forget what this machine has sealed."""


@witness_.command("list")
@with_settings
def list_(chosen: Settings) -> None:
    """List size and root of the last seal of each workspace."""
    for workspace_id, sealed in open_witness(chosen).list():
        click.echo(f"{workspace_id}  {sealed.size:>12}  {sealed.root.hex()}")


@witness_.command("forget")
@click.argument("workspace", type=click.UUID)
@click.option("--reason", required=True, help="Why the log may be another; kept beside what is put aside.")
@with_settings
def forget(chosen: Settings, *, workspace: UUID, reason: str) -> None:
    """Seal a workspace's log as it is now, though it is not what was sealed before, as after a restore."""
    sealed = open_witness(chosen).forget(workspace, reason=reason)
    if sealed is None:
        raise click.ClickException(f"Nothing is kept of workspace {workspace} on this machine.")
    click.echo(f"Forgotten: {sealed.size} events with root {sealed.root.hex()}. It is sealed anew within seconds.")
