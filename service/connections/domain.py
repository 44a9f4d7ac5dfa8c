"""A connection: the workspace's account at a provider. Its secret lies beside the events, encrypted, never in one."""

import re
from collections.abc import Iterator
from typing import Any, Literal, assert_never
from urllib.parse import urlsplit

import msgspec

from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event
from service.providers.provider import Capabilities

Kind = Literal["openai", "sandbox"]

DEFAULT_URLS: dict[Kind, str] = {"openai": "https://api.openai.com/v1"}
# These carry the order itself and the token that finds a job again: a provider's extras may not replace them.
RESERVED_FIELDS = frozenset({"model", "training_file", "validation_file", "metadata", "method", "suffix", "seed"})
SECRET_NAME = re.compile(r"(^|_)(api_?key|secret|password|token)$", re.IGNORECASE)
RESERVED_HEADERS = frozenset({"accept", "connection", "content-length", "content-type", "host", "transfer-encoding"})
MAX_EXTRA_CHARACTERS = 20_000
MAX_EXTRA_DEPTH = 16


class ModelPrice(msgspec.Struct, frozen=True, kw_only=True):
    """US dollars per million tokens, as decimal strings."""

    input: str
    """For input tokens."""
    output: str
    """For output tokens."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set of an account. `header_prefix` stands before the secret in the header `header_name`.

    `concurrency`: how many questions a worker has open at it at once. `prices` by the provider's name of a model go
    before the catalogue's.
    """

    name: str
    base_url: str
    header_name: str = "Authorization"
    header_prefix: str = "Bearer "
    capabilities: Capabilities = Capabilities()
    extra_body: dict[str, Any] = {}
    timeout_seconds: float = 60.0
    concurrency: int = 8
    prices: dict[str, ModelPrice] = {}


class ConnectionCreated(Event):
    kind: Kind
    settings: Settings


class ConnectionChanged(Event):
    """All settings as they are now; `new_secret` says that the secret was replaced, too."""

    settings: Settings
    new_secret: bool = False
    reason: str | None = None


class ConnectionDeleted(Event):
    reason: str | None = None


ConnectionEvent = ConnectionCreated | ConnectionChanged | ConnectionDeleted


class ConnectionState(msgspec.Struct, frozen=True, kw_only=True):
    """`secret_number` counts the secrets it has had."""

    kind: Kind
    settings: Settings
    secret_number: int = 1
    deleted: bool = False


def evolve(connection: ConnectionState | None, event: ConnectionEvent) -> ConnectionState:
    if isinstance(event, ConnectionCreated):
        return ConnectionState(kind=event.kind, settings=event.settings)
    assert connection is not None  # noqa: S101 - a stream begins with its creation
    match event:
        case ConnectionChanged():
            number = connection.secret_number + event.new_secret
            return msgspec.structs.replace(connection, settings=event.settings, secret_number=number)
        case ConnectionDeleted():
            return msgspec.structs.replace(connection, deleted=True)
        case _:
            assert_never(event)


CONNECTION: Decider[ConnectionState, ConnectionEvent] = Decider(
    "connection", events=(ConnectionCreated, ConnectionChanged, ConnectionDeleted), evolve=evolve
)


def create(*, kind: Kind, settings: Settings) -> list[ConnectionEvent]:
    """Raises Unprocessable with every fault of the settings."""
    check_settings(settings)
    return [ConnectionCreated(kind=kind, settings=settings)]


def change(
    connection: ConnectionState | None, *, changes: dict[str, Any], new_secret: bool, in_use: bool, reason: str | None
) -> list[ConnectionEvent]:
    """Set what is given; setting what is there already records nothing.

    A new address needs the secret again: otherwise who may change a connection could have the secret sent to himself.
    """
    connection = require_connection(connection)
    settings = msgspec.structs.replace(connection.settings, **changes)
    if settings == connection.settings and not new_secret:
        return []
    check_settings(settings)
    if settings.base_url != connection.settings.base_url:
        if not new_secret:
            detail = "A new base_url needs the secret again, so that a stored one is never sent elsewhere."
            raise Unprocessable(detail, errors=[Fault(pointer="/secret", detail=detail, code="required")])
        if in_use:
            raise Conflict("Tunes are running on this connection; its base_url can change when they have ended.")
    return [ConnectionChanged(settings=settings, new_secret=new_secret, reason=reason)]


def delete(connection: ConnectionState | None, *, in_use: bool, reason: str | None) -> list[ConnectionEvent]:
    require_connection(connection)
    if in_use:
        raise Conflict("Tunes are running on this connection; cancel them or wait for their end.")
    return [ConnectionDeleted(reason=reason)]


def require_connection(connection: ConnectionState | None) -> ConnectionState:
    if connection is None or connection.deleted:
        raise NotFound("No such connection.")
    return connection


def check_settings(settings: Settings) -> None:
    faults = [*_address_faults(settings.base_url), *_extras_faults(settings.extra_body)]
    if settings.header_name.lower() in RESERVED_HEADERS:
        faults.append(
            Fault(pointer="/header_name", detail=f"{settings.header_name} has a use of its own in a request.")
        )
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)


def _address_faults(base_url: str) -> list[Fault]:
    detail = None
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        detail = "This is not a URL."
    else:
        if parts.scheme not in ("http", "https") or not parts.hostname:
            detail = "A base_url is an http or https URL with a host."
        elif parts.username is not None or parts.password is not None:
            detail = "A base_url holds no user name or password: the secret has a field of its own."
        elif parts.query or parts.fragment:
            detail = "A base_url has no query and no fragment."
    return [Fault(pointer="/base_url", detail=detail)] if detail else []


def _extras_faults(extra_body: dict[str, Any]) -> list[Fault]:
    faults = []
    for name in sorted(RESERVED_FIELDS & extra_body.keys()):
        detail = f"{name} is set by each tune and cannot be replaced here."
        faults.append(Fault(pointer=f"/extra_body/{name}", detail=detail, code="reserved"))
    texts = list(_texts(extra_body, depth=MAX_EXTRA_DEPTH))
    names = sorted({text for text, is_name in texts if is_name and SECRET_NAME.search(text)})
    details = [f"extra_body is kept readable: put no {name} there." for name in names]
    if any("\0" in text for text, _ in texts):
        details.append("extra_body holds a NUL character.")
    if sum(len(text) for text, _ in texts) > MAX_EXTRA_CHARACTERS:
        details.append(
            f"extra_body holds more than {MAX_EXTRA_CHARACTERS} characters or nests deeper than {MAX_EXTRA_DEPTH}."
        )
    return faults + [Fault(pointer="/extra_body", detail=detail) for detail in details]


def _texts(value: Any, *, depth: int) -> Iterator[tuple[str, bool]]:
    """Every text, and whether it names a field. What nests too deep counts as too long."""
    if not depth:
        yield "…" * (MAX_EXTRA_CHARACTERS + 1), False
        return
    match value:
        case dict():
            yield from ((name, True) for name in value)
            yield from (text for inner in value.values() for text in _texts(inner, depth=depth - 1))
        case list():
            yield from (text for inner in value for text in _texts(inner, depth=depth - 1))
        case str():
            yield value, False
        case _:
            yield "0", False
