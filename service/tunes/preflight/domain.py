"""Check a target before any money moves: what cannot work is a fault, what only looks odd is a warning. Pure."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from service.errors import Fault
from service.providers.abilities import Quote
from service.providers.catalog import BaseModel
from service.providers.provider import Method
from service.providers.training_rows.model_tokenizer import ENCODING, Tokenizer
from service.providers.traits import Parameter, Traits

SOON_DAYS = 90
MILLION = 1_000_000
QUOTE_SOURCE = "the provider's quote"
# Servers with OpenAI's wire format that take hyperparameters of their own.
LENIENT_PROVIDERS = frozenset({"openai_compatible", "nebius", "azure", "bedrock_mantle"})
PAIRWISE = frozenset({"dpo", "kto"})  # they learn from pairs of answers
EPOCHS = ("n_epochs", "epoch_count", "epochCount", "epochs")
DEFAULT_EPOCHS = 3


class RowFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a split is like. Counts are of the rows that were read; `tokens` is of all rows."""

    rows: int
    """How many rows the split has."""
    read: int
    """How many of them were read."""
    preference: int = 0
    """Rows with two answers, one chosen and one rejected."""
    untrained: int = 0
    """Rows in which no answer is trained on: it is missing, empty, or has weight 0."""
    weighted: int = 0
    """Rows with a message of weight 0."""
    with_tools: int = 0
    """Rows with tool calls."""
    tokens: int | None = None
    """Tokens of all rows, counted with `encoding`; null where no row could be read."""
    longest: int | None = None
    """Tokens of the longest row that was read."""
    encoding: str = ENCODING
    """The tokenizer that counted, such as `o200k_base`; without one it is `characters/4`."""
    exact: bool = False
    """Whether that is the tokenizer of the first target's base model. False: an estimate."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A tune as it is checked. `index`: its target. `model` is null where the catalogue lacks it.

    `pointers`: where each hyperparameter stands below the target. `registers`: the model that gets its version.
    `others`: connections to use instead. `refusal`: what the account says of a model that it cannot tune.
    """

    index: int
    kind: str
    provider: str
    base_model: str
    method: Method
    traits: Traits
    model: BaseModel | None
    parameters: Mapping[str, Parameter]
    hyperparameters: Mapping[str, bool | int | float | str]
    suffix: str | None
    seed: int | None
    tokenizer: Tokenizer = Tokenizer()
    pointers: Mapping[str, str] = {}
    registers: str | None = None
    others: Sequence[str] = ()
    refusal: str | None = None


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a tune costs, by the catalogue or the provider's quote."""

    amount: Decimal
    """The amount, as a decimal number."""
    currency: str
    """ISO 4217 code, such as `USD`."""
    per_million: Decimal
    """The price of a million training tokens."""
    source: str
    """Where the price was read."""
    as_of: date
    """The day the price was read."""
    verified: bool
    """Whether it is the provider's own."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about a target. With a fault it cannot be sent; a warning can be overridden by `force`."""

    faults: list[Fault]
    warnings: list[Fault]


def round_whole(values: Mapping[str, bool | int | float | str]) -> dict[str, bool | int | float | str]:
    """JSON has one number type, providers have two: 3.0 epochs are 3."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in values.items()
    }


def check(order: Order, train: RowFacts, validation: RowFacts | None, *, today: date) -> Check:
    return Check(
        faults=[
            *_find_closed(order, today),
            *_find_method_faults(order, train),
            *_find_parameter_faults(order),
            *_find_size_faults(order, train, validation),
        ],
        warnings=[
            *_find_model_warnings(order, today),
            *_find_unknown_parameters(order),
            *_find_row_warnings(order, train),
        ],
    )


def count_epochs(order: Order) -> int | None:
    """The epochs to be trained: those asked for, or the default; None where the provider chooses."""
    for name in EPOCHS:
        value = order.hyperparameters.get(name, getattr(order.parameters.get(name), "default", None))
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def compute_price(order: Order, tokens: int | None) -> Price | None:
    """The price of training on so many tokens, all epochs included; None where the price is not known."""
    prices = order.model.prices if order.model else None
    if prices is None or prices.training is None or tokens is None:
        return None
    return Price(
        amount=prices.training * tokens / MILLION,
        currency=prices.currency,
        per_million=prices.training,
        source=prices.source,
        as_of=prices.as_of,
        verified=prices.verified,
    )


def build_quoted_price(quote: Quote, tokens: int | None, *, today: date) -> Price:
    """The provider's own price. For a million tokens it is 0 where nobody counted them."""
    return Price(
        amount=quote.amount,
        currency=quote.currency,
        per_million=quote.amount * MILLION / tokens if tokens else Decimal(0),
        source=QUOTE_SOURCE,
        as_of=today,
        verified=True,
    )


def _fault(order: Order, field: str, detail: str, code: str) -> Fault:
    return Fault(pointer=f"/targets/{order.index}/{field}", detail=detail, code=code)


def _locate(order: Order, name: str) -> str:
    return order.pointers.get(name, f"hyperparameters/{name}")


def _find_closed(order: Order, today: date) -> Iterator[Fault]:
    instead = f" Connections that can take the same data: {', '.join(order.others)}." if order.others else ""
    if not order.traits.new_jobs:
        yield _fault(order, "connection_id", f"{order.traits.closed_hint}{instead}", "closed")
        return
    model = order.model
    if model and model.no_new_tunes_from and model.no_new_tunes_from <= today:
        detail = f"{order.traits.name} takes no new tunes of {model.id} since {model.no_new_tunes_from}.{instead}"
        yield _fault(order, "base_model", detail, "closed")


