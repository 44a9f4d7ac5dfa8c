"""The catalog of base models."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from service.access.auth import require_scope
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.providers import catalog
from service.providers.provider import Kind, Method

KindFilter = Annotated[
    Kind | None, QueryParameter(name="kind", description="Only models that providers of this kind can tune.")
]


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
    """A model that providers of one kind can tune."""

    id: str
    """The value to pass as a tune's `base_model`."""
    kind: Kind
    """Kind of provider that tunes it."""
    name: str
    """Name for people."""
    methods: list[Method]
    """Tuning methods it supports."""
    prices: Prices | None
    """Null when unknown."""
    context_tokens: int | None
    """Longest input and output together, in tokens. Null when unknown."""
    training_context_tokens: int | None
    """Longest training example, in tokens. Null when unknown."""
    no_new_tunes_from: date | None
    """From this day on the provider takes no new tunes of it. Null: no such day is known."""
    notes: str | None
    """Anything else to know, such as limits. Null when there is nothing."""


class BaseModelPage(Page[BaseModel], frozen=True, kw_only=True):
    """One page of base models."""


@get(
    "/base-models",
    operation_id="list_base_models",
    summary="List base models and their prices",
    guards=[require_scope("connections:read")],
    tags=["connections"],
    sync_to_thread=False,
)
def list_base_models(kind: KindFilter = None, limit: Limit = 50, cursor: Cursor = None) -> BaseModelPage:
    """The catalog does not limit you: a tune may use any model that the provider knows."""
    after = decode_cursor(cursor, tuple[str, str])
    models = sorted((model for model in catalog.list_base_models() if kind in (None, model.kind)), key=_sort_key)
    rows = [_to_base_model(model) for model in models if after is None or _sort_key(model) > after]
    return page(BaseModelPage, rows[: limit + 1], limit, key=lambda model: (model.kind, model.id))


def _sort_key(model: catalog.BaseModel) -> tuple[str, str]:
    return model.kind, model.id


def _to_base_model(model: catalog.BaseModel) -> BaseModel:
    fields = {name: getattr(model, name) for name in BaseModel.__struct_fields__ if name != "prices"}
    return msgspec.convert({**fields, "prices": _to_prices(model.prices)}, BaseModel)


def _to_prices(prices: catalog.Prices | None) -> Prices | None:
    if prices is None:
        return None
    amounts = {name: getattr(prices, name) for name in ("training", "input", "output")}
    money = {n: None if a is None else Money(amount=a, currency=prices.currency) for n, a in amounts.items()}
    return Prices(**money, as_of=prices.as_of, source=prices.source, verified=prices.verified)


router = Router(path="/", route_handlers=[list_base_models])
