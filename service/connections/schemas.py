"""What connections look like over HTTP: bodies in, answers out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.connections.domain import DEFAULT_URLS, Kind, ModelPrice, Settings
from service.connections.domain import Connection as State
from service.http.bodies import NO_NUL, Body, Name, Reason
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.ledger.store import Attachments
from service.providers.provider import Capabilities
from service.vault.vault import Vault

BaseUrl = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=NO_NUL, description="http or https.")]
HeaderName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderPrefix = Annotated[str, Meta(max_length=100, pattern=r"^[ -~]*$")]
Seconds = Annotated[float, Meta(ge=1, le=600)]
Concurrency = Annotated[int, Meta(ge=1, le=256, description="Questions that a worker has open at once.")]
Dollars = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,9})?$", description="US dollars for a million tokens.")]
ModelName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Secret = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4_000,
        pattern=r"^[!-~]([ -~]*[!-~])?$",
        description="The provider's API key. Write-only: it is kept encrypted and never shown again.",
    ),
]


class NewCapabilities(Body):
    """What the provider's server offers beyond files and jobs; one that lacks something is asked without it."""

    events: bool = True
    checkpoints: bool = True
    results: bool = True
    metadata: bool = True
    metadata_filter: bool = True
    stored_completions: Annotated[
        bool | None,
        Meta(
            description="It keeps chat answers and finds them by metadata, so that one which was lost on its way is not"
            " paid twice. Default: true for OpenAI itself and for the sandbox."
        ),
    ] = None
    structured_output: Annotated[bool, Meta(description="It takes a JSON Schema for an answer.")] = True


class NewPrice(Body):
    """What a model costs here."""

    input: Dollars
    output: Dollars


class NewConnection(Body):
    """An account at a provider. Azure, Nebius and others speak OpenAI's wire format: kind `openai`, their base_url."""

    name: Name
    kind: Kind
    secret: Secret
    base_url: Annotated[BaseUrl | None, Meta(description="Default for openai: https://api.openai.com/v1.")] = None
    header_name: HeaderName = "Authorization"
    header_prefix: HeaderPrefix = "Bearer "
    capabilities: NewCapabilities = NewCapabilities()
    extra_body: Annotated[dict[str, Any], Meta(description="Added to each job that is created.")] = {}
    timeout_seconds: Seconds = 60.0
    concurrency: Concurrency = 8
    prices: Annotated[
        dict[ModelName, NewPrice], Meta(max_length=200, description="By the provider's name of a model.")
    ] = {}


class ConnectionPatch(Body):
    """What is left out stays. A new `base_url` needs the secret again."""

    name: Name | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET
    base_url: BaseUrl | UnsetType = UNSET
    header_name: HeaderName | UnsetType = UNSET
    header_prefix: HeaderPrefix | UnsetType = UNSET
    capabilities: NewCapabilities | UnsetType = UNSET
    extra_body: dict[str, Any] | UnsetType = UNSET
    timeout_seconds: Seconds | UnsetType = UNSET
    concurrency: Concurrency | UnsetType = UNSET
    prices: dict[ModelName, NewPrice] | UnsetType = UNSET
    reason: Reason | None = None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a provider, without its secret, which is write-only."""

    id: UUID
    name: str
    kind: Kind
    base_url: str
    header_name: str
    header_prefix: str
    capabilities: Capabilities
    extra_body: dict[str, Any]
    timeout_seconds: float
    concurrency: int
    prices: dict[str, ModelPrice]
    created_at: datetime
    created_by: str
    updated_at: datetime


class ConnectionPage(Page[Connection], frozen=True, kw_only=True):
    """One page of connections."""


class ConnectionCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The provider took the secret and lists its jobs to it; `models` are those it shows, empty where it lists none."""

    connection_id: UUID
    ok: bool
    models: list[str]
    checked_at: datetime


def settings_of(data: NewConnection) -> Settings:
    fields = {name: getattr(data, name) for name in Settings.__struct_fields__}
    fields["base_url"] = data.base_url or DEFAULT_URLS.get(data.kind, "")
    return msgspec.convert(fields, Settings, from_attributes=True)


def changes_of(data: ConnectionPatch) -> dict[str, Any]:
    given = {name: getattr(data, name) for name in Settings.__struct_fields__}
    given = {name: value for name, value in given.items() if value is not UNSET}
    kinds: dict[str, Any] = {"capabilities": Capabilities, "prices": dict[str, ModelPrice]}
    own = {
        name: msgspec.convert(given[name], kind, from_attributes=True) for name, kind in kinds.items() if name in given
    }
    return given | own


def sealed(data: ConnectionPatch, vault: Vault, workspace_id: UUID, connection_id: UUID) -> Attachments:
    if data.secret is UNSET:
        return Attachments()
    return Attachments(
        secrets=[(connection_id, vault.seal(data.secret, workspace_id=workspace_id, owner=connection_id))]
    )


def shown(stored: StreamState[State]) -> Connection:
    settings = {name: getattr(stored.state.settings, name) for name in Settings.__struct_fields__}
    return Connection(
        id=stored.id,
        kind=stored.state.kind,
        **settings,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
    )


def from_row(row: Any) -> Connection:
    settings = msgspec.convert(row.settings, Settings)
    fields = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    times = {name: getattr(row, name) for name in ("id", "kind", "created_at", "created_by", "updated_at")}
    return Connection(**fields, **times)


def fields_of(connection: State) -> dict[str, Any]:
    """What the history shows of a connection."""
    fields: dict[str, Any] = msgspec.to_builtins(connection)
    return {**fields.pop("settings"), **fields}
