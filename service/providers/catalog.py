"""Known base models and their prices, read from `catalog.json`."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

import msgspec

from service.providers.provider import Method


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices per million tokens, as of a day. Don't bill by unverified prices."""

    training: Decimal | None
    """Price of a million training tokens; null where it is not known."""
    input: Decimal | None
    """Price of a million input tokens; null where it is not known."""
    output: Decimal | None
    """Price of a million output tokens; null where it is not known."""
    currency: str
    """The currency's ISO 4217 code."""
    as_of: date
    """The day the prices were read."""
    source: str
    """Where the prices were read."""
    verified: bool
    """Whether the prices come from the provider itself."""


class BaseModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that can be tuned at providers of one kind. Contexts are in tokens; what is not known is null."""

    id: str
    """The model's id at the provider."""
    kind: str
    """The kind of provider."""
    name: str
    """The model's name for people."""
    methods: tuple[Method, ...]
    """The training methods that it can be tuned with."""
    prices: Prices | None
    """Its prices; null where they are not known."""
    context_tokens: int | None = None
    """The most tokens of a request and its answer; null where it is not known."""
    training_context_tokens: int | None = None
    """The most tokens of a training example; null where it is not known."""
    no_new_tunes_from: date | None = None
    """The day from which the provider takes no new tunes of it; null where none is announced."""
    notes: str | None = None
    """What else to know before tuning it."""


class Catalog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    base_models: tuple[BaseModel, ...]


@cache
def list_base_models() -> tuple[BaseModel, ...]:
    """List all base models in the order of the file."""
    content = resources.files(__package__).joinpath("catalog.json").read_bytes()
    return msgspec.json.decode(content, type=Catalog).base_models


def find_base_model(kind: str, model_id: str) -> BaseModel | None:
    return next((each for each in list_base_models() if (each.kind, each.id) == (kind, model_id)), None)
