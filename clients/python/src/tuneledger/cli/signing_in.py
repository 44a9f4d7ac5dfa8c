"""Who is asked, and as whom: `login`, `logout`, `whoami`, `profiles`."""

import sys
from urllib.parse import urlsplit

import msgspec
import rich_click as click

from tuneledger import Tuneledger
from tuneledger._sync._base import DEFAULT_BASE_URL
from tuneledger.cli import profiles
from tuneledger.cli.exits import Exit, Refused, telling
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
_NEAR = {"127.0.0.1", "localhost", "::1"}


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A profile as it is listed: without its key."""

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
@click.option("--url", metavar="URL", help=f"Where the server is. Default: asked for, such as {DEFAULT_BASE_URL}.")
@click.option("--with-key", is_flag=True, help="Read the API key from standard input instead of asking for it.")
def login(*, profile: str | None, url: str | None, with_key: bool) -> None:
    """Keep a server's address and an API key, after asking the server whether it takes the key."""
    known = profiles.read()
    name = profile or (known.current if known.profiles else DEFAULT)
    before = known.profiles.get(name)
    address = (url or _asked(before.url if before else DEFAULT_BASE_URL, ask=not with_key)).rstrip("/")
    address = address.removesuffix("/v1").rstrip("/")  # as OpenAI's client wants it
    key = sys.stdin.readline().strip() if with_key else click.prompt("API key", hide_input=True).strip()
    if not key:
        raise Refused("No key was given.", Exit.NO_ACCESS)
    if urlsplit(address).scheme == "http" and urlsplit(address).hostname not in _NEAR:
        click.echo(f"Warning: {address} is not encrypted, so the key can be read on the way.", err=True)
    with telling(), Tuneledger(key, base_url=address) as client:
        me = client.me()
    made = {**known.profiles, name: Profile(url=address, key=key)}
    profiles.write(profiles.Profiles(current=name, profiles=made))
    click.echo(f"Signed in to {address} as {me.name} (profile {name}).", err=True)


def _asked(default: str, *, ask: bool) -> str:
    return str(click.prompt("Server", default=default)) if ask else default


@click.command()
@PROFILE
def logout(*, profile: str | None) -> None:
    """Forget a profile's key. The key itself stays valid until it is revoked."""
    known = profiles.read()
    name = profile or known.current
    if name not in known.profiles:
        raise Refused(f"There is no profile {name!r}.", Exit.NOT_FOUND)
    left = {other: each for other, each in known.profiles.items() if other != name}
    current = known.current if known.current in left else next(iter(left), DEFAULT)
    profiles.write(profiles.Profiles(current=current, profiles=left))
    click.echo(f"Forgot profile {name}.", err=True)


@click.command()
@signed_in
def whoami(session: Session) -> None:
    """Say which key this is, and what it may do."""
    session.out.show(session.client.me(), _ME)


@click.group("profiles", cls=ListsFirst)
def profiles_() -> None:
    """List the profiles, or change which one holds."""


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
    """Let a profile hold from now on."""
    known = profiles.read()
    if name not in known.profiles:
        raise Refused(f"There is no profile {name!r}.", Exit.NOT_FOUND)
    profiles.write(profiles.Profiles(current=name, profiles=known.profiles))
    click.echo(f"{name} holds from now on.", err=True)
