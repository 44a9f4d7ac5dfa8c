"""Gates over HTTP: what a version has to show, and whether one would pass."""

from uuid import UUID

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.access.domain import KeyHolder, is_allowed
from service.datasets.domain import DATASET
from service.datasets.projection import version_named
from service.http.bodies import JSON
from service.http.responses import IfMatch, build_response, parse_if_match
from service.ledger.store import Caller, Ledger
from service.models import domain as models
from service.models.aliases import commands as alias_commands
from service.models.domain import MODEL
from service.models.gates.domain import GatePolicy
from service.models.gates.gate_facts import GateFacts
from service.models.schemas import Gate, GateTrial, SetGate, TryGate


@put(
    "/models/{model_id:uuid}/gate",
    operation_id="set_model_gate",
    summary="Say what a version has to show before a protected alias may stand at it",
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
    """It holds from the next move on. To change or take away one that is there takes the scope `models:override`."""
    may_override = is_allowed(holder.scopes, "models:override")
    await _require_data(ledger, caller.workspace_id, data.policy)
    changed = await ledger.change(
        MODEL,
        model_id,
        lambda model: models.set_gate(model, data.policy, may_override=may_override, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(Gate(model_id=model_id, policy=changed.state.gate), version=changed.version)


@get(
    "/models/{model_id:uuid}/gate",
    operation_id="get_model_gate",
    summary="Read what a version has to show",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def get_model_gate(
    model_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Gate]:
    """The ETag is the model's."""
    stored = await ledger.get(MODEL, caller.workspace_id, model_id)
    return build_response(Gate(model_id=model_id, policy=stored.state.gate), version=stored.version)


@post(
    "/models/{model_id:uuid}/gate/check",
    operation_id="check_model_gate",
    summary="Ask what the gate would say of a version",
    guards=[require_scope("models:read")],
    status_code=200,
    tags=["models"],
)
async def check_model_gate(
    model_id: FromPath[UUID],
    data: JSON[TryGate],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    gate_facts: NamedDependency[GateFacts],
) -> GateTrial:
    """Nothing moves and nothing is recorded."""
    return await alias_commands.check_gate(
        ledger, caller.workspace_id, model_id, alias=data.alias, version=data.version, gather=gate_facts
    )


async def _require_data(ledger: Ledger, workspace_id: UUID, policy: GatePolicy | None) -> None:
    wanted = policy.evaluation if policy else None
    if wanted is None or wanted.dataset_id is None:
        return
    await ledger.get(DATASET, workspace_id, wanted.dataset_id)
    if wanted.dataset_version is not None:
        await version_named(ledger.engine, workspace_id, wanted.dataset_id, wanted.dataset_version)


router = Router(path="/", route_handlers=[set_model_gate, get_model_gate, check_model_gate])
