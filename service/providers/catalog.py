"""The base models we know of and what they cost. The data is `catalog.json`, to be edited without touching code."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

import msgspec

from service.providers.provider import Method


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Per million tokens, as of a day. Unverified ones are hearsay: show them as such, and never bill by them."""

    training: Decimal | None
    input: Decimal | None
    output: Decimal | None
    currency: str
    as_of: date
    source: str
    verified: bool


class BaseModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that can be tuned at providers of one kind. Contexts are in tokens; what is not known is null."""

    id: str
    kind: str
    name: str
    methods: tuple[Method, ...]
    prices: Prices | None
    context_tokens: int | None = None
    training_context_tokens: int | None = None
    no_new_tunes_from: date | None = None
    notes: str | None = None


class Catalog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    base_models: tuple[BaseModel, ...]


@cache
def base_models() -> tuple[BaseModel, ...]:
    """All of them, in the order of the file."""
    content = resources.files(__package__).joinpath("catalog.json").read_bytes()
    return msgspec.json.decode(content, type=Catalog).base_models


def base_model(kind: str, model_id: str) -> BaseModel | None:
    return next((each for each in base_models() if (each.kind, each.id) == (kind, model_id)), None)
