"""A connection: a workspace's account at a provider. Its secret is stored encrypted, and never in an event."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, assert_never, get_args
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event
from service.network.address_policy import PUBLIC, Address, AddressPolicy, parse_literal
from service.providers.kinds import REPORTED_KINDS, TRAITS
from service.providers.provider import Capabilities, Kind

# Each tune sets these fields itself: they say what to tune, and carry the token that finds the job again.
RESERVED_FIELDS = frozenset({"model", "training_file", "validation_file", "metadata", "method", "suffix", "seed"})
SECRET_NAME = re.compile(r"(^|_)(api_?key|secret|password|token)$", re.IGNORECASE)
# Headers of HTTP itself, and those that proxies and metadata servers trust: they would open doors inside.
RESERVED_HEADERS = re.compile(
    r"accept(-.*)?|connection|content-.*|cookie|date|expect|forwarded|from|host|keep-alive|origin|referer|te|trailer"
    r"|transfer-encoding|upgrade|user-agent|via"
    r"|(cf|true)-(connecting|client)-ip|fastly-client-ip|proxy-.*|sec-.*|x-(cluster-)?client-ip|x-forwarded.*"
    r"|x-original.*|x-real-ip|x-remote-.*|x-rewrite-url"
    r"|metadata.*|x-aws-ec2-metadata-token.*|x-google-metadata-.*|x-vault-.*|x-consul-token|x-kubernetes-.*",
    re.IGNORECASE,
)
DEFAULT_PORTS = {"https": 443, "http": 80}
MAX_EXTRA_CHARACTERS = 20_000
MAX_EXTRA_DEPTH = 16


class ModelPrice(msgspec.Struct, frozen=True, kw_only=True):
    """US dollars per million tokens, as decimal strings."""

    input: str
    """For input tokens."""
    output: str
    """For output tokens."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """An account's settings. The header `header_name` carries `header_prefix` and the secret.

    `concurrency` limits the requests a worker has open at once. `prices`, by the provider's model name, override the
    catalog's. `options` are settings of this kind of provider alone. `query` is added to each request's URL.
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
    options: dict[str, str] = {}
    query: dict[str, str] = {}


class ConnectionCreated(Event):
    kind: Kind
    settings: Settings


class ConnectionChanged(Event):
    """All settings after the change. `new_secret`: the secret was replaced too."""

    settings: Settings
    new_secret: bool = False
    reason: str | None = None


class ConnectionDeleted(Event):
    reason: str | None = None


class ConnectionHookSet(Event):
    """The signing secret of the provider's webhooks was stored under this id; absent if it was deleted."""

    secret_id: UUID | None = None
    reason: str | None = None


ConnectionEvent = ConnectionCreated | ConnectionChanged | ConnectionDeleted | ConnectionHookSet


class ConnectionState(msgspec.Struct, frozen=True, kw_only=True):
    """`secret_number` starts at 1 and grows with each new secret."""

    kind: Kind
    settings: Settings
    secret_number: int = 1
    deleted: bool = False
    hook_secret_id: UUID | None = None


def evolve(connection: ConnectionState | None, event: ConnectionEvent) -> ConnectionState:
    if isinstance(event, ConnectionCreated):
        return ConnectionState(kind=event.kind, settings=event.settings)
    assert connection is not None  # a stream begins with its creation
    match event:
        case ConnectionChanged():
            number = connection.secret_number + event.new_secret
            return msgspec.structs.replace(connection, settings=event.settings, secret_number=number)
        case ConnectionDeleted():
            return msgspec.structs.replace(connection, deleted=True)
        case ConnectionHookSet():
            return msgspec.structs.replace(connection, hook_secret_id=event.secret_id)
        case _:
            assert_never(event)


CONNECTION: Decider[ConnectionState, ConnectionEvent] = Decider(
    "connection", events=get_args(ConnectionEvent), evolve=evolve
)


def create(
    *, kind: Kind, settings: Settings, policy: AddressPolicy = PUBLIC, addresses: Sequence[Address] = ()
) -> list[ConnectionEvent]:
    """Create a connection. Raises Unprocessable with every fault of the settings.

    `addresses`: what the host of the base_url resolves to; empty when that is not known.
    """
    is_without = not settings.base_url and not TRAITS[kind].needs_address
    faults = [] if is_without else _find_base_url_faults(settings.base_url, policy, addresses)
    check_settings(kind, settings, faults)
    return [ConnectionCreated(kind=kind, settings=settings)]


def change(
    connection: ConnectionState | None,
    *,
    changes: dict[str, Any],
    new_secret: bool,
    in_use: bool,
    reason: str | None,
    policy: AddressPolicy = PUBLIC,
    addresses: Sequence[Address] = (),
) -> list[ConnectionEvent]:
    """Change some settings. Without a difference nothing is recorded.

    A new address needs the secret again, or an editor could have the stored secret sent to a server of their own.
    """
    connection = require_connection(connection)
    settings = msgspec.structs.replace(connection.settings, **changes)
    if settings == connection.settings and not new_secret:
        return []
    moved = settings.base_url != connection.settings.base_url
    faults = _find_base_url_faults(settings.base_url, policy, addresses) if moved else []
    check_settings(connection.kind, settings, faults)
    if moved:
        if not new_secret:
            detail = "Send the secret together with a new base_url; the stored one is not sent to a new address."
            raise Unprocessable(detail, errors=[Fault(pointer="/secret", detail=detail, code="required")])
        if in_use and connection.kind not in REPORTED_KINDS:
            raise Conflict(
                "Tunes are running on this connection. Cancel them or wait until they end, then change its base_url."
            )
    return [ConnectionChanged(settings=settings, new_secret=new_secret, reason=reason)]


