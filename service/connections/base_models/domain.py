"""A workspace's own entry in the catalogue of base models: a model that it lacks, or better figures for one it has."""

from typing import assert_never
from uuid import UUID, uuid5

import msgspec

from service.errors import NotFound
from service.ledger.decider import Decider, Event
from service.providers.catalog import BaseModel

NAMESPACE = UUID("6f1c1c64-52c1-4a0d-9d5b-7a2f6a0f4a10")


class BaseModelDescribed(Event):
    """All of the entry after the change."""

    model: BaseModel
    reason: str | None = None


class BaseModelForgotten(Event):
    reason: str | None = None


BaseModelEvent = BaseModelDescribed | BaseModelForgotten


class EntryState(msgspec.Struct, frozen=True, kw_only=True):
    """`model` is null once the entry was removed; it may come back."""

    model: BaseModel | None


def evolve(_entry: EntryState | None, event: BaseModelEvent) -> EntryState:
    match event:
        case BaseModelDescribed():
            return EntryState(model=event.model)
        case BaseModelForgotten():
            return EntryState(model=None)
        case _:
            assert_never(event)


BASE_MODEL: Decider[EntryState, BaseModelEvent] = Decider(
    "base_model", events=(BaseModelDescribed, BaseModelForgotten), evolve=evolve
)


def derive_entry_id(workspace_id: UUID, provider: str, model_id: str) -> UUID:
    """The entry's id: a model of a provider has one entry in a workspace."""
    return uuid5(NAMESPACE, f"{workspace_id}/{provider}/{model_id}")


def describe(entry: EntryState | None, model: BaseModel, *, reason: str | None) -> list[BaseModelEvent]:
    """Describe a model. The same again records nothing."""
    if entry is not None and entry.model == model:
        return []
    return [BaseModelDescribed(model=model, reason=reason)]


def forget(entry: EntryState | None, *, reason: str | None) -> list[BaseModelEvent]:
    """Remove the entry; what the catalogue says counts again."""
    if entry is None or entry.model is None:
        raise NotFound("The workspace has no entry of its own for this model.")
    return [BaseModelForgotten(reason=reason)]
