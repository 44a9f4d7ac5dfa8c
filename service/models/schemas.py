"""What models look like over HTTP: bodies in, answers out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.models import domain as models
from service.models.domain import Changes, Made
from service.models.gates.domain import GatePolicy, Ruling
from service.tunes.events import Bump

ModelName = Annotated[Name, Meta(description="Unique in the workspace; a tune names its line by it.")]
ProviderName = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
VersionName = Annotated[str, Meta(max_length=100, pattern=r"^v[0-9]+\.[0-9]+$", description="Such as v1.0.")]

AliasText = Annotated[str, Meta(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")]
VersionOrAlias = Annotated[str, PathParameter(max_length=100, description="A version such as v1.0, or an alias.")]


class NewModel(Body):
    name: ModelName
    description: Text | None = None
    task_id: UUID | None = None


class ModelPatch(Body):
    """What is left out stays, null empties it."""

    name: ModelName | UnsetType = UNSET
    description: Text | UnsetType | None = UNSET
    task_id: UUID | UnsetType | None = UNSET
    reason: Reason | None = None


class NewModelVersion(Body):
    """A tune that succeeded (`tune_id`), or a model that was trained elsewhere: all of the provider's three fields."""

    tune_id: UUID | None = None
    connection_id: UUID | None = None
    base_model: ProviderName | None = None
    provider_model: Annotated[ProviderName, Meta(description="The tuned model's name at the provider.")] | None = None
    dataset_id: Annotated[UUID, Meta(description="Trained elsewhere: the dataset, and its version.")] | None = None
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)] | None = None
    bump: Bump = "minor"
    notes: Text | None = None


class ModelVersionPatch(Body):
    """Null takes the notes away."""

    notes: Text | None
    reason: Reason | None = None


class MoveAlias(Body):
    """`override` moves a protected alias though the gate refuses; it needs a reason and the scope models:override."""

    version: VersionName
    reason: Reason | None = None
    override: bool = False


class SetGate(Body):
    """What a version has to show from now on; null takes the gate away."""

    policy: GatePolicy | None
    reason: Reason | None = None


class TryGate(Body):
    version: VersionName
    alias: AliasText


class RollBack(Body):
    """To the version the alias stood at before; `to` names an earlier one. A protected alias needs a reason."""

    alias: AliasText
    to: VersionName | None = None
    reason: Reason | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A line of versions. `aliases` says at which version each stands."""

    id: UUID
    name: str
    description: str | None
    task_id: UUID | None
    latest_version: str | None
    aliases: dict[str, str]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


class Rollback(msgspec.Struct, frozen=True, kw_only=True):
    """What an alias was brought back to, from where, and why."""

    alias: str
    returned_to: str
    returned_from: str
    reason: str | None


class RolledBackModel(Model, frozen=True, kw_only=True):
    """The model after an alias was brought back."""

    rollback: Rollback


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of the model has to show before a protected alias may stand at it; null where nothing is asked."""

    model_id: UUID
    policy: GatePolicy | None


class GateTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of a move: whether it would be `allowed`, and what the gate says of the version.

    Where the gate does not protect the alias it is allowed in any case. `current` is where the alias stands; `ruling`
    is null where the model has no gate.
    """

    model_id: UUID
    alias: str
    version: str
    current: str | None
    protected: bool
    allowed: bool
    ruling: Ruling | None


class ModelPage(Page[Model], frozen=True, kw_only=True):
    """One page of models, the oldest first."""


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A model as the provider knows it, and what it was made from.

    `changes` counts what differs between its dataset version and that of the version `previous`; null where the two are
    not of one dataset. Without a tune it was trained elsewhere. `aliases` are those that stand at it.
    """

    model_id: UUID
    version: str
    aliases: list[str]
    connection_id: UUID
    base_model: str
    provider_model: str
    tune_id: UUID | None
    dataset_id: UUID | None
    dataset_version: str | None
    dataset_seq: int | None
    dataset_digest: str | None
    train_split: str | None
    validation_split: str | None
    notes: str | None
    previous: str | None
    changes: Changes | None
    created_at: datetime
    created_by: str


class ModelVersionPage(Page[ModelVersion], frozen=True, kw_only=True):
    """One page of versions, the newest first."""


class AliasMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move of an alias; `seq` is its event in the workspace's log.

    `ruling` is what the gate said, with the facts it went by, where one was asked; `overridden`: moved against it.
    """

    seq: int
    alias: str
    version: str
    previous: str | None
    reason: str | None
    rollback: bool
    ruling: Ruling | None
    overridden: bool
    moved_at: datetime
    moved_by: str


class AliasMovePage(Page[AliasMove], frozen=True, kw_only=True):
    """One page of an alias's moves, the newest first."""


def from_stored(stored: StreamState[models.Model]) -> Model:
    return Model(**_shown(stored))


def rolled_back(stored: StreamState[models.Model]) -> RolledBackModel:
    """The model right after the change that brought an alias back."""
    move = stored.state.last_move
    assert move is not None  # noqa: S101 - that change was a move
    said = Rollback(
        alias=move.alias, returned_to=move.model_version, returned_from=move.previous or "", reason=move.reason
    )
    return RolledBackModel(**_shown(stored), rollback=said)


def _shown(stored: StreamState[models.Model]) -> dict[str, Any]:
    model = stored.state
    envelope = {name: getattr(stored, name) for name in ENVELOPE}
    aliases = {alias: stood[-1] for alias, stood in sorted(model.aliases.items())}
    own = {name: getattr(model, name) for name in models.EDITABLE}
    return {**own, **envelope, "latest_version": model.latest, "aliases": aliases}


def from_row(row: Any) -> Model:
    fields = {name: getattr(row, name) for name in Model.__struct_fields__}
    fields["aliases"] = dict(sorted(row.aliases.items()))
    return Model(**fields)


def version_from_row(row: Any) -> ModelVersion:
    return ModelVersion(
        **{name: getattr(row, name) for name in (*Made.__struct_fields__, "model_id", "created_at", "created_by")},
        version=row.name,
        aliases=sorted(alias for alias, version in row.aliases.items() if version == row.name),
        previous=row.previous,
        changes=msgspec.convert(row.changes, Changes | None),
    )


def just_registered(stored: StreamState[models.Model]) -> ModelVersion:
    """The latest version, right after the change that registered it."""
    event = stored.state.versions[stored.state.latest or ""]
    fields = asdict(event)
    return ModelVersion(
        **fields | {"version": fields.pop("model_version")},
        model_id=stored.id,
        aliases=[],
        created_at=stored.updated_at,
        created_by=stored.updated_by,
    )


def move_from_row(row: Any) -> AliasMove:
    fields = {name: getattr(row, name) for name in AliasMove.__struct_fields__}
    return AliasMove(**fields | {"ruling": msgspec.convert(row.ruling, Ruling | None)})


def fields_of(model: models.Model) -> dict[str, Any]:
    """What the history shows: each version and each alias as a field of its own."""
    versions = {f"versions.{name}": msgspec.to_builtins(version) for name, version in model.versions.items()}
    aliases = {f"aliases.{alias}": stood[-1] for alias, stood in sorted(model.aliases.items())}
    own = {name: getattr(model, name) for name in models.EDITABLE}
    gate = {} if model.gate is None else {"gate": msgspec.to_builtins(model.gate)}
    return {**msgspec.to_builtins(own), **versions, **aliases, **gate}


ENVELOPE = ("id", "created_at", "created_by", "updated_at", "updated_by")
