"""`login`, `logout`, `whoami` and `profiles`: which server and key to use."""

import sys
from urllib.parse import urlsplit

import msgspec
import rich_click as click

from tuneledger import Tuneledger
from tuneledger._sync._base import DEFAULT_BASE_URL
from tuneledger.cli import profiles
from tuneledger.cli.exits import Exit, Refused, exit_codes
from tuneledger.cli.output import Columns
from tuneledger.cli.profiles import DEFAULT, Profile
from tuneledger.cli.session import JSON, PROFILE, ListsFirst, Session, output, signed_in
from tuneledger.types import Me

_ME: Columns[Me] = {
    "key": lambda me: me.name,
    "workspace": lambda me: me.workspace_id,
    "scopes": lambda me: me.scopes,
    "expires": lambda me: me.expires_at,
}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A profile in the list, without its key."""

    name: str
    url: str
    hint: str
    current: bool


_PROFILE: Columns[_Row] = {
    "name": lambda row: row.name,
    "server": lambda row: row.url,
    "key": lambda row: row.hint,
    "current": lambda row: "*" if row.current else "",
}


@click.command()
@PROFILE
@click.option("--url", metavar="URL", help=f"The server's address, such as {DEFAULT_BASE_URL}. Default: it asks.")
@click.option("--with-key", is_flag=True, help="Read the API key from standard input instead of asking for it.")
def login(*, profile: str | None, url: str | None, with_key: bool) -> None:
    """Check an API key with the server, and store both in a profile."""
    known = profiles.read()
    name = profile or (known.current if known.profiles else DEFAULT)
    before = known.profiles.get(name)
    address = (url or _ask_for_url(before.url if before else DEFAULT_BASE_URL, ask=not with_key)).rstrip("/")
    address = address.removesuffix("/v1").rstrip("/")  # OpenAI's client has it in its base URL
    key = sys.stdin.readline().strip() if with_key else click.prompt("API key", hide_input=True).strip()
    if not key:
        raise Refused("The key is empty.", Exit.NO_ACCESS)
    if urlsplit(address).scheme == "http" and urlsplit(address).hostname not in _LOOPBACK:
        click.echo(f"Warning: {address} is not encrypted: others on the network can read the key.", err=True)
    with exit_codes(), Tuneledger(key, base_url=address) as client:
        me = client.me()
    stored = {**known.profiles, name: Profile(url=address, key=key)}
    profiles.write(profiles.Profiles(current=name, profiles=stored))
    click.echo(f"Signed in to {address} as {me.name} (profile {name}).", err=True)


def _ask_for_url(default: str, *, ask: bool) -> str:
    return str(click.prompt("Server", default=default)) if ask else default


@click.command()
@PROFILE
def logout(*, profile: str | None) -> None:
    """Remove a profile with its key. The key itself stays valid until it is revoked."""
    known = profiles.read()
    name = profile or known.current
    if name not in known.profiles:
        raise Refused(f"There is no profile {name!r}.", Exit.NOT_FOUND)
    remaining = {other: each for other, each in known.profiles.items() if other != name}
    current = known.current if known.current in remaining else next(iter(remaining), DEFAULT)
    profiles.write(profiles.Profiles(current=current, profiles=remaining))
    click.echo(f"Removed profile {name}.", err=True)


@click.command()
@signed_in
def whoami(session: Session) -> None:
    """Show the member and the scopes of this key."""
    session.out.show(session.client.me(), _ME)


@click.group("profiles", cls=ListsFirst)
def profiles_() -> None:
    """List profiles, or choose the current one."""


@profiles_.command("list")
@JSON
def list_(*, as_json: bool) -> None:
    """List all profiles."""
    known = profiles.read()
    output(as_json=as_json).list(
        [
            _Row(name=name, url=each.url, hint=f"…{each.key[-4:]}", current=name == known.current)
            for name, each in known.profiles.items()
        ],
        _PROFILE,
    )


@profiles_.command("use")
@click.argument("name")
def use(*, name: str) -> None:
    """Choose the current profile."""
    known = profiles.read()
    if name not in known.profiles:
        raise Refused(f"There is no profile {name!r}.", Exit.NOT_FOUND)
    profiles.write(profiles.Profiles(current=name, profiles=known.profiles))
    click.echo(f"The current profile is {name}.", err=True)
