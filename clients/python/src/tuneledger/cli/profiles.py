"""Profiles: named servers and keys, in a file that only its owner can read."""

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
    """A server's address, and the API key of a workspace."""

    url: str
    key: str


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """All profiles; `current` is used if none is named."""

    current: str = DEFAULT
    profiles: dict[str, Profile] = {}


def path() -> Path:
    """The file, such as ~/.config/tuneledger/config.toml."""
    return user_config_path("tuneledger") / "config.toml"


def read() -> Profiles:
    """Read all profiles. Raises Refused if the file is not one of ours."""
    try:
        return msgspec.convert(tomlkit.parse(path().read_text()).unwrap(), Profiles)
    except FileNotFoundError:
        return Profiles()
    except (TOMLKitError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise Refused(f"{path()} cannot be read: {error}", Exit.NO_ACCESS) from error


def write(profiles: Profiles) -> None:
    """Replace the file in one step: it is never half written, and never readable by others."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(tomlkit.dumps(msgspec.to_builtins(profiles)))
    temporary.replace(file)


def load(name: str | None) -> Profile:
    """The profile with this name; without a name, TUNELEDGER_API_KEY, else the current profile. Raises Refused."""
    key = os.environ.get("TUNELEDGER_API_KEY")
    if name is None and key:
        return Profile(url=os.environ.get("TUNELEDGER_BASE_URL") or DEFAULT_BASE_URL, key=key)
    known = read()
    profile = known.profiles.get(name or known.current)
    if profile is None and name:
        raise Refused(f"There is no profile {name!r}; `tuneledger login --profile {name}` creates it.", Exit.NO_ACCESS)
    if profile is None:
        raise Refused("There is no API key: run `tuneledger login`, or set TUNELEDGER_API_KEY.", Exit.NO_ACCESS)
    return profile
