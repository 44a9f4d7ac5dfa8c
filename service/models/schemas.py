"""The requests and responses of models, versions, aliases and gates."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.models.domain import EDITABLE, Changes, DeletionState, ModelState, VersionOrigin
from service.models.gates.domain import GatePolicy, Ruling
from service.tunes.events import Bump

ModelName = Annotated[Name, Meta(description="Unique in the workspace. A tune names its model by it.")]
ProviderName = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
VersionName = Annotated[str, Meta(max_length=100, pattern=r"^v[0-9]+\.[0-9]+$", description="Such as v1.0.")]

AliasText = Annotated[str, Meta(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")]
DELETION_FIELDS = ("deletion", "deletion_refusal", "deleted_at")
STORED_FIELDS = ("id", "created_at", "created_by", "updated_at", "updated_by")
VersionOrAlias = Annotated[str, PathParameter(max_length=100, description="A version such as v1.0, or an alias.")]


class NewModel(Body):
    name: ModelName
    description: Text | None = None
    """What the model is for."""
    task_id: UUID | None = None
    """The task that the model does."""


class ModelPatch(Body):
    """The fields to change. Absent fields stay unchanged; null clears a field."""

    name: ModelName | UnsetType = UNSET
    description: Text | UnsetType | None = UNSET
    """What the model is for; null clears it."""
    task_id: UUID | UnsetType | None = UNSET
    """The task that the model does; null clears it."""
    reason: Reason | None = None
    """Why, for the history."""


class NewModelVersion(Body):
    """A tune that succeeded (`tune_id`), or a model trained elsewhere: `connection_id` and the two model names."""

    tune_id: UUID | None = None
    """A tune that succeeded. The dataset and the provider's fields follow from it."""
    connection_id: UUID | None = None
    """Trained elsewhere: the connection that serves the model."""
    base_model: ProviderName | None = None
    """Trained elsewhere: the base model."""
    provider_model: ProviderName | None = None
    """Trained elsewhere: the tuned model's name at the provider."""
    dataset_id: UUID | None = None
    """Trained elsewhere: the dataset it was trained on, with its version."""
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)] | None = None
    """Trained elsewhere: the frozen version of the dataset."""
    bump: Bump = "minor"
    """Whether the next number is a minor (v1.1) or a major one (v2.0)."""
    notes: Text | None = None
    """What changed in this version, in Markdown."""


class ModelVersionPatch(Body):
    """A version's new notes."""

    notes: Text | None
    """The new notes, in Markdown; null removes them."""
    reason: Reason | None = None
    """Why, for the history."""


class MoveAlias(Body):
    """Where to move an alias. `override` needs a reason and the scope models:override."""

    version: VersionName
    """The version to move the alias to."""
    reason: Reason | None = None
    """Why, for the history. Required with `override`."""
    override: bool = False
    """Whether to move a protected alias although the gate refuses."""


class SetGate(Body):
    """The new gate; null removes it."""

    policy: GatePolicy | None
    """What a version must show; null removes the gate."""
    reason: Reason | None = None
    """Why, for the history."""


class TryGate(Body):
    """The version to check, and the alias it would move to."""

    version: VersionName
    """The version to check."""
    alias: AliasText
    """The alias to check it for."""


class RollBack(Body):
    """The alias to roll back, to its previous version or to the earlier one in `to`."""

    alias: AliasText
    """The alias to roll back."""
    to: VersionName | None = None
    """An earlier version of the alias; null takes the one before the current."""
    reason: Reason | None = None
    """Why, for the history. Required for a protected alias."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model: a line of versions, and aliases that point to them."""

    id: UUID
    """The model."""
    name: str
    """The model's name, unique in the workspace."""
    description: str | None
    """What the model is for."""
    task_id: UUID | None
    """The task that the model does."""
    latest_version: str | None
    """The version with the highest number; null where there is none."""
    aliases: dict[str, str]
    """The version of each alias, by alias."""
    created_at: datetime
    """When the model was created."""
    created_by: str
    """The API key or person that created the model."""
    updated_at: datetime
    """When the model or one of its versions last changed."""
    updated_by: str
    """The API key or person that made the last change."""
    archived_at: datetime | None
    """When it was archived; null unless it is."""


class Rollback(msgspec.Struct, frozen=True, kw_only=True):
    """The rollback of an alias."""

    alias: str
    """The alias that was rolled back."""
    returned_to: str
    """The version it is at now."""
    returned_from: str
    """The version it was at before the rollback."""
    reason: str | None
    """Why it was rolled back."""


class RolledBackModel(Model, frozen=True, kw_only=True):
    """The model after the rollback."""

    rollback: Rollback
    """The rollback."""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A model's gate: what a version must show before a protected alias may move to it."""

    model_id: UUID
    """The model."""
    policy: GatePolicy | None
    """What a version must show; null where the model has no gate."""


class GateTrial(msgspec.Struct, frozen=True, kw_only=True):
    """The check of a version against the gate. If the gate does not protect the alias, the move is always allowed."""

    model_id: UUID
    """The model."""
    alias: str
    """The alias that was asked about."""
    version: str
    """The version that was asked about."""
    current: str | None
    """The alias's version now; null where it has none."""
    protected: bool
    """Whether the gate protects the alias."""
    allowed: bool
    """Whether the alias may move to the version."""
    ruling: Ruling | None
    """The gate's checks of the version; null where the model has no gate."""


class ModelPage(Page[Model], frozen=True, kw_only=True):
    """One page of models, the oldest first."""


