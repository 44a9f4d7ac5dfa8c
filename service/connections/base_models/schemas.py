"""HTTP requests and responses for base models."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.connections.base_models.queries import Entry
from service.http.bodies import NO_NUL, Body, Reason, Text
from service.http.pagination import Page
from service.providers import catalog
from service.providers.kinds import TRAITS
from service.providers.memory import Memory, estimate_gpu_memory
from service.providers.provider import Kind, Method
from service.providers.traits import Parameter

Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,9})?$", description="A decimal number.")]
Word = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
Tokens = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Billions = Annotated[float, Meta(gt=0, le=100_000)]


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An exact amount of money."""

    amount: Decimal
    """A decimal number, as a string."""
    currency: str
    """ISO 4217 code, such as `USD`."""


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """Prices per million tokens. Don't bill by a price that is not `verified`."""

    training: Money | None
    """For training."""
    input: Money | None
    """For input tokens of the tuned model."""
    output: Money | None
    """For output tokens of the tuned model."""
    as_of: date
    """The day the prices were looked up."""
    source: str
    """Where the prices come from."""
    verified: bool
    """Whether they were checked against the provider's own price list."""


class BaseModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model that can be tuned at one provider, or on own hardware."""

    id: str
    """The value to pass as a tune's `base_model`."""
    provider: str
    """The provider; `local` for own hardware."""
    kind: Kind | None
    """Kind of connection that tunes it; null for own hardware."""
    name: str
    """Name for people."""
    methods: list[Method]
    """Tuning methods it supports. Empty: it can only be deployed."""
    hyperparameters: dict[str, dict[str, Parameter]]
    """The hyperparameters of each method, with ranges and defaults."""
    prices: Prices | None
    """Null when unknown."""
    parameters_billion: float | None
    """Its size, in billions of parameters. Null when unknown."""
    active_parameters_billion: float | None
    """How many of them one token uses, in a mixture of experts. Null: all."""
    memory: Memory | None
    """What training on own hardware needs. Null unless the weights are open and the size is known."""
    context_tokens: int | None
    """Longest input and output together, in tokens. Null when unknown."""
    training_context_tokens: int | None
    """Longest training example, in tokens. Null when unknown."""
    licence: str | None
    """The licence. Null when unknown."""
    open_weights: bool
    """Whether the weights can be taken home."""
    first_choice_for: str | None
    """What it is a good first choice for. Null: others are better to begin with."""
    no_new_tunes_from: date | None
    """From this day on the provider takes no new tunes of it. Null: no such day is known."""
    shutdown_date: date | None
    """From this day on it and its tuned models answer no more. Null: no such day is known."""
    source: str
    """Where this row was read."""
    source_date: date
    """The day it was read."""
    listed: bool | None
    """Whether the connection's account lists it now. Null unless `connection_id` is given."""
    entry_id: UUID | None
    """The id of the workspace's own entry. Null: the row is the catalogue's."""
    notes: str | None
    """Anything else to know, such as limits. Null when there is nothing."""


class BaseModelPage(Page[BaseModel], frozen=True, kw_only=True):
    """One page of base models."""


class NewPrices(Body):
    """Prices per million tokens, and where they were read."""

    as_of: date
    """The day the prices were looked up."""
    source: Word
    """Where the prices come from."""
    training: Amount | None = None
    """For training."""
    input: Amount | None = None
    """For input tokens of the tuned model."""
    output: Amount | None = None
    """For output tokens of the tuned model."""
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "USD"
    """ISO 4217 code."""
    verified: bool = False
    """Whether they are the provider's own."""


class DescribeBaseModel(Body):
    """A base model as this workspace knows it. It replaces the catalogue's row with the same provider and id."""

    id: Word
    """The model's id at the provider."""
    provider: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,59}$")]
    """The provider, such as `openai`, `azure`, `together` or `openai_compatible`."""
    kind: Kind | None
    """Kind of connection that tunes it; null for own hardware."""
    name: Word
    """Name for people."""
    methods: Annotated[list[Method], Meta(max_length=10)]
    """Tuning methods it supports."""
    prices: NewPrices | None = None
    """Null when unknown."""
    parameters_billion: Billions | None = None
    """Its size, in billions of parameters."""
    context_tokens: Tokens | None = None
    """Longest input and output together, in tokens."""
    training_context_tokens: Tokens | None = None
    """Longest training example, in tokens."""
    licence: Word | None = None
    """The licence."""
    open_weights: bool = False
    """Whether the weights can be taken home."""
    no_new_tunes_from: date | None = None
    """From this day on the provider takes no new tunes of it."""
    shutdown_date: date | None = None
    """From this day on it and its tuned models answer no more."""
    notes: Text | None = None
    """Anything else to know."""
    reason: Reason | None = None
    """Why; kept in the history."""


def build_model(data: DescribeBaseModel, *, today: date) -> catalog.BaseModel:
    fields = {name: getattr(data, name) for name in data.__struct_fields__ if name not in {"reason", "prices"}}
    prices = None
    if data.prices is not None:
        texts = {name: getattr(data.prices, name) for name in catalog.Prices.__struct_fields__}
        prices = msgspec.convert(texts, catalog.Prices)
    return catalog.BaseModel(
        **{**fields, "methods": tuple(data.methods)}, prices=prices, source="this workspace", source_date=today
    )


def to_base_model(entry: Entry, *, listed: bool | None) -> BaseModel:
    model = entry.model
    copied = set(BaseModel.__struct_fields__) & set(model.__struct_fields__) - {"prices", "hyperparameters", "methods"}
    has_memory = model.open_weights and model.parameters_billion is not None
    return BaseModel(
        **{name: getattr(model, name) for name in copied},
        methods=list(model.methods),
        hyperparameters={method: list_parameters(model, method) for method in model.methods},
        prices=_to_prices(model.prices),
        memory=estimate_gpu_memory(model.parameters_billion or 0, model.active_parameters_billion)
        if has_memory
        else None,
        listed=listed,
        entry_id=entry.entry_id,
    )


def list_parameters(model: catalog.BaseModel, method: Method) -> dict[str, Parameter]:
    """The model's hyperparameters: its own limits where it has any, else those of its kind of provider."""
    if model.hyperparameters:
        return model.hyperparameters
    return TRAITS[model.kind].parameters.get(method, {}) if model.kind else {}


def _to_prices(prices: catalog.Prices | None) -> Prices | None:
    if prices is None:
        return None
    amounts = {name: getattr(prices, name) for name in ("training", "input", "output")}
    money = {n: None if a is None else Money(amount=a, currency=prices.currency) for n, a in amounts.items()}
    return Prices(**money, as_of=prices.as_of, source=prices.source, verified=prices.verified)
