"""Completions over HTTP: a model version answers, through the provider that serves it."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from service.access.auth import require_scope
from service.datasets.examples.chat_content import Message
from service.http.bodies import JSON, Body
from service.ledger.store import Caller, Ledger
from service.models.completions import Question, ask_version, load_version
from service.models.domain import ModelVersionRegistered
from service.models.schemas import AliasText, VersionName
from service.providers import provider
from service.vault.vault import Vault


class AskModel(Body):
    """What is asked, and of which version, by name or by alias: one of the two."""

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
        Meta(description="Further fields in the provider's names: top_p, seed, tools, response_format, …"),
    ] = {}


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """In tokens; null where the provider does not count them."""

    input_tokens: int | None
    """Tokens of the request; null where the provider does not count them."""
    output_tokens: int | None
    """Tokens of the answer; null where the provider does not count them."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is the first answer's; `provider_answer` is all that the provider text, tool calls included."""

    model_id: UUID
    """The model that answered."""
    version: str
    """The version that answered."""
    provider_model: str
    """The version's model name at the provider."""
    text: str
    """The text of the first answer."""
    finish_reason: str | None
    """Why the answer ended, in the provider's word: stop, length, …"""
    usage: Usage
    """How many tokens were used."""
    provider_answer: dict[str, Any]
    """The provider's whole answer, tool calls included."""


@post(
    "/models/{model_id:uuid}/completions",
    operation_id="create_model_completion",
    summary="Ask a version of a model",
    guards=[require_scope("models:run")],
    status_code=200,
    tags=["models"],
)
async def create_model_completion(
    model_id: FromPath[UUID],
    data: JSON[AskModel],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    vault: NamedDependency[Vault],
) -> Completion:
    """The provider is asked once, and a repeat with the same Idempotency-Key gets its answer. No event records it.

    What the provider refuses for good is a 502 in its own words; when it cannot be reached or asks to wait, a 503.
    """
    version = await load_version(ledger, caller.workspace_id, model_id, version=data.version, alias=data.alias)
    question = Question(**{name: getattr(data, name) for name in Question.__struct_fields__})
    return _build_completion(
        model_id, version, await ask_version(ledger, vault, caller.workspace_id, version, question)
    )


def _build_completion(model_id: UUID, version: ModelVersionRegistered, text: provider.Completion) -> Completion:
    return Completion(
        model_id=model_id,
        version=version.model_version,
        provider_model=version.provider_model,
        text=text.text,
        finish_reason=text.finish_reason,
        usage=Usage(input_tokens=text.input_tokens, output_tokens=text.output_tokens),
        provider_answer=text.raw,
    )


router = Router(path="/", route_handlers=[create_model_completion])
