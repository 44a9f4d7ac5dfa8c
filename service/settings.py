"""What an operator can set, read once from the environment. docs/settings.md lists the same; a test compares them."""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

KEY_BYTES = 32
HIDDEN = frozenset({"database_url", "secret_key", "signing_keys", "bootstrap_key"})

Count = Annotated[int, Meta(ge=1)]
Bytes = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0)]
# As browsers write one: in small letters, without a path.
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
IMPLIED = re.compile(r"http://.*:80|https://.*:443")  # ports that browsers leave out
SCHEDULE = r"^[0-9]{1,8}(\.[0-9]{1,3})?(,[0-9]{1,8}(\.[0-9]{1,3})?){0,99}$"


class SettingsInvalid(ValueError):  # noqa: N818 - it reads as what it is
    """A setting is not valid"""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is the variable TUNELEDGER_<FIELD>, but `database_url`, which is DATABASE_URL as everywhere."""

    database_url: str | None = None
    data_directory: Path = Path(".data")
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8400
    processes: Count = 2
    pool_size: Count = 10
    migrate_on_start: bool = True
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    secret_key: str | None = None
    signing_keys: str | None = None
    log_origin: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._/-]{1,200}$")] = "tuneledger.local"
    bootstrap_key: Annotated[str, Meta(pattern="^tl_[A-Za-z0-9_-]{20,}$")] | None = None
    docs: bool = True
    guides_directory: Path | None = None
    json_body_limit: Bytes = 20_000_000
    import_body_limit: Bytes = 10_000_000_000
    cors_origins: str | None = None
    requests_per_minute: Annotated[int, Meta(ge=0)] = 60_000
    poll_interval: Annotated[float, Meta(gt=0)] = 5.0
    lease_seconds: Annotated[float, Meta(gt=0)] = 60.0
    webhooks_allow_local: bool = False
    webhooks_timeout: Annotated[float, Meta(gt=0)] = 15.0
    webhooks_retry_schedule: Annotated[str, Meta(pattern=SCHEDULE)] = "5,300,1800,7200,18000,36000,50400,72000,86400"
    webhooks_disable_after: Seconds = 432_000.0
    lock_timeout: Seconds = 5.0
    statement_timeout: Seconds = 30.0
    idle_timeout: Seconds = 30.0

    def __repr__(self) -> str:
        """Fit for a log: what is secret shows only whether it is set."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        shown = (f"{name}={'…' if name in HIDDEN and value is not None else repr(value)}" for name, value in values)
        return f"Settings({', '.join(shown)})"


def variable(field: str) -> str:
    """The environment variable a field is read from."""
    return "DATABASE_URL" if field == "database_url" else f"TUNELEDGER_{field.upper()}"


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as not set. Raises SettingsInvalid, which names the variable."""
    fields = msgspec.structs.fields(Settings)
    given = {field.name: (field.type, text) for field in fields if (text := environ.get(variable(field.name), ""))}
    settings = Settings(**{name: _value(name, expected, text) for name, (expected, text) in given.items()})
    for name in ("secret_key", "signing_keys"):
        if (text := getattr(settings, name)) is not None:
            _keys(text.split(","), source=variable(name))
    allowed_origins(settings)
    return settings


def _value(name: str, expected: Any, text: str) -> Any:
    try:
        return msgspec.convert(text, expected, strict=False, dec_hook=lambda _, value: Path(value))
    except msgspec.ValidationError as error:
        shown = variable(name) if name in HIDDEN else f"{variable(name)}={text!r}"
        raise SettingsInvalid(f"{shown} is not valid: {_wanted(expected) or error}") from None


def _wanted(expected: Any) -> str:
    """A choice is told by its words: msgspec only says that it is none of them."""
    choices = get_args(expected)
    return f"one of {', '.join(choices)}" if choices and all(isinstance(choice, str) for choice in choices) else ""


def encryption_keys(settings: Settings) -> list[bytes]:
    """The keys of the providers' and webhooks' secrets, 32 bytes each: the setting's, else those of a file.

    The first encrypts, all decrypt. The file is in the data directory, a key a line, and made with one at the first
    call, readable by its owner alone; who loses it must enter the secrets again.
    """
    return _given_or_kept(settings, "secret_key", file="secret.key")


def signing_seeds(settings: Settings) -> list[bytes]:
    """The Ed25519 seeds that sign the log's checkpoints, 32 bytes each: the setting's, else those of a file beside.

    All of them sign. To change a key, add the new one, wait until auditors have it, and take the old one away.
    """
    return _given_or_kept(settings, "signing_keys", file="signing.key")


def allowed_origins(settings: Settings) -> list[str]:
    """The origins whose pages may use the API. Raises SettingsInvalid for what no browser would call its origin."""
    origins = [text.strip() for text in settings.cors_origins.split(",")] if settings.cors_origins else []
    for origin in origins:
        if not ORIGIN.fullmatch(origin) or IMPLIED.fullmatch(origin):
            wanted = "an origin as browsers send it, such as https://app.example or http://localhost:5173"
            raise SettingsInvalid(f"{variable('cors_origins')} is not valid: {origin!r} is not {wanted}")
    return origins


def retry_schedule(settings: Settings) -> list[float]:
    """Seconds before each further attempt to deliver a message; the last is used again and again."""
    return [float(text) for text in settings.webhooks_retry_schedule.split(",")]


def _given_or_kept(settings: Settings, field: str, *, file: str) -> list[bytes]:
    given = getattr(settings, field)
    if given is not None:
        return _keys(given.split(","), source=variable(field))
    kept = settings.data_directory.expanduser() / file
    if not kept.exists():
        _make_key(kept)
    return _keys(kept.read_text(errors="replace").split(), source=str(kept))


def _make_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.stem}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    try:
        file.hardlink_to(fresh)  # fails where another process was first, and then theirs is the key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _keys(texts: Sequence[str], *, source: str) -> list[bytes]:
    """Raises SettingsInvalid, which says where and which one, and never shows a key."""
    keys = [_decode(text.strip()) for text in texts] or [b""]
    for number, key in enumerate(keys, start=1):
        if len(key) != KEY_BYTES:
            which = f", key {number} of {len(keys)}" if len(keys) > 1 else ""
            wanted = f"{KEY_BYTES} random bytes in base64 (openssl rand -base64 {KEY_BYTES})"
            raise SettingsInvalid(f"{source}{which} is not valid: {wanted}")
    return keys


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return b""
