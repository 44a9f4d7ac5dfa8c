"""HTTP requests and responses for connections."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.connections.domain import ConnectionState, ModelPrice, Settings
from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL, Body, Name, Reason
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.ledger.store import Attachments
from service.providers.kinds import DEFAULT_URLS, TRAITS
from service.providers.provider import Capabilities, Kind
from service.vault.vault import Vault

BASE_URL = "https, with a public address. Others need the operator's setting TUNELEDGER_CONNECTIONS_ALLOW."
BaseUrl = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=NO_NUL, description=BASE_URL)]
HeaderName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderPrefix = Annotated[str, Meta(max_length=100, pattern=r"^[ -~]*$")]
Seconds = Annotated[float, Meta(ge=1, le=600)]
Concurrency = Annotated[int, Meta(ge=1, le=256, description="Requests that a worker has open at once.")]
Dollars = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,9})?$", description="US dollars per million tokens.")]
ModelName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Secret = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=8_000,
        pattern=r"^([!-~]([ -~]*[!-~])?|\{[ -~\r\n\t]*\})$",
        description="The provider's API key, or its credentials as JSON. Write-only: stored encrypted and never shown.",
    ),
]


class NewCapabilities(Body):
    """Optional features of the provider's server. Tuneledger also works without those that are false."""

    events: bool = True
    """It lists a job's events."""
    checkpoints: bool = True
    """It lists a job's checkpoints."""
    results: bool = True
    """It offers a job's result files."""
    metadata: bool = True
    """It stores metadata with a job."""
    metadata_filter: bool = True
    """It can search jobs by metadata."""
    stored_completions: Annotated[
        bool | None,
        Meta(
            description="It stores chat completions and finds them by metadata, so a lost response is not paid for"
            " twice. Default: true for OpenAI itself and for the sandbox."
        ),
    ] = None
    structured_output: Annotated[bool, Meta(description="It accepts a JSON Schema for the response.")] = True


OptionName = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")]
OptionValue = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[ -~]+$")]
MACHINE = "machine"  # the option that says where to train
OPTIONS = "Settings of this kind alone, such as Vertex's project, location and bucket."
Options = Annotated[dict[OptionName, OptionValue], Meta(max_length=20, description=OPTIONS)]
QueryName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
QUERY = "Added to the URL of every request, such as Azure's api-version."
Query = Annotated[dict[QueryName, OptionValue], Meta(max_length=10, description=QUERY)]


class NewPrice(Body):
    """A model's price on this connection."""

    input: Dollars
    output: Dollars


class NewConnection(Body):
    """An account at a provider.

    For other servers with OpenAI's API, such as Azure or Nebius, use kind `openai` and their base_url.
    """

    name: Name
    """Unique in the workspace."""
    kind: Kind
    """Which provider: `openai` is also for servers with the same API; `sandbox` costs nothing."""
    secret: Secret | None = None
    """Required, but for the kinds that need none."""
    base_url: Annotated[
        BaseUrl | None, Meta(description="Default: the public address of the kind's API. The sandbox has none.")
    ] = None
    header_name: HeaderName = "Authorization"
    """Header that carries the secret."""
    header_prefix: HeaderPrefix = "Bearer "
    """Text before the secret in that header."""
    capabilities: NewCapabilities = NewCapabilities()
    """What the provider's server supports."""
    extra_body: Annotated[dict[str, Any], Meta(description="Added to the body of every job that is created.")] = {}
    timeout_seconds: Seconds = 60.0
    """Longest wait for a chat response, in seconds; for other responses at most 120."""
    concurrency: Concurrency = 8
    prices: Annotated[
        dict[ModelName, NewPrice],
        Meta(max_length=200, description="By the provider's model name. They override the catalog's prices."),
    ] = {}
    options: Options = {}
    query: Query = {}


