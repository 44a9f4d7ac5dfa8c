"""Completions over HTTP: ask a model version through the provider that serves it."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.datasets.examples.chat_content import Message
from service.http.bodies import CARRIES_TEXTS, JSON, Body
from service.ledger.store import Caller, Ledger
from service.models.completions import CompletionRequest, ask_version, load_version
from service.models.domain import ModelVersionRegistered
from service.models.schemas import AliasText, VersionName
from service.providers import provider


class AskModel(Body):
    """The conversation to answer, and the version to ask: `version` or `alias`."""

    messages: Annotated[list[Message], Meta(min_length=1, max_length=10_000)]
    """The conversation so far, oldest message first."""
    version: VersionName | None = None
    """The version to ask, such as v1.0. Give this or `alias`."""
    alias: AliasText | None = None
    """The alias whose version to ask. Give this or `version`."""
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """The most tokens the answer may have; null leaves it to the provider."""
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    """Sampling temperature, 0 to 2; null leaves it to the provider."""
    options: Annotated[
        dict[str, Any],
        Meta(description="Further request fields, in the provider's names: top_p, seed, tools, response_format, …"),
    ] = {}


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens used."""

    input_tokens: int | None
    """Tokens of the request; null where the provider does not count them."""
    output_tokens: int | None
    """Tokens of the answer; null where the provider does not count them."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A model version's answer."""

    model_id: UUID
    """The model that answered."""
    version: str
    """The version that answered."""
    provider_model: str
    """The version's model name at the provider."""
    text: str
    """The text of the first answer."""
    finish_reason: str | None
    """Why the answer ended, in the provider's words: stop, length, …"""
    usage: Usage
    """How many tokens were used."""
    provider_answer: dict[str, Any]
    """The provider's whole answer, tool calls included."""


@post(
    "/models/{model_id:uuid}/completions",
    operation_id="create_model_completion",
    opt=CARRIES_TEXTS,
    summary="Ask a model version for a completion",
    guards=[require_scope("models:run")],
    status_code=200,
    tags=["models"],
)
async def create_model_completion(
    model_id: FromPath[UUID],
    data: JSON[AskModel],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    accounts: NamedDependency[Accounts],
) -> Completion:
    """Asks the provider once; repeating the request with the same Idempotency-Key returns the same answer.

    No event records it. 502 if the provider refuses the request, with its own words; 503 if it cannot be reached or
    asks to wait.
    """
    version = await load_version(ledger, caller.workspace_id, model_id, version=data.version, alias=data.alias)
    request = CompletionRequest(**{name: getattr(data, name) for name in CompletionRequest.__struct_fields__})
    completion = await ask_version(accounts, caller.workspace_id, version, request)
    return _build_completion(model_id, version, completion)


def _build_completion(model_id: UUID, version: ModelVersionRegistered, completion: provider.Completion) -> Completion:
    return Completion(
        model_id=model_id,
        version=version.model_version,
        provider_model=version.provider_model,
        text=completion.text,
        finish_reason=completion.finish_reason,
        usage=Usage(input_tokens=completion.input_tokens, output_tokens=completion.output_tokens),
        provider_answer=completion.raw,
    )


router = Router(path="/", route_handlers=[create_model_completion])
