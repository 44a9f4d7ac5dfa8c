"""Profiles: servers and keys by name, in a file that its owner alone can read."""

import os
from pathlib import Path

import msgspec
import tomlkit
from platformdirs import user_config_path
from tomlkit.exceptions import TOMLKitError

from tuneledger._sync._base import DEFAULT_BASE_URL
from tuneledger.cli.exits import Exit, Refused

DEFAULT = "default"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is, and the key to a workspace there."""

    url: str
    key: str


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """`current` names the one that holds where none is asked for."""

    current: str = DEFAULT
    profiles: dict[str, Profile] = {}


def place() -> Path:
    """The file, such as ~/.config/tuneledger/config.toml."""
    return user_config_path("tuneledger") / "config.toml"


def read() -> Profiles:
    """All there are. Raises Refused when the file is not one of ours."""
    try:
        return msgspec.convert(tomlkit.parse(place().read_text()).unwrap(), Profiles)
    except FileNotFoundError:
        return Profiles()
    except (TOMLKitError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise Refused(f"{place()} cannot be read: {error}", Exit.NO_ACCESS) from error


def write(profiles: Profiles) -> None:
    """Replaces the file in one step, so that it is never half written nor open to others."""
    file = place()
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(tomlkit.dumps(msgspec.to_builtins(profiles)))
    fresh.replace(file)


def chosen(name: str | None) -> Profile:
    """The profile of this name; without one, TUNELEDGER_API_KEY's, else the current one. Raises Refused."""
    key = os.environ.get("TUNELEDGER_API_KEY")
    if name is None and key:
        return Profile(url=os.environ.get("TUNELEDGER_BASE_URL") or DEFAULT_BASE_URL, key=key)
    known = read()
    found = known.profiles.get(name or known.current)
    if found is None and name:
        raise Refused(f"There is no profile {name!r}; `tuneledger login --profile {name}` makes it.", Exit.NO_ACCESS)
    if found is None:
        raise Refused("There is no API key: `tuneledger login`, or set TUNELEDGER_API_KEY.", Exit.NO_ACCESS)
    return found
