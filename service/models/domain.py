"""A model: a line of versions (v1.0, v1.1, v2.0), each with what it was made from, and aliases that move along it."""

import re
from typing import Any, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import asdict, replace

from service.errors import Forbidden, NotFound
from service.ledger.decider import Decider, Event
from service.models.gates.domain import GatePolicy, Ruling, check_policy
from service.tunes.events import Bump

FIRST_VERSION = "v1.0"
VERSION_PATTERN = re.compile(r"v[0-9]+\.[0-9]+")


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """How many examples of the dataset version were not in the one before, differ from it, or are there no more."""

    added: int
    """Examples that only the new dataset version has."""
    edited: int
    """Examples that both versions have, with a difference."""
    removed: int
    """Examples that only the previous dataset version has."""


class VersionOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What a version was made from. `dataset_digest` is hex; without a dataset, the model was trained elsewhere."""

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
    """Only the fields named in `changed` say anything: of those, an absent one was emptied."""

    changed: tuple[str, ...]
    name: str | None = None
    description: str | None = None
    task_id: UUID | None = None
    reason: str | None = None


class ModelVersionRegistered(Event):
    """`changes` are against the version `previous`; absent where the two are not of one dataset."""

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
    """The notes as they are now; absent when they were taken away."""

    model_version: str
    notes: str | None = None
    reason: str | None = None


class AliasMoved(Event):
    """`rollback`: back to where the alias stood before, so that what came after counts no longer as its past.

    `ruling` is what the gate of a protected alias said; with `overridden`, it was moved against it.
    """

    alias: str
    model_version: str
    previous: str | None = None
    reason: str | None = None
    rollback: bool = False
    ruling: Ruling | None = None
    overridden: bool = False


class GateSet(Event):
    """The policy as it is now; absent when it was taken away."""

    policy: GatePolicy | None = None
    reason: str | None = None


ModelEvent = ModelCreated | ModelEdited | ModelVersionRegistered | ModelVersionNoted | AliasMoved | GateSet


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """`versions` from the first to the latest. An alias is the versions it stood at: the last is where it stands.

    `last_move` is the latest of any alias.
    """

    name: str
    description: str | None = None
    task_id: UUID | None = None
    versions: dict[str, ModelVersionRegistered] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    gate: GatePolicy | None = None
    last_move: AliasMoved | None = None

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
    assert model is not None  # noqa: S101 - a stream begins with its creation
    match event:
        case ModelEdited():
            return replace(model, **{name: getattr(event, name) for name in event.changed})
        case ModelVersionRegistered():
            return replace(model, versions=model.versions | {event.model_version: event})
        case ModelVersionNoted(model_version=name):
            noted = replace(model.versions[name], notes=event.notes)
            return replace(model, versions=model.versions | {name: noted})
        case AliasMoved(alias=alias):
            stood = model.aliases.get(alias, ())
            stands = {alias: (*_trim_past(stood, event), event.model_version)}
            return replace(model, aliases=model.aliases | stands, last_move=event)
        case GateSet(policy=policy):
            return replace(model, gate=policy)
        case _:
            assert_never(event)


def _trim_past(stood: tuple[str, ...], event: AliasMoved) -> tuple[str, ...]:
    """What counts as the alias's past after the move."""
    if not event.rollback:
        return stood
    earlier = stood[:-1]
    return earlier[: len(earlier) - 1 - earlier[::-1].index(event.model_version)]


MODEL: Decider[ModelState, ModelEvent] = Decider(
    "model",
    events=(ModelCreated, ModelEdited, ModelVersionRegistered, ModelVersionNoted, AliasMoved, GateSet),
    evolve=evolve,
)


def create(*, name: str, description: str | None = None, task_id: UUID | None = None) -> list[ModelEvent]:
    return [ModelCreated(name=name, description=description, task_id=task_id)]


def edit(model: ModelState | None, changes: dict[str, Any], *, reason: str | None = None) -> list[ModelEvent]:
    """Put the values of `changes` (of name, description, task_id) in place. No difference records nothing."""
    model = require_model(model)
    changed = {name: value for name, value in changes.items() if value != getattr(model, name)}
    return [ModelEdited(changed=tuple(sorted(changed)), reason=reason, **changed)] if changed else []


def register(model: ModelState | None, made: VersionOrigin, *, bump: Bump, changes: Changes | None) -> list[ModelEvent]:
    """Give the next number to what was made. A tune is registered once: again records nothing."""
    model = require_model(model)
    if made.tune_id is not None and find_version_of_tune(model, made.tune_id) is not None:
        return []
    number = number_after(model.latest, bump)
    return [ModelVersionRegistered(model_version=number, previous=model.latest, changes=changes, **asdict(made))]


def note(model: ModelState | None, version: str, *, notes: str | None, reason: str | None = None) -> list[ModelEvent]:
    """Set a version's notes; None takes them away. The same notes again record nothing."""
    found = get_version(model, version)
    if found.notes == notes:
        return []
    return [ModelVersionNoted(model_version=found.model_version, notes=notes, reason=reason)]


def set_gate(
    model: ModelState | None, policy: GatePolicy | None, *, may_override: bool, reason: str | None = None
) -> list[ModelEvent]:
    """Put a gate before the line's aliases; None takes it away. The same again records nothing.

    Changing one that is there is going round it, which takes the right to override. Raises Forbidden, Invalid.
    """
    model = require_model(model)
    if policy == model.gate:
        return []
    if policy is not None:
        check_policy(policy)
    if model.gate is not None and not may_override:
        raise Forbidden("A gate that is there is changed with the scope models:override; this API key lacks it.")
    return [GateSet(policy=policy, reason=reason)]


def number_after(latest: str | None, bump: Bump) -> str:
    """v1.0 at first; after v1.4, a minor bump gives v1.5 and a major one v2.0."""
    if latest is None:
        return FIRST_VERSION
    major, minor = (int(part) for part in latest.removeprefix("v").split("."))
    return f"v{major + 1}.0" if bump == "major" else f"v{major}.{minor + 1}"


def get_version(model: ModelState | None, name: str) -> ModelVersionRegistered:
    """The version of that name, or where the alias of that name stands. Raises NotFound."""
    model = require_model(model)
    if stood := model.aliases.get(name):
        return model.versions[stood[-1]]
    if name not in model.versions:
        raise NotFound(f"{model.name} has no version and no alias {name[:100]}.")
    return model.versions[name]


def find_version_of_tune(model: ModelState, tune_id: UUID) -> str | None:
    return next((name for name, version in model.versions.items() if version.tune_id == tune_id), None)


def require_model(model: ModelState | None) -> ModelState:
    if model is None:
        raise NotFound("No such model.")
    return model
