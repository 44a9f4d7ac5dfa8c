"""Settings, read once from environment variables. docs/settings.md lists them; a test compares the two."""

import base64
import binascii
import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from service.network.address_policy import AddressPolicy, parse_policy

KEY_BYTES = 32
SECRET_FIELDS = frozenset(
    {"database_url", "database_owner_url", "secret_key", "signing_keys", "bootstrap_key", "metrics_token"}
)

Count = Annotated[int, Meta(ge=1)]
Bytes = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0)]
NoLimitAtZero = Annotated[int, Meta(ge=0)]
# As browsers send it: lower case, without a path.
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
DEFAULT_PORT = re.compile(r"http://.*:80|https://.*:443")  # browsers leave out the default port
STORE_URL = r"^(s3|gs|az|abfss?|file)://[^\s?#@]+$"  # secrets come from the environment, never in the URL
MACHINE = r"^[A-Za-z0-9._-]{1,100}$"
SCHEDULE = r"^[0-9]{1,8}(\.[0-9]{1,3})?(,[0-9]{1,8}(\.[0-9]{1,3})?){0,99}$"


MIN_CHARACTERS = 8  # that differ; of 20 random ones, fewer occur once in 10^8
RANDOM_KEY = 'take a random one (echo "tl_$(openssl rand -hex 32)")'


class SettingsInvalid(ValueError):  # noqa: N818 - it names a state
    """A setting is invalid"""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is read from TUNELEDGER_<FIELD>, except `database_url`, which is read from DATABASE_URL."""

    database_url: str | None = None
    database_owner_url: str | None = None
    data_directory: Path = Path(".data")
    local_directory: Path | None = None
    local_slots: Count = 1
    ray_directory: Path | None = None
    machine: Annotated[str, Meta(pattern=MACHINE)] | None = None
    artifacts_url: Annotated[str, Meta(pattern=STORE_URL)] | None = None
    base_models_directory: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8400
    sandbox_port: Annotated[int, Meta(ge=0, le=65_535)] = 8399
    processes: Count = 2
    pool_size: Count = 10
    migrate_on_start: bool = True
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    access_log: Literal["all", "refusals", "off"] = "refusals"
    slow_request_seconds: Annotated[float, Meta(gt=0)] = 1.0
    trusted_proxies: str | None = None
    metrics_port: Annotated[int, Meta(ge=1, le=65_535)] | None = None
    metrics_token: Annotated[str, Meta(min_length=16)] | None = None
    secret_key: str | None = None
    signing_keys: str | None = None
    witness_directory: Path | None = None
    log_origin: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._/-]{1,200}$")] = "tuneledger.local"
    bootstrap_key: Annotated[str, Meta(pattern="^tl_[A-Za-z0-9_-]{20,}$")] | None = None
    key_max_days: Count | None = None
    oidc_issuers: str | None = None
    docs: bool = True
    guides_directory: Path | None = None
    json_body_limit: Bytes = 20_000_000
    import_body_limit: Bytes = 10_000_000_000
    body_timeout: Annotated[float, Meta(gt=0)] = 60.0
    body_bytes_process: Bytes = 256_000_000
    body_bytes_workspace: Bytes = 64_000_000
    cors_origins: str | None = None
    requests_per_minute: Annotated[int, Meta(ge=0)] = 60_000
    connections_allow: str | None = None
    workspace_requests_per_minute: NoLimitAtZero = 120_000
    workspace_streams: NoLimitAtZero = 5_000
    workspace_imports: NoLimitAtZero = 8
    workspace_api_keys: NoLimitAtZero = 1_000
    workspace_webhooks: NoLimitAtZero = 100
    workspace_stored_bytes: NoLimitAtZero = 0
    poll_interval: Annotated[float, Meta(gt=0)] = 5.0
    lease_seconds: Annotated[float, Meta(gt=0)] = 60.0
    tune_settle_seconds: Seconds | None = None
    tune_look_seconds: Seconds = 5.0
    tune_doubt_seconds: Seconds = 3_600.0
    tune_file_hours: Seconds = 24.0
    webhooks_allow_local: bool = False
    webhooks_timeout: Annotated[float, Meta(gt=0)] = 15.0
    webhooks_retry_schedule: Annotated[str, Meta(pattern=SCHEDULE)] = "5,300,1800,7200,18000,36000,50400,72000,86400"
    webhooks_disable_after: Seconds = 432_000.0
    document_cpu_seconds: Count = 10
    lock_timeout: Seconds = 5.0
    statement_timeout: Seconds = 30.0
    idle_timeout: Seconds = 30.0

    @property
    def longest_key_life(self) -> timedelta | None:
        """How long an API key may live; None without a limit."""
        return timedelta(days=self.key_max_days) if self.key_max_days else None

    def __repr__(self) -> str:
        """For logs: a secret only shows whether it is set."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        shown = (
            f"{name}={'…' if name in SECRET_FIELDS and value is not None else repr(value)}" for name, value in values
        )
        return f"Settings({', '.join(shown)})"


