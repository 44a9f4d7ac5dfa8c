"""Decide about a version's model at its provider: delete it there, and refuse what needs it afterwards."""

from collections.abc import Sequence
from datetime import datetime

from service.errors import Conflict, Fault
from service.models.domain import (
    ModelEvent,
    ModelState,
    ProviderModelDeleted,
    ProviderModelDeletionRequested,
    get_version,
    require_model,
)


def request_deletion(
    model: ModelState | None, version: str, *, deployments: Sequence[str], force: bool, reason: str | None
) -> list[ModelEvent]:
    """Order that the version's model is deleted at its provider. Again records nothing, unless it was refused.

    `deployments`: ids of those that run it. Raises Conflict while one does or an alias is at it, without `force`.
    """
    model = require_model(model)
    name = get_version(model, version).model_version
    deletion = model.deletions.get(name)
    if deletion is not None and deletion.state != "refused":
        return []
    if not force:
        _check_unused(model, name, deployments)
    return [ProviderModelDeletionRequested(model_version=name, reason=reason, forced=force)]


def record_deletion(model: ModelState | None, version: str, *, refusal: str | None, at: datetime) -> list[ModelEvent]:
    deletion = require_model(model).deletions.get(version)
    if deletion is None or deletion.state != "requested":
        return []
    return [ProviderModelDeleted(model_version=version, at=at, refusal=refusal)]


def require_present(model: ModelState, version: str, *, pointer: str) -> None:
    """Raises Conflict for a version whose model is deleted at its provider, or is about to be."""
    deletion = model.deletions.get(version)
    if deletion is None or deletion.state == "refused":
        return
    detail = f"The model of {version} was deleted at its provider. Choose another version."
    raise Conflict(detail, errors=[Fault(pointer=pointer, detail=detail, code="deleted")])


def _check_unused(model: ModelState, version: str, deployments: Sequence[str]) -> None:
    at_it = sorted(alias for alias, past in model.aliases.items() if past[-1] == version)
    uses = [f"The alias {alias} is at {version}: move it first." for alias in at_it]
    uses += [f"It is deployed: DELETE /v1/deployments/{id_} first." for id_ in deployments]
    if uses:
        detail = f"{' '.join(uses)} Or delete it all the same with force=true."
        raise Conflict(detail, errors=[Fault(pointer="/force", detail=each, code="in_use") for each in uses])
