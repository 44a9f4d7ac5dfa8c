"""Choose the model that answers: a provider's model, or a version of your model."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from service.connections.domain import CONNECTION, require_connection
from service.errors import Fault, Invalid, NotFound, Problem, Unprocessable
from service.http.bodies import NO_NUL, Body
from service.inference.domain import Served
from service.ledger.store import Ledger
from service.models.completions import load_version
from service.models.schemas import AliasText, VersionName

ModelName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]


class ModelChoice(Body):
    """The model that answers: `connection_id` and `model`, or `model_id` with a `version` or an `alias`."""

    connection_id: UUID | None = None
    """The connection to ask; needs `model`."""
    model: ModelName | None = None
    """A model of the connection, by the provider's name."""
    model_id: UUID | None = None
    """One of your models; needs `version` or `alias`."""
    version: VersionName | None = None
    """A version of your model, such as v1.0."""
    alias: AliasText | None = None
    """An alias of your model, such as production."""


async def resolve_target(ledger: Ledger, workspace_id: UUID, target: ModelChoice, *, pointer: str = "") -> Served:
    """Look up the chosen model. Raises Invalid for an incomplete choice, Unprocessable if it does not exist."""
    if target.model_id is not None and target.connection_id is None and target.model is None:
        return await _resolve_version(ledger, workspace_id, target, target.model_id, pointer)
    if target.connection_id is not None and target.model is not None and (target.version or target.alias) is None:
        return await _resolve_base_model(ledger, workspace_id, target.connection_id, target.model, pointer)
    detail = "Give connection_id and model, or model_id with version or alias."
    raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)])


async def _resolve_version(
    ledger: Ledger, workspace_id: UUID, target: ModelChoice, model_id: UUID, pointer: str
) -> Served:
    try:
        version = await load_version(ledger, workspace_id, model_id, version=target.version, alias=target.alias)
    except (NotFound, Invalid) as problem:
        raise _with_pointer(pointer, problem, f"{pointer}/model_id") from problem
    return Served(
        connection_id=version.connection_id,
        provider_model=version.provider_model,
        base_model=version.base_model,
        model_id=model_id,
        model_version=version.model_version,
    )


async def _resolve_base_model(
    ledger: Ledger, workspace_id: UUID, connection_id: UUID, model: str, pointer: str
) -> Served:
    stored = await ledger.find(CONNECTION, workspace_id, connection_id)
    try:
        require_connection(stored.state if stored else None)
    except NotFound as problem:
        raise _with_pointer(pointer, problem, f"{pointer}/connection_id") from problem
    return Served(connection_id=connection_id, provider_model=model, base_model=model)


def _with_pointer(pointer: str, problem: Problem, default: str) -> Problem:
    """Put the pointer in front of the problem's own; a problem without faults gets the `default` pointer."""
    faults = [msgspec.structs.replace(fault, pointer=pointer + fault.pointer) for fault in problem.errors]
    faults = faults or [Fault(pointer=default, detail=problem.detail, code=problem.code)]
    kind = Invalid if isinstance(problem, Invalid) else Unprocessable
    return kind(problem.detail, errors=faults)