def variable_name(field: str) -> str:
    """The environment variable that a field is read from."""
    return "DATABASE_URL" if field == "database_url" else f"TUNELEDGER_{field.upper()}"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as unset. Raises SettingsInvalid, which names the variable."""
    fields = msgspec.structs.fields(Settings)
    texts = {field.name: (field.type, text) for field in fields if (text := environ.get(variable_name(field.name), ""))}
    settings = Settings(**{name: _convert(name, expected, text) for name, (expected, text) in texts.items()})
    if settings.bootstrap_key is not None and is_guessable(settings.bootstrap_key.removeprefix("tl_").encode()):
        raise SettingsInvalid(f"{variable_name('bootstrap_key')} is easy to guess: {RANDOM_KEY}")
    for name in ("secret_key", "signing_keys"):
        if (text := getattr(settings, name)) is not None:
            _check_random(_decode_keys(text.split(","), source=variable_name(name)), source=variable_name(name))
    parse_origins(settings)
    parse_connections_policy(settings)
    parse_trusted_proxies(settings)
    return settings


def is_guessable(key: bytes) -> bool:
    """Whether the key is one piece over and over, or has few different characters; random ones never are."""
    is_repeated = key in (key + key)[1:-1]
    return is_repeated or len(set(key)) < MIN_CHARACTERS


def _convert(name: str, expected: Any, text: str) -> Any:
    try:
        return msgspec.convert(text, expected, strict=False, dec_hook=lambda _, value: Path(value))
    except msgspec.ValidationError as error:
        shown = variable_name(name) if name in SECRET_FIELDS else f"{variable_name(name)}={text!r}"
        raise SettingsInvalid(f"{shown} is not valid: {_list_choices(expected) or error}") from None


def _list_choices(expected: Any) -> str:
    """List the allowed words of a choice, which msgspec does not name."""
    choices = get_args(expected)
    return f"one of {', '.join(choices)}" if choices and all(isinstance(choice, str) for choice in choices) else ""


def load_encryption_keys(settings: Settings) -> list[bytes]:
    """Load the keys that encrypt the secrets of connections and webhooks, 32 bytes each, from the setting or a file.

    The first key encrypts, all decrypt. The file is in the data directory, one key per line, readable by its owner
    only, and created at the first call; without it the secrets must be entered again.
    """
    return _load_keys(settings, "secret_key", file="secret.key")


def load_signing_seeds(settings: Settings) -> list[bytes]:
    """Load the Ed25519 seeds that sign checkpoints, 32 bytes each, from the setting or a file.

    All of them sign. To replace a key, add the new one, wait until auditors have it, and remove the old one.
    """
    return _load_keys(settings, "signing_keys", file="signing.key")


def get_machine_label(settings: Settings) -> str:
    """The name by which connections choose this machine."""
    return settings.machine or socket.gethostname()[:100] or "localhost"


def parse_origins(settings: Settings) -> list[str]:
    """Parse the origins whose pages may use the API. Raises SettingsInvalid unless written as browsers do."""
    origins = [text.strip() for text in settings.cors_origins.split(",")] if settings.cors_origins else []
    for origin in origins:
        if not ORIGIN.fullmatch(origin) or DEFAULT_PORT.fullmatch(origin):
            expected = "an origin as browsers send it, such as https://app.example or http://localhost:5173"
            raise SettingsInvalid(f"{variable_name('cors_origins')} is not valid: {origin!r} is not {expected}")
    return origins


def parse_connections_policy(settings: Settings) -> AddressPolicy:
    """Parse which servers connections may be at: public ones, and those of the setting. Raises SettingsInvalid."""
    variable = variable_name("connections_allow")
    try:
        return parse_policy(settings.connections_allow, setting=variable)
    except ValueError as error:
        raise SettingsInvalid(f"{variable} is not valid: {error}") from None


def parse_trusted_proxies(settings: Settings) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Parse the addresses of proxies whose X-Forwarded-For counts. Raises SettingsInvalid."""
    texts = settings.trusted_proxies.split(",") if settings.trusted_proxies else []
    try:
        return [ipaddress.ip_network(text.strip()) for text in texts]
    except ValueError as error:
        raise SettingsInvalid(f"{variable_name('trusted_proxies')} is not valid: {error}") from None


def parse_retry_schedule(settings: Settings) -> list[float]:
    """Parse the seconds before each retry of a delivery; the last one repeats."""
    return [float(text) for text in settings.webhooks_retry_schedule.split(",")]


def _load_keys(settings: Settings, field: str, *, file: str) -> list[bytes]:
    text = getattr(settings, field)
    if text is not None:
        return _decode_keys(text.split(","), source=variable_name(field))
    path = settings.data_directory.expanduser() / file
    if not path.exists():
        _create_key_file(path)
    keys = _decode_keys(path.read_text(errors="replace").split(), source=str(path))
    _check_random(keys, source=str(path))
    return keys


def _create_key_file(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.stem}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    try:
        file.hardlink_to(temporary)  # fails when another process was first; then its key is used
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def write_key_file(directory: Path, name: str, key: str) -> Path:
    """Write an API key to a file that its owner alone can read, in place of one of that name. Returns its path."""
    file = directory.expanduser().absolute() / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(f"{key}\n")
    return file


def _decode_keys(texts: Sequence[str], *, source: str) -> list[bytes]:
    """Decode base64 keys. Raises SettingsInvalid, which names the source and number, never the key."""
    keys = [_decode(text.strip()) for text in texts] or [b""]
    for number, key in enumerate(keys, start=1):
        if len(key) != KEY_BYTES:
            which = f", key {number} of {len(keys)}" if len(keys) > 1 else ""
            expected = f"{KEY_BYTES} random bytes in base64 (openssl rand -base64 {KEY_BYTES})"
            raise SettingsInvalid(f"{source}{which} is not valid: {expected}")
    return keys


def _check_random(keys: Sequence[bytes], *, source: str) -> None:
    """Raises SettingsInvalid for a key that somebody made up."""
    if any(is_guessable(key) for key in keys):
        raise SettingsInvalid(f"{source} is easy to guess: take random bytes (openssl rand -base64 {KEY_BYTES})")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return b""