def delete(connection: ConnectionState | None, *, in_use: bool, reason: str | None) -> list[ConnectionEvent]:
    require_connection(connection)
    if in_use:
        raise Conflict("Tunes are running on this connection. Cancel them or wait until they end.")
    return [ConnectionDeleted(reason=reason)]


def set_hook(
    connection: ConnectionState | None, *, secret_id: UUID | None, reason: str | None
) -> list[ConnectionEvent]:
    """Take webhooks that are signed with this secret, or none. Without a difference nothing is recorded."""
    if require_connection(connection).hook_secret_id == secret_id:
        return []
    return [ConnectionHookSet(secret_id=secret_id, reason=reason)]


def require_connection(connection: ConnectionState | None) -> ConnectionState:
    if connection is None or connection.deleted:
        raise NotFound("No such connection.")
    return connection


def check_settings(kind: Kind, settings: Settings, base_url_faults: Sequence[Fault]) -> None:
    faults = [
        *_find_option_faults(kind, settings.options),
        *base_url_faults,
        *_find_extra_body_faults(settings.extra_body),
    ]
    if RESERVED_HEADERS.fullmatch(settings.header_name):
        detail = f"{settings.header_name} is a reserved header; use another one for the secret."
        faults.append(Fault(pointer="/header_name", detail=detail, code="reserved"))
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)


def find_host(base_url: str) -> tuple[str, int] | None:
    """The host and port of a URL whose host is a name that has to be resolved. None for an address, or no valid URL."""
    if _find_url_detail(base_url):
        return None
    parts = urlsplit(base_url)
    host = str(parts.hostname)
    return None if parse_literal(host) else (host, parts.port or DEFAULT_PORTS[parts.scheme])


def _find_base_url_faults(base_url: str, policy: AddressPolicy, addresses: Sequence[Address]) -> list[Fault]:
    if detail := _find_url_detail(base_url):
        return [Fault(pointer="/base_url", detail=detail)]
    parts = urlsplit(base_url)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    fault = policy.find_fault(parts.scheme, str(parts.hostname), port, addresses)
    return [Fault(pointer="/base_url", detail=fault.detail, code=fault.code)] if fault else []


def _find_url_detail(base_url: str) -> str | None:
    detail = None
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        detail = "Not a valid URL."
    else:
        if parts.scheme not in ("http", "https") or not parts.hostname:
            detail = "base_url must be an http or https URL with a host."
        elif parts.username is not None or parts.password is not None:
            detail = "base_url must not contain a user name or password; use the field `secret`."
        elif parts.query or parts.fragment:
            detail = "base_url must not have a query or a fragment."
    return detail


def _find_option_faults(kind: Kind, options: dict[str, str]) -> list[Fault]:
    known = TRAITS[kind].options
    faults = []
    for name in options.keys() - known.keys():
        detail = f"A connection of kind {kind} has no option {name}. It has: {', '.join(known) or 'none'}."
        faults.append(Fault(pointer=f"/options/{name}", detail=detail, code="unknown"))
    for name, option in known.items():
        if name not in options and option.required:
            detail = f"Add the option {name}. {option.description}"
            faults.append(Fault(pointer=f"/options/{name}", detail=detail, code="required"))
        elif name in options and not re.fullmatch(option.pattern, options[name]):
            detail = f"Not a valid {name}. {option.description}"
            faults.append(Fault(pointer=f"/options/{name}", detail=detail, code="pattern"))
    return faults


def _find_extra_body_faults(extra_body: dict[str, Any]) -> list[Fault]:
    faults = []
    for name in sorted(RESERVED_FIELDS & extra_body.keys()):
        detail = f"Each tune sets {name} itself; remove it from extra_body."
        faults.append(Fault(pointer=f"/extra_body/{name}", detail=detail, code="reserved"))
    texts = list(_walk_texts(extra_body, depth=MAX_EXTRA_DEPTH))
    names = sorted({text for text, is_name in texts if is_name and SECRET_NAME.search(text)})
    details = [f"extra_body is not encrypted; remove {name}." for name in names]
    if any("\0" in text for text, _ in texts):
        details.append("extra_body must not contain NUL characters.")
    if sum(len(text) for text, _ in texts) > MAX_EXTRA_CHARACTERS:
        details.append(f"extra_body must have at most {MAX_EXTRA_CHARACTERS} characters and {MAX_EXTRA_DEPTH} levels.")
    return faults + [Fault(pointer="/extra_body", detail=detail) for detail in details]


def _walk_texts(value: Any, *, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield every text and whether it is a field name. A value nested too deep counts as too long."""
    if not depth:
        yield "…" * (MAX_EXTRA_CHARACTERS + 1), False
        return
    match value:
        case dict():
            yield from ((name, True) for name in value)
            yield from (text for inner in value.values() for text in _walk_texts(inner, depth=depth - 1))
        case list():
            yield from (text for inner in value for text in _walk_texts(inner, depth=depth - 1))
        case str():
            yield value, False
        case _:
            yield "0", False
