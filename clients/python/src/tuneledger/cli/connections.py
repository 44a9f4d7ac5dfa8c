"""`connections`: accounts at providers."""

import sys
from typing import Any

import rich_click as click

from tuneledger.cli.filters import present
from tuneledger.cli.output import Columns
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.types import Connection, ConnectionCheck

_CONNECTION: Columns[Connection] = {
    "name": lambda one: one.name,
    "id": lambda one: one.id,
    "kind": lambda one: one.kind,
    "address": lambda one: one.base_url,
    "created": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_CHECK: Columns[ConnectionCheck] = {
    "works": lambda one: one.ok,
    "models": lambda one: one.models,
    "checked": lambda one: one.checked_at,
}


@click.group(cls=ListsFirst)
def connections() -> None:
    """List connections (accounts at providers), add one, or check one."""


@connections.command("list")
@LIMIT
@signed_in
def list_(session: Session, *, limit: int | None) -> None:
    """List all connections."""
    session.out.list(session.client.connections.list(limit=session.out.page(limit)), _CONNECTION, limit=limit)


@connections.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(("openai", "sandbox")), default="openai", show_default=True)
@click.option("--base-url", metavar="URL", help="Default: the provider's public address.")
@click.option("--with-secret", is_flag=True, help="Read the provider's key from standard input instead of asking.")
@signed_in
def add(session: Session, *, name: str, with_secret: bool, **options: Any) -> None:
    """Add a connection. It asks for the provider's key, which is stored encrypted and never shown again."""
    secret = sys.stdin.readline() if with_secret else click.prompt("Secret", hide_input=True)
    session.out.show(
        session.client.connections.create(name=name, secret=secret.strip(), **present(options)), _CONNECTION
    )


@connections.command()
@click.argument("connection")
@signed_in
def check(session: Session, *, connection: str) -> None:
    """Check whether the provider accepts the key."""
    session.out.show(session.client.connections.check(session.connection(connection)), _CHECK)
