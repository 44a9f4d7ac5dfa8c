"""From a request to the orders it makes: one for each target, on one version. Pure; the facts are gathered before."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.errors import Fault, Unprocessable
from service.providers.provider import Method
from service.tunes.tunes import TuneRequested


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A target as it was asked for, the kind of its connection, and the methods its base model is known to take."""

    connection_id: UUID
    connection_kind: str
    base_model: str
    hyperparameters: dict[str, int | float | str]
    suffix: str | None
    methods: tuple[Method, ...] | None


def splits_counted(splits: Mapping[str, int], *, train: str, validation: str | None) -> dict[str, Any]:
    """The fields of an order that say what to train on and to validate with.

    An empty validation split means none. Raises Unprocessable without an example to train on, or when both are one.
    """
    if validation == train:
        detail = f"A model cannot be validated with what it is trained on: both are {train}."
        raise Unprocessable(detail, errors=[Fault(pointer="/splits/validation", detail=detail)])
    if not splits.get(train):
        detail = f"The version has no examples in {train}."
        raise Unprocessable(detail, errors=[Fault(pointer="/splits/train", detail=detail, code="empty")])
    validated = splits.get(validation, 0) if validation else 0
    return {
        "train_split": train,
        "train_examples": splits[train],
        "validation_split": validation if validated else None,
        "validation_examples": validated,
    }


def orders(wishes: Sequence[Wish], *, method: Method, **common: Any) -> list[TuneRequested]:
    """An order for each target, with what is `common` to all. Raises Unprocessable where a model lacks the method."""
    faults = [
        Fault(
            pointer=f"/targets/{number}/base_model",
            detail=f"{wish.base_model} is tuned with {' or '.join(wish.methods)}, not {method}.",
            code="method",
        )
        for number, wish in enumerate(wishes)
        if wish.methods is not None and method not in wish.methods
    ]
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    own = ("connection_id", "connection_kind", "base_model", "hyperparameters", "suffix")
    return [TuneRequested(**{name: getattr(wish, name) for name in own}, method=method, **common) for wish in wishes]
