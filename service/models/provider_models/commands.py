"""Import a model that was tuned elsewhere, and delete a version's model at its provider."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from service.connections.accounts import JOB_SECONDS, Accounts
from service.connections.domain import CONNECTION, require_connection
from service.deployments.queries import list_open_deployments
from service.errors import Conflict, Fault, Invalid, NotFound, ProviderRefused, Unprocessable
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.models.commands import find_or_create_model, register_version
from service.models.domain import MODEL, ModelState, ModelVersionRegistered, VersionOrigin, get_version
from service.models.provider_models import domain
from service.models.provider_models.queries import find_version_with
from service.models.provider_models.schemas import ImportModel, build_imported_response
from service.providers.abilities import HostedModel, ModelDeleter, ModelFinder
from service.providers.kinds import TRAITS
from service.text import replace_unstorable


async def import_model(accounts: Accounts, caller: Caller, data: ImportModel) -> StreamState[ModelState]:
    """Register a model that the connection's account has as the next version of `data.model`.

    Raises Unprocessable if the account has no such model, Conflict if it is a version already.
    """
    ledger = accounts.ledger
    await _check_new(ledger, caller.workspace_id, data)
    found = await _find_model(accounts, caller.workspace_id, data)
    base_model = data.base_model or found.base_model
    if base_model is None:
        detail = "The provider does not say from which base model it was tuned: name it."
        raise Invalid(detail, errors=[Fault(pointer="/base_model", detail=detail, code="required")])
    origin = VersionOrigin(
        connection_id=data.connection_id, base_model=base_model, provider_model=found.name, notes=data.notes
    )
    model_id = await find_or_create_model(ledger, caller, data.model, task_id=None)
    return await register_version(ledger, caller, model_id, origin, bump=data.bump, respond=build_imported_response)


async def request_deletion(
    ledger: Ledger, caller: Caller, model_id: UUID, version: str, *, force: bool, reason: str | None
) -> StreamState[ModelState]:
    """Order the deletion; a worker carries it out. Raises Conflict where the provider deletes no models."""
    stored = await ledger.get(MODEL, caller.workspace_id, model_id)
    registered = get_version(stored.state, version)
    await _check_can_delete(ledger, caller.workspace_id, registered)
    open_deployments = await list_open_deployments(
        ledger.engine, caller.workspace_id, registered.connection_id, registered.provider_model
    )
    decide = partial(
        domain.request_deletion,
        version=registered.model_version,
        deployments=[str(id_) for id_ in open_deployments],
        force=force,
        reason=reason,
    )
    return await ledger.change(MODEL, model_id, decide, caller=caller)


async def delete_at_provider(
    accounts: Accounts, caller: Caller, model_id: UUID, version: ModelVersionRegistered
) -> StreamState[ModelState]:
    """Delete the model and record how that went. Raises ProviderUnavailable: try again, twice is fine."""
    refusal = None
    try:
        async with accounts.open(caller.workspace_id, version.connection_id, patience=JOB_SECONDS) as provider:
            await _require_deleter(provider).delete_model(version.provider_model)
    except (ProviderRefused, NotFound, Conflict) as refused:
        refusal = replace_unstorable(refused.detail)
    decide = partial(domain.record_deletion, version=version.model_version, refusal=refusal, at=datetime.now(UTC))
    return await accounts.ledger.change(MODEL, model_id, decide, caller=caller)


def _require_deleter(provider: object) -> ModelDeleter:
    if not isinstance(provider, ModelDeleter):
        raise ProviderRefused("The provider deletes no models by its API.")
    return provider


async def _check_new(ledger: Ledger, workspace_id: UUID, data: ImportModel) -> None:
    known = await find_version_with(ledger.engine, workspace_id, data.connection_id, data.provider_model)
    if known is not None:
        detail = f"It is {known.name} of the model {known.model} already."
        raise Conflict(detail, errors=[Fault(pointer="/provider_model", detail=detail, code="taken")])


async def _find_model(accounts: Accounts, workspace_id: UUID, data: ImportModel) -> HostedModel:
    stored = await accounts.ledger.find(CONNECTION, workspace_id, data.connection_id)
    try:
        require_connection(stored.state if stored else None)
    except NotFound as missing:
        raise NotFound(missing.detail, errors=[Fault(pointer="/connection_id", detail=missing.detail)]) from None
    async with accounts.open(workspace_id, data.connection_id, patience=JOB_SECONDS) as provider:
        found = await provider.find_model(data.provider_model) if isinstance(provider, ModelFinder) else None
    if found is None:
        detail = (
            f"The connection's account has no tuned model {data.provider_model}. If it is served all the same, "
            "register it unchecked: POST /v1/models/{id}/versions."
        )
        raise Unprocessable(detail, errors=[Fault(pointer="/provider_model", detail=detail, code="not_found")])
    return replace_unstorable(found)


async def _check_can_delete(ledger: Ledger, workspace_id: UUID, version: ModelVersionRegistered) -> None:
    stored = await ledger.find(CONNECTION, workspace_id, version.connection_id)
    if stored is None or stored.state.deleted:
        raise Conflict("The version's connection was deleted. Delete the model in the provider's own console.")
    traits = TRAITS[stored.state.kind]
    if not traits.deletes_models:
        raise Conflict(f"{traits.name} deletes no models by its API. Delete it in the provider's own console.")
    if version.provider_model == version.base_model:
        raise Conflict("This version is an untuned base model. Only tuned models can be deleted.")