def _find_method_faults(order: Order, train: RowFacts) -> Iterator[Fault]:
    traits, model = order.traits, order.model
    if order.refusal:
        detail = f"The account cannot tune {order.base_model}: {order.refusal}"
        yield _fault(order, "base_model", detail, "not_tunable")
    methods = [name for name in traits.formats if model is None or name in model.methods]
    if order.method not in methods:
        detail = f"{order.base_model} supports {' or '.join(methods) or 'no method'}, not {order.method}."
        yield _fault(order, "base_model", detail, "method")
    wanted = train.read if order.method in PAIRWISE else 0
    if train.preference != wanted:
        pairs = f"{train.preference} of {train.read} rows are pairs of a chosen and a rejected answer"
        detail = f"{pairs}; the method {order.method} takes {'only' if wanted else 'no'} such rows."
        yield Fault(pointer="/method", detail=detail, code="wrong_rows")


def _find_parameter_faults(order: Order) -> Iterator[Fault]:
    for name, value in order.hyperparameters.items():
        parameter = order.parameters.get(name)
        if parameter and (detail := find_value_fault(parameter, value)):
            yield _fault(order, _locate(order, name), f"{name} {detail}, not {value!r}.", "out_of_range")
    longest = order.traits.suffix_length
    if order.suffix and (longest is None or len(order.suffix) > longest):
        limit = "no suffix" if longest is None else f"at most {longest} characters"
        yield _fault(order, "suffix", f"{order.traits.name} takes {limit}.", "too_long")


def find_value_fault(parameter: Parameter, value: Any) -> str | None:
    """Say what the value should be, or None when it is right."""
    if isinstance(value, str) and value in parameter.choices:
        return None
    if parameter.kind in ("text", "flag"):
        right = isinstance(value, bool) if parameter.kind == "flag" else isinstance(value, str)
        if right and not (parameter.kind == "text" and parameter.choices):
            return None
        return _describe(parameter)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = parameter.kind == "number" or isinstance(value, int)
    if not (number and whole):
        return _describe(parameter)
    low = parameter.minimum is not None and value < parameter.minimum
    high = parameter.maximum is not None and value > parameter.maximum
    under = parameter.above is not None and value <= parameter.above
    return _describe(parameter) if low or high or under else None


def _describe(parameter: Parameter) -> str:
    nouns = {"integer": "a whole number", "number": "a number", "flag": "true or false", "text": "a text"}
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", parameter.minimum), ("above", parameter.above), ("at most", parameter.maximum))
        if bound is not None
    ]
    kind = " ".join([nouns[parameter.kind], " and ".join(bounds)]).strip()
    choices = " or ".join(parameter.choices)
    if parameter.kind == "text" and choices:
        return f"has to be {choices}"
    return f"has to be {kind}{f', or {choices}' if choices else ''}"


def _find_size_faults(order: Order, train: RowFacts, validation: RowFacts | None) -> Iterator[Fault]:
    traits = order.traits
    if train.rows < traits.min_examples:
        detail = f"{traits.name} needs at least {traits.min_examples} training examples; the split has {train.rows}."
        yield Fault(pointer="/splits/train", detail=detail, code="too_few_rows")
    if traits.max_examples is not None and train.rows > traits.max_examples:
        detail = f"{traits.name} takes at most {traits.max_examples:,} training examples; the split has {train.rows:,}."
        yield Fault(pointer="/splits/train", detail=detail, code="too_many_rows")
    if validation and traits.max_validation_rows is not None and validation.rows > traits.max_validation_rows:
        detail = f"{traits.name} takes at most {traits.max_validation_rows:,} validation rows, not {validation.rows:,}."
        yield Fault(pointer="/splits/validation", detail=detail, code="too_many_rows")


def _find_model_warnings(order: Order, today: date) -> Iterator[Fault]:
    model = order.model
    if model and model.shutdown_date and (model.shutdown_date - today).days <= SOON_DAYS:
        detail = f"{model.id} and the models tuned from it stop answering on {model.shutdown_date}."
        yield _fault(order, "base_model", detail, "shutdown")
    if order.seed is not None and not order.traits.seed:
        yield Fault(pointer="/seed", detail=f"{order.traits.name} takes no seed; it is not sent.", code="not_carried")


def _find_unknown_parameters(order: Order) -> Iterator[Fault]:
    if not order.parameters or order.provider in LENIENT_PROVIDERS:
        return
    for name in order.hyperparameters.keys() - order.parameters.keys():
        near = difflib.get_close_matches(name, order.parameters, n=1)
        detail = f"{order.traits.name} is not known to have a hyperparameter {name}."
        detail += f" Did you mean {near[0]}?" if near else f" It has {', '.join(sorted(order.parameters))}."
        yield _fault(order, _locate(order, name), detail, "unknown")


def _find_row_warnings(order: Order, train: RowFacts) -> Iterator[Fault]:
    split = "/splits/train"
    if train.untrained:
        detail = f"{train.untrained} of {train.read} rows have no answer to train on: none, an empty one, or weight 0."
        yield Fault(pointer=split, detail=detail, code="untrained_rows")
    if train.weighted and not order.traits.weights_per_message:
        detail = f"{order.traits.name} trains on every answer: the weight 0 in {train.weighted} rows is lost."
        yield Fault(pointer=split, detail=detail, code="not_carried")
    if train.with_tools and not order.traits.tools:
        detail = f"{order.traits.name} takes no tool calls; {train.with_tools} rows have some."
        yield Fault(pointer=split, detail=detail, code="not_carried")
    limit = order.model.training_context_tokens if order.model else None
    if limit is not None and train.longest is not None and train.longest > limit:
        detail = f"The longest row has about {train.longest:,} tokens; {order.base_model} takes {limit:,}."
        yield Fault(pointer=split, detail=detail, code="too_long")
