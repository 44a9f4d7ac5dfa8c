"""Ask a model version for a completion, through the connection it was tuned with."""

from collections.abc import Container, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.connections.accounts import Accounts
from service.datasets.examples.chat_content import MAX_DEPTH, Assistant, Message, is_deeper_than
from service.deployments.queries import find_address
from service.errors import Conflict, Fault, Invalid, NotFound
from service.ledger.store import Ledger
from service.models import domain
from service.models.domain import MODEL, ModelVersionRegistered
from service.models.provider_models.domain import require_present
from service.providers.provider import Completion

RESERVED_OPTIONS = frozenset({"model", "messages", "max_tokens", "temperature", "stream", "stream_options"})


class CompletionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a completion. `options` are further fields of the provider's request, in the provider's names."""

    messages: Sequence[Message]
    max_tokens: int | None = None
    temperature: float | None = None
    options: dict[str, Any] = {}


async def load_version(
    ledger: Ledger, workspace_id: UUID, model_id: UUID, *, version: str | None, alias: str | None
) -> ModelVersionRegistered:
    """Load the version by its name or by an alias. Raises Invalid unless exactly one is given, and NotFound."""
    if (version is None) == (alias is None):
        detail = "Give exactly one of `version` and `alias`."
        raise Invalid(detail, errors=[Fault(pointer="/version", detail=detail)])
    stored = await ledger.get(MODEL, workspace_id, model_id)
    name = version or alias or ""
    known_names: Container[str] = stored.state.aliases if version is None else stored.state.versions
    if name not in known_names:
        kind = "alias" if version is None else "version"
        detail = f"{stored.state.name} has no {kind} {name}."
        raise NotFound(detail, errors=[Fault(pointer=f"/{kind}", detail=detail)])
    found = domain.get_version(stored.state, name)
    require_present(stored.state, found.model_version, pointer="/version" if alias is None else "/alias")
    return found


async def ask_version(
    accounts: Accounts, workspace_id: UUID, version: ModelVersionRegistered, request: CompletionRequest
) -> Completion:
    """Ask once. Raises the provider's errors (refused, unavailable), and Conflict if the connection was deleted."""
    check_options(request.options)
    try:
        async with accounts.open(workspace_id, version.connection_id) as provider:
            address = await find_address(
                accounts.ledger.engine, workspace_id, version.connection_id, version.provider_model
            )
            return await provider.complete(
                address or version.provider_model,
                [build_provider_message(message) for message in request.messages],
                max_tokens=request.max_tokens,
                temperature=request.temperature,
                options=request.options,
            )
    except NotFound as error:
        raise Conflict("The connection of this version was deleted.") from error


def check_options(options: dict[str, Any]) -> None:
    """Raises Invalid for options that have a request field of their own, and for options nested too deep."""
    faults = [
        Fault(pointer=f"/options/{name}", detail=f"`{name}` cannot be an option.", code="reserved")
        for name in sorted(RESERVED_OPTIONS & options.keys())
    ]
    if is_deeper_than(options, MAX_DEPTH):
        faults.append(Fault(pointer="/options", detail=f"Nested more than {MAX_DEPTH} levels deep.", code="too_deep"))
    if faults:
        raise Invalid(faults[0].detail, errors=faults)


def build_provider_message(message: Message) -> dict[str, Any]:
    """Build a message in OpenAI's format, without the fields that only training uses."""
    if isinstance(message, Assistant):
        message = msgspec.structs.replace(message, weight=None, reasoning=None)
    provider_message: dict[str, Any] = msgspec.to_builtins(message)
    return provider_message