Lineage = Literal["tune", "stated", "unknown"]


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a model, and what it was made from. Without a tune it was trained elsewhere."""

    model_id: UUID
    """The model."""
    version: str
    """The version's number, such as v1.0."""
    aliases: list[str]
    """The aliases that are at this version."""
    connection_id: UUID
    """The connection that serves the model."""
    base_model: str
    """The base model that was tuned."""
    provider_model: str
    """The version's model name at the provider."""
    tune_id: UUID | None
    """The tune that trained it; null where it was trained elsewhere."""
    dataset_id: UUID | None
    """The dataset it was trained on; null where none is known."""
    dataset_version: str | None
    """The frozen version of the dataset."""
    dataset_seq: int | None
    """The last event of the workspace's log that the dataset version contains."""
    dataset_digest: str | None
    """SHA-256 over the dataset version's contents, in hex."""
    train_split: str | None
    """The split it was trained on."""
    validation_split: str | None
    """The split it was validated with; null where there was none."""
    notes: str | None
    """Notes on the version, in Markdown."""
    previous: str | None
    """The version before this one; null for the first."""
    changes: Changes | None
    """How the dataset differs from that of the previous version; null where they are not of one dataset."""
    lineage: Lineage
    """How much is known of its training: `tune`, a tune of this workspace; `stated`, the dataset that whoever
    registered it named; `unknown`."""
    deletion: DeletionState | None
    """Whether its model was to be deleted at its provider, and whether that was done. Null unless somebody asked."""
    deletion_refusal: str | None
    """Why the provider did not delete it."""
    deleted_at: datetime | None
    """When its model was deleted at its provider. It cannot be run any more."""
    created_at: datetime
    """When the version was registered."""
    created_by: str
    """The API key or person that registered the version."""


class ModelVersionPage(Page[ModelVersion], frozen=True, kw_only=True):
    """One page of versions, the newest first."""


class AliasMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move of an alias, and the gate's check of it."""

    seq: int
    """The event's seq in the workspace's log."""
    alias: str
    """The alias that moved."""
    version: str
    """The version it moved to."""
    previous: str | None
    """The version it moved from; null for its first move."""
    reason: str | None
    """Why it was moved."""
    rollback: bool
    """Whether it was a rollback."""
    ruling: Ruling | None
    """The gate's checks, with their measurements; null where no gate was checked."""
    overridden: bool
    """Whether it moved although the gate refused."""
    moved_at: datetime
    """When it moved."""
    moved_by: str
    """The API key or person that moved it."""


class AliasMovePage(Page[AliasMove], frozen=True, kw_only=True):
    """One page of an alias's moves, the newest first."""


def build_model(stored: StreamState[ModelState]) -> Model:
    return Model(**_build_model_fields(stored))


def build_rolled_back_model(stored: StreamState[ModelState]) -> RolledBackModel:
    """Build the model right after the change that rolled an alias back."""
    move = stored.state.last_move
    assert move is not None  # that change was a move
    rollback = Rollback(
        alias=move.alias, returned_to=move.model_version, returned_from=move.previous or "", reason=move.reason
    )
    return RolledBackModel(**_build_model_fields(stored), rollback=rollback)


def _build_model_fields(stored: StreamState[ModelState]) -> dict[str, Any]:
    model = stored.state
    envelope = {name: getattr(stored, name) for name in STORED_FIELDS}
    aliases = {alias: past[-1] for alias, past in sorted(model.aliases.items())}
    own = {name: getattr(model, name) for name in (*EDITABLE, "archived_at")}
    return {**own, **envelope, "latest_version": model.latest, "aliases": aliases}


def build_model_from_row(row: Any) -> Model:
    fields = {name: getattr(row, name) for name in Model.__struct_fields__}
    fields["aliases"] = dict(sorted(row.aliases.items()))
    return Model(**fields)


def build_model_version(row: Any) -> ModelVersion:
    return ModelVersion(
        **{
            name: getattr(row, name)
            for name in (*VersionOrigin.__struct_fields__, "model_id", "created_at", "created_by", *DELETION_FIELDS)
        },
        lineage=describe_lineage(row),
        version=row.name,
        aliases=sorted(alias for alias, version in row.aliases.items() if version == row.name),
        previous=row.previous,
        changes=msgspec.convert(row.changes, Changes | None),
    )


def describe_lineage(version: Any) -> Lineage:
    if version.tune_id is not None:
        return "tune"
    return "stated" if version.dataset_id is not None else "unknown"


def build_registered_version(stored: StreamState[ModelState]) -> ModelVersion:
    """Build the latest version, right after the change that registered it."""
    event = stored.state.versions[stored.state.latest or ""]
    fields = asdict(event)
    return ModelVersion(
        **fields | {"version": fields.pop("model_version")},
        model_id=stored.id,
        aliases=[],
        lineage=describe_lineage(event),
        deletion=None,
        deletion_refusal=None,
        deleted_at=None,
        created_at=stored.updated_at,
        created_by=stored.updated_by,
    )


def build_alias_move(row: Any) -> AliasMove:
    fields = {name: getattr(row, name) for name in AliasMove.__struct_fields__}
    return AliasMove(**fields | {"ruling": msgspec.convert(row.ruling, Ruling | None)})


def build_history_fields(model: ModelState) -> dict[str, Any]:
    """Build the fields that a model's history shows: each version and each alias is a field of its own."""
    versions = {f"versions.{name}": msgspec.to_builtins(version) for name, version in model.versions.items()}
    versions |= {f"deletions.{name}": msgspec.to_builtins(each) for name, each in model.deletions.items()}
    aliases = {f"aliases.{alias}": past[-1] for alias, past in sorted(model.aliases.items())}
    own = {name: getattr(model, name) for name in (*EDITABLE, "archived_at")}
    gate = {} if model.gate is None else {"gate": msgspec.to_builtins(model.gate)}
    return {**msgspec.to_builtins(own), **versions, **aliases, **gate}
