"""Known base models, their limits and prices, read from `catalog.json`. Each row names its source."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

import msgspec

from service.providers.provider import Kind, Method
from service.providers.traits import Parameter

# Providers that speak OpenAI's wire format, by the end of their host's name.
HOSTS = {
    "api.openai.com": "openai",
    "azure.com": "azure",
    "nebius.com": "nebius",
    "api.aws": "bedrock_mantle",
}


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
    """A model that can be tuned at one provider. Contexts are in tokens; what is not known is null."""

    id: str
    """The model's id at the provider."""
    provider: str
    """The provider: `openai`, `azure`, `nebius`, …, or `local` for own hardware."""
    kind: Kind | None
    """The kind of connection; null where no connection is needed."""
    name: str
    """The model's name for people."""
    methods: tuple[Method, ...]
    """The training methods that it can be tuned with; empty where it can only be deployed."""
    prices: Prices | None
    """Its prices; null where they are not known."""
    source: str
    """Where the row was read."""
    source_date: date
    """The day the row was read."""
    parameters_billion: float | None = None
    """Its size in billions of parameters; null where it is not known."""
    active_parameters_billion: float | None = None
    """How many of them one token uses, in a mixture of experts; null for all."""
    context_tokens: int | None = None
    """The most tokens of a request and its answer; null where it is not known."""
    training_context_tokens: int | None = None
    """The most tokens of a training example; null where it is not known."""
    hyperparameters: dict[str, Parameter] = {}
    """Limits of this model that are narrower than its provider's."""
    licence: str | None = None
    """The licence of the model; null where it is not known."""
    open_weights: bool = False
    """Whether the weights can be taken home."""
    first_choice_for: str | None = None
    """What it is a good first choice for; null where another is better."""
    no_new_tunes_from: date | None = None
    """The day from which the provider takes no new tunes of it; null where none is announced."""
    shutdown_date: date | None = None
    """The day on which it and its tuned models stop answering; null where none is announced."""
    notes: str | None = None
    """What else to know before tuning it."""


class Catalog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    base_models: tuple[BaseModel, ...]


@cache
def list_base_models() -> tuple[BaseModel, ...]:
    """List all base models in the order of the file."""
    content = resources.files(__package__).joinpath("catalog.json").read_bytes()
    return msgspec.json.decode(content, type=Catalog).base_models


@cache
def find_base_model(kind: str, model_id: str, *, provider: str | None = None) -> BaseModel | None:
    """Find a model by the kind of connection and its id; with `provider`, only that provider's."""
    return next(
        (
            each
            for each in list_base_models()
            if (each.kind, each.id) == (kind, model_id) and provider in (None, each.provider)
        ),
        None,
    )


def name_provider(kind: Kind, base_url: str) -> str:
    """The provider behind a connection: of kind `openai` there are several, told by the host of the base_url."""
    if kind != "openai":
        return kind
    host = urlsplit(base_url).hostname or ""
    return next((name for end, name in HOSTS.items() if host == end or host.endswith(f".{end}")), "openai_compatible")


def build_unknown(model_id: str, provider: str, kind: Kind, *, today: date) -> BaseModel:
    """A model that an account lists and the catalogue lacks."""
    return BaseModel(
        id=model_id,
        provider=provider,
        kind=kind,
        name=model_id,
        methods=(),
        prices=None,
        source="the provider's own list",
        source_date=today,
        notes="Not in the catalogue: whether it can be tuned is not known.",
    )
