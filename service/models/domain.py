"""Models: lines of versions (v1.0, v1.1, v2.0) with their origins, and aliases that point to versions."""

import re
from datetime import datetime
from typing import Any, Literal, assert_never, get_args
from uuid import UUID

import msgspec
from msgspec.structs import asdict, replace

from service.errors import Archived, Forbidden, NotFound
from service.ledger.decider import Decider, Event, require_state
from service.models.gates.domain import GatePolicy, Ruling, check_policy
from service.tunes.events import Bump

FIRST_VERSION = "v1.0"
DeletionState = Literal["requested", "deleted", "refused"]
VERSION_PATTERN = re.compile(r"v[0-9]+\.[0-9]+")


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """How a version's dataset version differs from the previous version's, in examples."""

    added: int
    """Examples that only the new dataset version has."""
    edited: int
    """Examples that both versions have, with a difference."""
    removed: int
    """Examples that only the previous dataset version has."""


class VersionOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What a version was made from. `dataset_digest` is hex. A model trained elsewhere may have no dataset."""

    connection_id: UUID
    base_model: str
    provider_model: str
    tune_id: UUID | None = None
    dataset_id: UUID | None = None
    dataset_version: str | None = None
    dataset_seq: int | None = None
    dataset_digest: str | None = None
    train_split: str | None = None
    validation_split: str | None = None
    notes: str | None = None


class ModelCreated(Event):
    name: str
    description: str | None = None
    task_id: UUID | None = None


class ModelEdited(Event):
    """Only the fields named in `changed` changed; one of these that is absent was cleared."""

    changed: tuple[str, ...]
    name: str | None = None
    description: str | None = None
    task_id: UUID | None = None
    reason: str | None = None


class ModelVersionRegistered(Event):
    """`changes` compares with the version `previous`; absent unless both are of the same dataset."""

    model_version: str
    connection_id: UUID
    base_model: str
    provider_model: str
    tune_id: UUID | None = None
    dataset_id: UUID | None = None
    dataset_version: str | None = None
    dataset_seq: int | None = None
    dataset_digest: str | None = None
    train_split: str | None = None
    validation_split: str | None = None
    notes: str | None = None
    previous: str | None = None
    changes: Changes | None = None


class ModelVersionNoted(Event):
    """The new notes; absent if they were removed."""

    model_version: str
    notes: str | None = None
    reason: str | None = None


class AliasMoved(Event):
    """With `rollback`, the alias went back to an earlier version, and later ones no longer count as earlier versions.

    `ruling` is the gate's result for a protected alias; with `overridden`, the alias moved although the gate refused.
    """

    alias: str
    model_version: str
    previous: str | None = None
    reason: str | None = None
    rollback: bool = False
    ruling: Ruling | None = None
    overridden: bool = False


class GateSet(Event):
    """The new policy; absent if the gate was removed."""

    policy: GatePolicy | None = None
    reason: str | None = None


class ModelArchived(Event):
    """Out of lists and closed to changes; its versions still answer. `at` is the server's clock."""

    at: datetime
    reason: str | None = None


class ModelUnarchived(Event):
    reason: str | None = None


class ProviderModelDeletionRequested(Event):
    """The version's model is about to be deleted at its provider. `forced`: although it is in use."""

    model_version: str
    reason: str | None = None
    forced: bool = False


class ProviderModelDeleted(Event):
    """The provider was asked to delete the model. `refusal`: why it did not."""

    model_version: str
    at: datetime
    refusal: str | None = None


ModelEvent = (
    ModelCreated
    | ModelEdited
    | ModelVersionRegistered
    | ModelVersionNoted
    | AliasMoved
    | GateSet
    | ModelArchived
    | ModelUnarchived
    | ProviderModelDeletionRequested
    | ProviderModelDeleted
)


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """How far the deletion of a version's model at its provider is. `refusal`: what the provider said against it."""

    state: DeletionState = "requested"
    at: datetime | None = None
    refusal: str | None = None


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """`versions` are in the order of registration. `aliases` has the past versions of each alias; the last is current.

    `last_move` is the latest move of any alias. `deletions`: versions whose models were to be deleted at the provider.
    """

    name: str
    description: str | None = None
    task_id: UUID | None = None
    versions: dict[str, ModelVersionRegistered] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    gate: GatePolicy | None = None
    last_move: AliasMoved | None = None
    archived_at: datetime | None = None
    deletions: dict[str, Deletion] = {}

    @property
    def latest(self) -> str | None:
        return next(reversed(self.versions), None)

    def protects(self, alias: str) -> bool:
        return self.gate is not None and alias in self.gate.protects

    def version_at(self, alias: str) -> str | None:
        return self.aliases.get(alias, (None,))[-1]


EDITABLE = ("name", "description", "task_id")