class ConnectionPatch(Body):
    """Fields that are left out stay unchanged. A new `base_url` needs the secret again."""

    name: Name | UnsetType = UNSET
    """Unique in the workspace."""
    secret: Secret | UnsetType = UNSET
    base_url: BaseUrl | UnsetType = UNSET
    header_name: HeaderName | UnsetType = UNSET
    """Header that carries the secret."""
    header_prefix: HeaderPrefix | UnsetType = UNSET
    """Text before the secret in that header."""
    capabilities: NewCapabilities | UnsetType = UNSET
    """What the provider's server supports. Replaces all capabilities."""
    extra_body: dict[str, Any] | UnsetType = UNSET
    """Added to the body of every job that is created. Replaces the old value."""
    timeout_seconds: Seconds | UnsetType = UNSET
    """Longest wait for a chat response, in seconds; for other responses at most 120."""
    concurrency: Concurrency | UnsetType = UNSET
    prices: dict[ModelName, NewPrice] | UnsetType = UNSET
    """By the provider's model name. Replaces all prices."""
    options: Options | UnsetType = UNSET
    """Settings of this kind of provider alone. Replaces all options."""
    query: Query | UnsetType = UNSET
    """Added to the URL of every request. Replaces all of them."""
    reason: Reason | None = None
    """Why; kept in the history."""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a provider. The secret is write-only and not shown."""

    id: UUID
    """The connection's id."""
    name: str
    """Unique in the workspace."""
    kind: Kind
    """Which provider."""
    base_url: str
    """Where the provider's API is."""
    header_name: str
    """Header that carries the secret."""
    header_prefix: str
    """Text before the secret in that header."""
    capabilities: Capabilities
    """What the provider's server supports."""
    extra_body: dict[str, Any]
    """Added to the body of every job that is created."""
    timeout_seconds: float
    """Longest wait for a chat response, in seconds; for other responses at most 120."""
    concurrency: int
    """Requests a worker has open at once."""
    prices: dict[str, ModelPrice]
    """By the provider's model name. They override the catalog's prices."""
    options: dict[str, str]
    """Settings of this kind of provider alone."""
    query: dict[str, str]
    """Added to the URL of every request."""
    takes_webhooks: bool
    """Whether signed webhooks of the provider are taken."""
    created_at: datetime
    """When the connection was created."""
    created_by: str
    """Name of the member who created it."""
    updated_at: datetime
    """When the connection last changed."""


class ConnectionPage(Page[Connection], frozen=True, kw_only=True):
    """One page of connections."""


class ConnectionCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The provider accepted the secret and listed its jobs."""

    connection_id: UUID
    """The connection that was checked."""
    ok: bool
    """Always true; a failed check is an error response."""
    models: list[str]
    """Models the provider lists; empty when it lists none."""
    checked_at: datetime
    """When the provider was asked."""


def build_settings(data: NewConnection, *, machine: str) -> Settings:
    """`machine`: the label of this machine, which a connection that may train on one gets if it names none."""
    fields = {name: getattr(data, name) for name in Settings.__struct_fields__}
    if MACHINE in TRAITS[data.kind].options:
        fields["options"] = {MACHINE: machine} | data.options
    fields["base_url"] = data.base_url or build_default_url(data)
    return msgspec.convert(fields, Settings, from_attributes=True)


def build_default_url(data: NewConnection) -> str:
    """The address of the kind's API. A name that is missing among the options is told as a fault of its own."""
    return DEFAULT_URLS.get(data.kind, "").format_map(defaultdict(lambda: "missing", data.options))


def build_changes(data: ConnectionPatch) -> dict[str, Any]:
    """The settings that the request sets, as the domain's types."""
    values = {name: getattr(data, name) for name in Settings.__struct_fields__}
    changes = {name: value for name, value in values.items() if value is not UNSET}
    types: dict[str, Any] = {"capabilities": Capabilities, "prices": dict[str, ModelPrice]}
    for name in types.keys() & changes.keys():
        changes[name] = msgspec.convert(changes[name], types[name], from_attributes=True)
    return changes


def check_secret(data: NewConnection) -> str:
    """The secret, empty for a kind that needs none. Raises Invalid when it is missing."""
    if data.secret is None and TRAITS[data.kind].needs_secret:
        detail = f"A connection of kind {data.kind} needs a secret. {TRAITS[data.kind].secret}"
        raise Invalid(detail, errors=[Fault(pointer="/secret", detail=detail, code="required")])
    return data.secret or ""


def seal_secret(data: ConnectionPatch, vault: Vault, workspace_id: UUID, connection_id: UUID) -> Attachments:
    """Encrypt the new secret, if the request has one."""
    if data.secret is UNSET:
        return Attachments()
    sealed = vault.seal(data.secret, workspace_id=workspace_id, owner=connection_id)
    return Attachments(secrets=[(connection_id, sealed)])


def to_connection(stored: StreamState[ConnectionState]) -> Connection:
    settings = {name: getattr(stored.state.settings, name) for name in Settings.__struct_fields__}
    return Connection(
        id=stored.id,
        kind=stored.state.kind,
        **settings,
        takes_webhooks=stored.state.hook_secret_id is not None,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
    )


def row_to_connection(row: Any) -> Connection:
    settings = msgspec.convert(row.settings, Settings)
    fields = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    times = {name: getattr(row, name) for name in ("id", "kind", "created_at", "created_by", "updated_at")}
    return Connection(**fields, **times, takes_webhooks=row.hook_secret_id is not None)


def history_fields(connection: ConnectionState) -> dict[str, Any]:
    """The fields of a connection that its history compares."""
    fields: dict[str, Any] = msgspec.to_builtins(connection)
    return {**fields.pop("settings"), **fields}
