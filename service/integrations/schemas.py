"""HTTP bodies and responses for integrations."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from service.http.bodies import NO_NUL, Body, Name, Reason
from service.http.pagination import Page
from service.integrations.domain import IntegrationKind, IntegrationSettings, IntegrationState
from service.ledger.decider import StreamState

URL = "https with a public address; for `object_store` s3://bucket/folder, gs://bucket/folder or az://container/folder."
ABOUT_SECRETS = (
    "A token of the Hub, W&B's API key, MLflow's token or `user:password`, a store's credentials as JSON. Write-only: "
    "stored encrypted and never shown."
)
# An owner and a name on the Hub, or folders of an object store: no `..`, nothing hidden.
PATH = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95}){0,9}$"
Url = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=NO_NUL, description=URL)]
IntegrationSecret = Annotated[
    str, Meta(min_length=1, max_length=8_000, pattern=r"^[ -~\r\n\t]+$", description=ABOUT_SECRETS)
]
OptionName = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")]
OptionValue = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[ -~]+$")]


class NewExportTarget(Body):
    """Where a folder goes besides the artifact store."""

    integration_id: UUID
    """An integration of kind `huggingface` or `object_store`."""
    path: Annotated[str, Meta(pattern=PATH, description="On the Hub `owner/name`; else a folder in the store.")]
    private: bool = True
    """Whether a repository that is made for it is private."""


class NewIntegration(Body):
    """An account where models are published (`huggingface`, `object_store`) or tunes shown (`wandb`, `mlflow`)."""

    name: Name
    """Unique in the workspace."""
    kind: IntegrationKind
    """What it is. Every tune that ends later is shown by those of kind `wandb` and `mlflow`."""
    url: Url | None = None
    """Default: the public address of the Hub or of W&B. MLflow and stores have none."""
    secret: IntegrationSecret | None = None
    """Only an open MLflow server needs none."""
    options: Annotated[
        dict[OptionName, OptionValue],
        Meta(max_length=10, description="`project`, `entity` (wandb), `experiment` (mlflow), `endpoint`, `region`."),
    ] = {}


class IntegrationPatch(Body):
    """A new secret."""

    secret: IntegrationSecret
    reason: Reason | None = None
    """Why; kept in the history."""


class Integration(msgspec.Struct, frozen=True, kw_only=True):
    """An account where models are published or tunes shown. The secret is write-only and not shown."""

    id: UUID
    """The integration's id."""
    name: str
    """Unique in the workspace."""
    kind: IntegrationKind
    """What it is."""
    url: str
    """Where it is."""
    options: dict[str, str]
    """Settings of this kind alone."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    updated_at: datetime
    """When it last changed."""


class IntegrationPage(Page[Integration], frozen=True, kw_only=True):
    """One page of integrations."""


def build_integration(stored: StreamState[IntegrationState]) -> Integration:
    settings = {name: getattr(stored.state.settings, name) for name in IntegrationSettings.__struct_fields__}
    envelope = {name: getattr(stored, name) for name in ("id", "created_at", "created_by", "updated_at")}
    return Integration(kind=stored.state.kind, **settings, **envelope)


def build_integration_from_row(row: Any) -> Integration:
    names = ("id", "kind", "created_at", "created_by", "updated_at")
    return Integration(**{name: getattr(row, name) for name in names}, **row.settings)
