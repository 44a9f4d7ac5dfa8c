"""Asking a model version for an answer, through the connection that it was tuned through."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.connections.accounts import open_provider
from service.datasets.examples.chat_content import MAX_DEPTH, Assistant, Message, deeper_than
from service.errors import Conflict, Fault, Invalid, NotFound
from service.ledger.store import Ledger
from service.models import domain as models
from service.models.domain import MODEL, ModelState, ModelVersionRegistered
from service.providers.provider import Completion
from service.vault.vault import Vault

RESERVED_OPTIONS = frozenset({"model", "messages", "max_tokens", "temperature", "stream", "stream_options"})


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. `options` are further fields of the provider's request, in its own names."""

    messages: Sequence[Message]
    max_tokens: int | None = None
    temperature: float | None = None
    options: dict[str, Any] = {}


async def load_version(
    ledger: Ledger, workspace_id: UUID, model_id: UUID, *, version: str | None, alias: str | None
) -> ModelVersionRegistered:
    """The version of that name or where the alias stands. Raises Invalid unless one of the two is given, NotFound."""
    if (version is None) == (alias is None):
        detail = "Say which version: give version or alias, one of the two."
        raise Invalid(detail, errors=[Fault(pointer="/version", detail=detail)])
    stored = await ledger.get(MODEL, workspace_id, model_id)
    name = version or alias or ""
    if name not in _names(stored.state, alias=alias is not None):
        pointer = "/alias" if version is None else "/version"
        detail = f"{stored.state.name} has no {pointer[1:]} {name}."
        raise NotFound(detail, errors=[Fault(pointer=pointer, detail=detail)])
    return models.get_version(stored.state, name)


async def ask_version(
    ledger: Ledger, vault: Vault, workspace_id: UUID, version: ModelVersionRegistered, question: Question
) -> Completion:
    """Asks once. Raises what the provider answers (refused, unavailable), and Conflict when the connection is gone."""
    check_options(question.options)
    try:
        async with open_provider(ledger, vault, workspace_id, version.connection_id) as provider:
            return await provider.complete(
                version.provider_model,
                [build_provider_message(message) for message in question.messages],
                max_tokens=question.max_tokens,
                temperature=question.temperature,
                options=question.options,
            )
    except NotFound as error:
        raise Conflict("The connection that this version was tuned through was deleted.") from error


def check_options(options: dict[str, Any]) -> None:
    """Raises Invalid for options that have a field of their own, or nest too deep."""
    faults = [
        Fault(pointer=f"/options/{name}", detail=f"{name} is not an option.", code="reserved")
        for name in sorted(RESERVED_OPTIONS & options.keys())
    ]
    if deeper_than(options, MAX_DEPTH):
        faults.append(Fault(pointer="/options", detail=f"Nested more than {MAX_DEPTH} deep.", code="too_deep"))
    if faults:
        raise Invalid(faults[0].detail, errors=faults)


def build_provider_message(message: Message) -> dict[str, Any]:
    """In OpenAI's shape, without what only training knows."""
    if isinstance(message, Assistant):
        message = msgspec.structs.replace(message, weight=None, reasoning=None)
    sent: dict[str, Any] = msgspec.to_builtins(message)
    return sent


def _names(model: ModelState, *, alias: bool) -> Iterable[str]:
    return model.aliases if alias else model.versions
