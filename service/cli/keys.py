"""`keys`: create, list, rotate and revoke API keys from the command line, for an operator without a key."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import commands, queries
from service.access.actors import COMMAND_LINE
from service.access.domain import SCOPES, Scope, generate_secret
from service.access.roles import OPERATOR_AUTHORITY
from service.access.sign_in.issuers import parse_issuers
from service.cli.command import Command, run_on_database, with_settings
from service.composition import open_ledger
from service.database import engine as database
from service.ledger.store import Caller, Ledger
from service.settings import Settings


class Commands(click.Group):
    command_class = Command


@click.group("keys", cls=Commands)
def keys_() -> None:
    """Create, list, rotate and revoke API keys."""


@keys_.command("create")
@click.option("--name", required=True, help="The member: the actor in the history. A new name becomes a machine.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Default: admin and operator.")
@click.option("--workspace", type=click.UUID, help="Default: the oldest; on an empty database, a new one.")
@with_settings
def create_key(chosen: Settings, *, name: str, scopes: tuple[Scope, ...], workspace: UUID | None) -> None:
    """Create an API key and print it; it is shown only once.

    A member may have several keys, but only one of each name: `keys rotate` replaces one.
    """
    secret = generate_secret()
    granted = scopes or ("admin", "operator")

    async def create(ledger: Ledger, caller: Caller | None) -> None:
        if caller is None:
            nobody = _operator_caller(UUID(int=0))
            await commands.create_workspace(
                ledger, nobody, name="default", secret=secret, scopes=granted, key_name=name
            )
        else:
            await commands.add_key(ledger, caller, name=name, secret=secret, scopes=granted)

    _in_workspace(chosen, workspace, create)
    click.echo(secret)


@keys_.command("list")
@click.option("--workspace", type=click.UUID, help="Default: the oldest.")
@with_settings
def list_keys(chosen: Settings, *, workspace: UUID | None) -> None:
    """List the keys with their members and roles, without their secrets."""

    async def show(ledger: Ledger, caller: Caller | None) -> None:
        rows = await queries.list_keys(ledger.engine, caller.workspace_id, after=None, limit=1_000) if caller else []
        for row in rows:
            ended = "revoked" if row.revoked_at else f"expires {row.expires_at:%Y-%m-%d}" if row.expires_at else ""
            used = f"used {row.last_used_at:%Y-%m-%d}" if row.last_used_at else "never used"
            name = row.name if row.name == row.member else f"{row.member} ({row.name})"
            click.echo(f"{row.id}  {row.hint}  {name}  {row.role}  {','.join(row.scopes)}  {used}  {ended}".rstrip())

    _in_workspace(chosen, workspace, show)


@keys_.command("rotate")
@click.argument("key_id", type=click.UUID)
@click.option("--workspace", type=click.UUID, help="Default: the oldest.")
@click.option("--grace-hours", default=0.0, show_default=True, help="How long the old key still works.")
@with_settings
def rotate_key(chosen: Settings, *, key_id: UUID, workspace: UUID | None, grace_hours: float) -> None:
    """Replace a key by a new one of the same member, name and scopes, and print it; it is shown only once."""
    grant = commands.Grant(secret=generate_secret(), by=OPERATOR_AUTHORITY, longest=chosen.longest_key_life)

    async def rotate(ledger: Ledger, caller: Caller | None) -> None:
        who = caller or _operator_caller(UUID(int=0))
        grace = timedelta(hours=grace_hours)
        await commands.rotate_key(ledger, who, key_id, grant, grace=grace, expires_at=None)

    _in_workspace(chosen, workspace, rotate)
    click.echo(grant.secret)


@keys_.command("revoke")
@click.argument("key_id", type=click.UUID)
@click.option("--workspace", type=click.UUID, help="Default: the oldest.")
@click.option("--reason", help="The reason; the history shows it.")
@with_settings
def revoke_key(chosen: Settings, *, key_id: UUID, workspace: UUID | None, reason: str | None) -> None:
    """Revoke a key; it stops working within a second. Refused if no owner could come in any more."""

    async def revoke(ledger: Ledger, caller: Caller | None) -> None:
        who = caller or _operator_caller(UUID(int=0))
        issuers = parse_issuers(chosen)
        await commands.revoke_key(ledger, who, key_id, issuers=issuers, by=OPERATOR_AUTHORITY, reason=reason)

    _in_workspace(chosen, workspace, revoke)
    click.echo(f"Revoked {key_id}.")


def _in_workspace(
    chosen: Settings, workspace: UUID | None, do: Callable[[Ledger, Caller | None], Awaitable[None]]
) -> None:
    """Call `do` as the operator of a workspace, by default the oldest; with None when there is none."""

    async def run(engine: AsyncEngine) -> None:
        workspaces = await queries.list_workspaces(engine, UUID(int=0), every=True, after=None, limit=1)
        workspace_id = workspace or (workspaces[0].workspace_id if workspaces else None)
        await do(open_ledger(engine), _operator_caller(workspace_id) if workspace_id else None)

    run_on_database(chosen, run)


def _operator_caller(workspace_id: UUID) -> Caller:
    return Caller(workspace_id=workspace_id, actor=COMMAND_LINE, request_id=f"cli-{database.new_id()}")