def evolve(model: ModelState | None, event: ModelEvent) -> ModelState:
    if isinstance(event, ModelCreated):
        return ModelState(name=event.name, description=event.description, task_id=event.task_id)
    model = require_state(model)
    match event:
        case ModelEdited():
            changes: dict[str, Any] = {name: getattr(event, name) for name in event.changed}
        case ModelVersionRegistered():
            changes = {"versions": model.versions | {event.model_version: event}}
        case ModelVersionNoted(model_version=name):
            version = replace(model.versions[name], notes=event.notes)
            changes = {"versions": model.versions | {name: version}}
        case AliasMoved(alias=alias):
            past = _trim_past(model.aliases.get(alias, ()), event)
            changes = {"aliases": model.aliases | {alias: (*past, event.model_version)}, "last_move": event}
        case GateSet(policy=policy):
            changes = {"gate": policy}
        case ModelArchived(at=at):
            changes = {"archived_at": at}
        case ModelUnarchived():
            changes = {"archived_at": None}
        case ProviderModelDeletionRequested() | ProviderModelDeleted():
            changes = {"deletions": model.deletions | {event.model_version: _build_deletion(event)}}
        case _:
            assert_never(event)
    return replace(model, **changes)


def _build_deletion(event: ProviderModelDeletionRequested | ProviderModelDeleted) -> Deletion:
    if isinstance(event, ProviderModelDeletionRequested):
        return Deletion()
    return Deletion(state="refused" if event.refusal else "deleted", at=event.at, refusal=event.refusal)


def _trim_past(past: tuple[str, ...], event: AliasMoved) -> tuple[str, ...]:
    """Return the alias's earlier versions after the move; a rollback drops those from its target on."""
    if not event.rollback:
        return past
    earlier = past[:-1]
    return earlier[: len(earlier) - 1 - earlier[::-1].index(event.model_version)]


MODEL: Decider[ModelState, ModelEvent] = Decider("model", events=get_args(ModelEvent), evolve=evolve)


def create(*, name: str, description: str | None = None, task_id: UUID | None = None) -> list[ModelEvent]:
    return [ModelCreated(name=name, description=description, task_id=task_id)]


def edit(model: ModelState | None, changes: dict[str, Any], *, reason: str | None = None) -> list[ModelEvent]:
    """Change name, description or task_id. Repeating it records nothing."""
    model = require_active(model)
    changed = {name: value for name, value in changes.items() if value != getattr(model, name)}
    return [ModelEdited(changed=tuple(sorted(changed)), reason=reason, **changed)] if changed else []


def register(
    model: ModelState | None, origin: VersionOrigin, *, bump: Bump, changes: Changes | None
) -> list[ModelEvent]:
    """Register the next version. Registering the same tune again records nothing."""
    model = require_active(model)
    if origin.tune_id is not None and find_version_of_tune(model, origin.tune_id) is not None:
        return []
    number = increment_version(model.latest, bump)
    return [ModelVersionRegistered(model_version=number, previous=model.latest, changes=changes, **asdict(origin))]


def note(model: ModelState | None, version: str, *, notes: str | None, reason: str | None = None) -> list[ModelEvent]:
    """Set a version's notes; None removes them. Repeating it records nothing."""
    current = get_version(require_active(model), version)
    if current.notes == notes:
        return []
    return [ModelVersionNoted(model_version=current.model_version, notes=notes, reason=reason)]


def set_gate(
    model: ModelState | None, policy: GatePolicy | None, *, may_override: bool, reason: str | None = None
) -> list[ModelEvent]:
    """Set the model's gate; None removes it. Repeating it records nothing.

    Changing an existing gate is a way around it, so it needs the right to override. Raises Forbidden, Invalid.
    """
    model = require_active(model)
    if policy == model.gate:
        return []
    if policy is not None:
        check_policy(policy)
    if model.gate is not None and not may_override:
        raise Forbidden("Changing a gate needs the scope models:override; this API key lacks it.")
    return [GateSet(policy=policy, reason=reason)]


def archive(model: ModelState | None, *, at: datetime, reason: str | None) -> list[ModelEvent]:
    """Take the model out of lists and close it to changes. Repeating it records nothing."""
    return [] if require_model(model).archived_at else [ModelArchived(at=at, reason=reason)]


def unarchive(model: ModelState | None, *, reason: str | None) -> list[ModelEvent]:
    """Bring the model back. Repeating it records nothing."""
    return [ModelUnarchived(reason=reason)] if require_model(model).archived_at else []


def increment_version(latest: str | None, bump: Bump) -> str:
    """Return the next version: v1.0 at first; after v1.4, v1.5 for a minor bump and v2.0 for a major one."""
    if latest is None:
        return FIRST_VERSION
    major, minor = (int(part) for part in latest.removeprefix("v").split("."))
    return f"v{major + 1}.0" if bump == "major" else f"v{major}.{minor + 1}"


def get_version(model: ModelState | None, name: str) -> ModelVersionRegistered:
    """Get a version by its name or by an alias. Raises NotFound."""
    model = require_model(model)
    if past := model.aliases.get(name):
        return model.versions[past[-1]]
    if name not in model.versions:
        raise NotFound(f"{model.name} has no version or alias {name[:100]}.")
    return model.versions[name]


def find_version_of_tune(model: ModelState, tune_id: UUID) -> str | None:
    return next((name for name, version in model.versions.items() if version.tune_id == tune_id), None)


def require_active(model: ModelState | None) -> ModelState:
    """Return the model to change. Raises NotFound without one, Archived for an archived one."""
    if require_model(model).archived_at:
        raise Archived("model")
    return require_model(model)


def require_model(model: ModelState | None) -> ModelState:
    if model is None:
        raise NotFound("No such model.")
    return model
