"""Gates over HTTP: set and read a model's gate, and check a version against it."""

from uuid import UUID

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.access.domain import KeyHolder, is_allowed
from service.datasets.domain import DATASET
from service.datasets.projection import load_version
from service.http.bodies import JSON
from service.http.responses import IfMatch, build_response, parse_if_match
from service.ledger.store import Caller, Ledger
from service.models import domain
from service.models.aliases.commands import check_gate
from service.models.domain import MODEL
from service.models.gates.domain import GatePolicy
from service.models.gates.gate_facts import GateFactsLoader
from service.models.schemas import Gate, GateTrial, SetGate, TryGate


@put(
    "/models/{model_id:uuid}/gate",
    operation_id="set_model_gate",
    summary="Set a model's gate",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def set_model_gate(
    model_id: FromPath[UUID],
    data: JSON[SetGate],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Gate]:
    """The gate applies from the next alias move on. Changing or removing it needs the scope `models:override`."""
    may_override = is_allowed(holder.scopes, "models:override")
    await _require_dataset(ledger, caller.workspace_id, data.policy)
    stored = await ledger.change(
        MODEL,
        model_id,
        lambda model: domain.set_gate(model, data.policy, may_override=may_override, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(Gate(model_id=model_id, policy=stored.state.gate), version=stored.version)


@get(
    "/models/{model_id:uuid}/gate",
    operation_id="get_model_gate",
    summary="Get a model's gate",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def get_model_gate(
    model_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Gate]:
    """The `ETag` is the model's."""
    stored = await ledger.get(MODEL, caller.workspace_id, model_id)
    return build_response(Gate(model_id=model_id, policy=stored.state.gate), version=stored.version)


@post(
    "/models/{model_id:uuid}/gate/check",
    operation_id="check_model_gate",
    summary="Check a version against the gate",
    guards=[require_scope("models:read")],
    status_code=200,
    tags=["models"],
)
async def check_model_gate(
    model_id: FromPath[UUID],
    data: JSON[TryGate],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    gate_facts: NamedDependency[GateFactsLoader],
) -> GateTrial:
    """Moves no alias and records nothing."""
    return await check_gate(
        ledger, caller.workspace_id, model_id, alias=data.alias, version=data.version, load_facts=gate_facts
    )


async def _require_dataset(ledger: Ledger, workspace_id: UUID, policy: GatePolicy | None) -> None:
    evaluation = policy.evaluation if policy else None
    if evaluation is None or evaluation.dataset_id is None:
        return
    await ledger.get(DATASET, workspace_id, evaluation.dataset_id)
    if evaluation.dataset_version is not None:
        await load_version(ledger.engine, workspace_id, evaluation.dataset_id, evaluation.dataset_version)


router = Router(path="/", route_handlers=[set_model_gate, get_model_gate, check_model_gate])
