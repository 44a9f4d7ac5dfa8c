"""An integration: an account where models are published or tunes shown. Its secret is encrypted, and in no event."""

import re
from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event, require_state

IntegrationKind = Literal["huggingface", "object_store", "wandb", "mlflow"]
PUBLISHERS: tuple[IntegrationKind, ...] = ("huggingface", "object_store")
DEFAULT_URLS: dict[IntegrationKind, str] = {
    "huggingface": "https://huggingface.co",
    "wandb": "https://api.wandb.ai",
}
OPTIONS: dict[IntegrationKind, dict[str, str]] = {
    "huggingface": {},
    "object_store": {"endpoint": "The address of a store that is not its maker's own.", "region": "Such as eu-west-1."},
    "wandb": {"project": "Default: tuneledger.", "entity": "A team. Default: the key's own."},
    "mlflow": {"experiment": "Default: tuneledger."},
}
# What a store's secret holds: all of it, or the library would take the server's own from its environment.
STORE_KEYS: dict[str, frozenset[str]] = {
    "s3": frozenset({"access_key_id", "secret_access_key"}),
    "gs": frozenset({"client_email", "private_key"}),
    "az": frozenset({"account_name", "account_key"}),
}
STORE_URL = re.compile(r"(s3|gs|az)://[A-Za-z0-9._-]{1,255}(/[A-Za-z0-9._/-]{0,500})?")
# They become part of a host's name.
REGION, STORE_ACCOUNT = re.compile(r"[a-z0-9-]{1,40}"), re.compile(r"[a-z0-9]{3,24}")


class ExportTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where a folder goes besides the artifact store."""

    integration_id: UUID
    """The integration, of a kind in PUBLISHERS."""
    path: str
    """The repository, as `owner/name`; or the folder in the object store."""
    private: bool = True
    """Whether a repository that is made for it is private."""


class IntegrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`options` are settings of this kind alone."""

    name: str
    url: str
    options: dict[str, str] = {}


class IntegrationCreated(Event):
    kind: IntegrationKind
    settings: IntegrationSettings


class IntegrationSecretReplaced(Event):
    reason: str | None = None


class IntegrationDeleted(Event):
    reason: str | None = None


IntegrationEvent = IntegrationCreated | IntegrationSecretReplaced | IntegrationDeleted


class IntegrationState(msgspec.Struct, frozen=True, kw_only=True):
    kind: IntegrationKind
    settings: IntegrationSettings
    deleted: bool = False


def evolve(integration: IntegrationState | None, event: IntegrationEvent) -> IntegrationState:
    match event:
        case IntegrationCreated():
            return IntegrationState(kind=event.kind, settings=event.settings)
        case IntegrationSecretReplaced():
            return require_state(integration)
        case IntegrationDeleted():
            return replace(require_state(integration), deleted=True)
        case _:
            assert_never(event)


INTEGRATION: Decider[IntegrationState, IntegrationEvent] = Decider(
    "integration", events=(IntegrationCreated, IntegrationSecretReplaced, IntegrationDeleted), evolve=evolve
)


def create(kind: IntegrationKind, settings: IntegrationSettings, *, url_fault: Fault | None) -> list[IntegrationEvent]:
    """Create one. Raises Unprocessable with every fault. `url_fault`: why its address may not be asked."""
    faults = [] if url_fault is None else [url_fault]
    for name in settings.options.keys() - OPTIONS[kind].keys():
        known = ", ".join(OPTIONS[kind]) or "none"
        detail = f"An integration of kind {kind} has no option {name}. It has: {known}."
        faults.append(Fault(pointer=f"/options/{name}", detail=detail, code="unknown"))
    if kind == "object_store" and not STORE_URL.fullmatch(settings.url):
        detail = "Give the store as s3://bucket/folder, gs://bucket/folder or az://container/folder."
        faults.append(Fault(pointer="/url", detail=detail))
    if not REGION.fullmatch(settings.options.get("region", "-")):
        faults.append(Fault(pointer="/options/region", detail="Not a region."))
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    return [IntegrationCreated(kind=kind, settings=settings)]


def replace_secret(integration: IntegrationState | None, *, reason: str | None) -> list[IntegrationEvent]:
    require_integration(integration)
    return [IntegrationSecretReplaced(reason=reason)]


def delete(integration: IntegrationState | None) -> list[IntegrationEvent]:
    require_integration(integration)
    return [IntegrationDeleted()]


def require_integration(integration: IntegrationState | None, *kinds: IntegrationKind) -> IntegrationState:
    """Raises NotFound without one, and Unprocessable for one of another kind."""
    if integration is None or integration.deleted:
        raise NotFound("No such integration.")
    if kinds and integration.kind not in kinds:
        detail = f"This integration is of kind {integration.kind}; one of {' or '.join(kinds)} is needed."
        raise Unprocessable(detail, errors=[Fault(pointer="/to/integration_id", detail=detail, code="kind")])
    return integration


def check_target(integration: IntegrationState | None, target: ExportTarget) -> None:
    """Raises NotFound, or Unprocessable for an integration that cannot take a folder, or not at this path."""
    if require_integration(integration, *PUBLISHERS).kind == "huggingface" and target.path.count("/") != 1:
        detail = f"A repository on the Hub is named owner/name, not {target.path}."
        raise Unprocessable(detail, errors=[Fault(pointer="/to/path", detail=detail)])


def check_secret(kind: IntegrationKind, url: str, secret: str | None) -> None:
    """Raises Unprocessable for a secret that is missing, or is not what this kind needs."""
    detail = None
    if secret is None and kind != "mlflow":
        detail = f"An integration of kind {kind} needs a secret."
    elif secret is not None and kind == "object_store":
        detail = _find_store_fault(url, secret)
    if detail is not None:
        raise Unprocessable(detail, errors=[Fault(pointer="/secret", detail=detail)])


def _find_store_fault(url: str, secret: str) -> str | None:
    scheme = url.partition("://")[0]
    names = STORE_KEYS.get(scheme, frozenset())
    try:
        fields: dict[str, Any] = msgspec.json.decode(secret, type=dict[str, str])
    except msgspec.MsgspecError:
        fields = {"": ""}
    # The key of a service account, as Google gives it, says more than is needed.
    has_names = fields.keys() >= names if scheme == "gs" else fields.keys() == names
    if not names or not has_names or not STORE_ACCOUNT.fullmatch(fields.get("account_name", "none")):
        return f"The secret of a store at {scheme}:// is a JSON object of texts: {', '.join(sorted(names))}."
    return None
