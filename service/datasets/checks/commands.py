"""Ask for a check of a dataset, and ask one to stop."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.datasets.checks import domain
from service.datasets.checks.domain import CHECK, CheckRequested, CheckState, CheckTarget
from service.datasets.domain import DATASET, require_active
from service.datasets.filters.selection import Selection
from service.errors import Fault, Unprocessable
from service.extras import require_extra
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.providers.catalog import HOSTS, BaseModel
from service.providers.kinds import TRAITS

# How the base models of a workspace are loaded, by provider and id: they belong to a context above this one.
LoadModels = Callable[[AsyncEngine, UUID], Awaitable[Mapping[tuple[str, str], BaseModel]]]


async def request_check(
    ledger: Ledger, caller: Caller, selection: Selection, *, version_name: str | None, targets: Sequence[CheckTarget]
) -> UUID:
    """Begin a check. Returns the operation's id, which is the check's. Raises NotFound, Archived or MissingExtra."""
    require_extra("checks")
    require_active((await ledger.get(DATASET, caller.workspace_id, selection.dataset_id)).state)
    event = CheckRequested(
        dataset_id=selection.dataset_id,
        moment=selection.seq,
        asked_by=caller.actor,
        asked_in=caller.request_id,
        version_name=version_name,
        filter=selection.filter,
        also=selection.also,
        split=selection.split,
        targets=tuple(targets),
    )
    return (await ledger.change(CHECK, new_id(), lambda _: [event], caller=caller)).id


async def cancel_check(ledger: Ledger, caller: Caller, operation_id: UUID) -> StreamState[CheckState]:
    """A worker stops within seconds. Raises NotCancellable when it has ended."""
    return await ledger.change(CHECK, operation_id, domain.cancel, caller=caller)


def find_targets(
    targets: Sequence[CheckTarget], models: Mapping[tuple[str, str], BaseModel]
) -> tuple[CheckTarget, ...]:
    """The targets with their limits. Raises Unprocessable with all that are unknown."""
    providers = {*TRAITS, *HOSTS.values(), "openai_compatible", *(provider for provider, _ in models)}
    faults = [
        fault
        for index, target in enumerate(targets)
        for fault in _find_target_faults(target, models, providers, at=f"/targets/{index}")
    ]
    if faults:
        raise Unprocessable("A target is not known; see `errors`.", errors=faults)
    return tuple(_with_limits(target, models) for target in targets)


def _find_target_faults(
    target: CheckTarget, models: Mapping[tuple[str, str], BaseModel], providers: set[str], *, at: str
) -> list[Fault]:
    if target.provider not in providers:
        detail = f"No such provider; there are {', '.join(sorted(providers))}."
        return [Fault(pointer=f"{at}/provider", detail=detail, code="unknown_provider")]
    if target.base_model is not None and (target.provider, target.base_model) not in models:
        detail = f"{target.provider} has no such base model in GET /v1/base-models; add it there, or leave it out."
        return [Fault(pointer=f"{at}/base_model", detail=detail, code="unknown_base_model")]
    traits = TRAITS.get(_name_kind(target, models) or "")
    if traits and target.method not in traits.formats:
        detail = f"{traits.name} supports {' or '.join(traits.formats) or 'no method'}, not {target.method}."
        return [Fault(pointer=f"{at}/method", detail=detail, code="method")]
    return []


def _with_limits(target: CheckTarget, models: Mapping[tuple[str, str], BaseModel]) -> CheckTarget:
    model = models.get((target.provider, target.base_model or ""))
    limit = (model.training_context_tokens or model.context_tokens) if model else None
    return msgspec.structs.replace(target, kind=_name_kind(target, models), max_tokens=limit)


def _name_kind(target: CheckTarget, models: Mapping[tuple[str, str], BaseModel]) -> str | None:
    model = models.get((target.provider, target.base_model or ""))
    if model:
        return model.kind
    return "openai" if target.provider in {*HOSTS.values(), "openai_compatible"} else target.provider
