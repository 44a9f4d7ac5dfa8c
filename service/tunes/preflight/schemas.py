"""HTTP responses of estimates."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from service.connections.base_models.schemas import Money
from service.errors import Fault
from service.tunes.preflight.domain import RowFacts
from service.tunes.preflight.estimator import Estimate, TargetEstimate
from service.tunes.schemas import NewTunes

FigureSource = Literal["provider quote", "catalogue", "computed"]


class FigureSources(msgspec.Struct, frozen=True, kw_only=True):
    """Where the figures of an estimate are from; each null where there is no figure."""

    cost: FigureSource | None
    """The provider's quote, or tokens times the catalogue's price."""
    training_tokens: FigureSource | None
    """The provider's quote, or counted here."""
    seconds: FigureSource | None
    """Computed from earlier tunes, or from the model's size."""


class EstimatedCost(msgspec.Struct, frozen=True, kw_only=True):
    """What training will cost, by the provider's quote or by the catalogue's price. It is no bill."""

    total: Money
    """For all tokens and epochs."""
    per_million_tokens: Money
    """The price it follows from."""
    source: str
    """Where the price was read."""
    as_of: date
    """The day the price was read."""
    verified: bool
    """Whether the price is the provider's own."""


class EstimatedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One tune: tokens, cost, time, and what is wrong with it."""

    target: int
    """The place of its target in the request, from 0. A target with a grid makes several tunes."""
    connection_id: UUID
    """The connection."""
    base_model: str
    """The base model's id at the provider."""
    hyperparameters: dict[str, bool | float | str]
    """Its hyperparameters, those of the grid included."""
    model: str | None
    """The model that gets a new version. Null for none."""
    epochs: int
    """How often each example is trained on."""
    epochs_known: bool
    """Whether that is certain. False: the provider chooses, and 3 are assumed."""
    training_tokens: int | None
    """Tokens of all epochs. Null where no row could be read."""
    tokenizer: str
    """What counted them, such as `o200k_base`; without a tokenizer it is `characters/4`."""
    tokens_exact: bool
    """Whether that is the base model's own tokenizer, and all rows were read. False: an estimate."""
    cost: EstimatedCost | None
    """Null when the price or the tokens are not known."""
    quote_note: str | None
    """Why there is no quote of the provider, where one was asked for."""
    sources: FigureSources
    """Where each figure is from."""
    seconds: float | None
    """How long the job will take, by this workspace's tunes of the same model; on own hardware without any, by a
    formula, on one CPU. Null where neither is known."""
    tunes_measured: int
    """How many earlier tunes the time follows from."""
    memory_gb: float | None
    """The memory that it will need on own hardware. Null at a provider, or where the model's size is not known."""
    faults: list[Fault]
    """Why it cannot be sent. All have to go."""
    warnings: list[Fault]
    """What looks odd. `force` sends it all the same."""


class TuneEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What the tunes of a request will cost and take. Nothing was sent and nothing recorded."""

    sendable: bool
    """Whether the request would be accepted as it is."""
    train: RowFacts
    """What the training split is like."""
    validation: RowFacts | None
    """What the validation split is like. Null without one."""
    approximate: bool
    """Whether tokens are approximate: not all rows were read, or the model has another tokenizer."""
    total: Money | None
    """The known costs together. Null when none is known, or they have several currencies."""
    targets: list[EstimatedTarget]
    """The tunes, in the order of the targets; of a grid the last name changes fastest."""
    faults: list[Fault]
    """Every fault of the request, each once."""
    warnings: list[Fault]
    """Every warning, each once."""


def build_estimate(data: NewTunes, estimate: Estimate) -> TuneEstimate:
    prices = [each.price for each in estimate.targets if each.price]
    currencies = {price.currency for price in prices}
    total = (
        Money(amount=sum((p.amount for p in prices), Decimal(0)), currency=prices[0].currency)
        if len(currencies) == 1
        else None
    )
    return TuneEstimate(
        sendable=not estimate.faults and (data.force or not estimate.warnings),
        train=estimate.train,
        validation=estimate.validation,
        approximate=not all(each.tokens_exact for each in estimate.targets),
        total=total,
        targets=[_build_target(data, each) for each in estimate.targets],
        faults=estimate.faults,
        warnings=estimate.warnings,
    )


def _build_sources(estimate: TargetEstimate) -> FigureSources:
    priced: FigureSource = "provider quote" if estimate.quote else "catalogue"
    counted: FigureSource = "provider quote" if estimate.quote and estimate.quote.tokens else "computed"
    return FigureSources(
        cost=priced if estimate.price else None,
        training_tokens=None if estimate.tokens is None else counted,
        seconds=None if estimate.seconds is None else "computed",
    )


def _build_target(data: NewTunes, estimate: TargetEstimate) -> EstimatedTarget:
    price, cost = estimate.price, None
    if price is not None:
        cost = EstimatedCost(
            total=Money(amount=price.amount, currency=price.currency),
            per_million_tokens=Money(amount=price.per_million, currency=price.currency),
            source=price.source,
            as_of=price.as_of,
            verified=price.verified,
        )
    return EstimatedTarget(
        target=estimate.order.index,
        connection_id=data.targets[estimate.order.index].connection_id,
        base_model=estimate.order.base_model,
        hyperparameters=dict(estimate.order.hyperparameters),
        model=estimate.order.registers,
        epochs=estimate.epochs,
        epochs_known=estimate.epochs_known,
        training_tokens=estimate.tokens,
        tokenizer=estimate.tokenizer,
        tokens_exact=estimate.tokens_exact,
        cost=cost,
        quote_note=estimate.quote_note,
        sources=_build_sources(estimate),
        seconds=estimate.seconds,
        tunes_measured=estimate.tunes_measured,
        memory_gb=estimate.memory_gb,
        faults=estimate.check.faults,
        warnings=estimate.check.warnings,
    )
