"""Moving an alias: what is known of the version is gathered first, then the gate decides, and both are recorded."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Stale
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Caller, Ledger
from service.models.aliases import domain as aliases
from service.models.domain import MODEL, ModelState
from service.models.gates.domain import UNMEASURED, Facts
from service.models.gates.gate_facts import GateFacts
from service.models.schemas import GateTrial


class AliasChange(msgspec.Struct, frozen=True, kw_only=True):
    """Which alias is to stand where, and whether also against the gate."""

    alias: str
    version: str
    reason: str | None = None
    override: bool = False
    may_override: bool = False


async def move(
    ledger: Ledger, caller: Caller, model_id: UUID, change: AliasChange, *, gather: GateFacts, expected: int | None
) -> StreamState[ModelState]:
    """Raises what the decision raises, GateRefused among it, and Stale when the model is not the one `expected`."""

    async def attempt() -> StreamState[ModelState]:
        line = await ledger.get(MODEL, caller.workspace_id, model_id)
        facts = await _gather_facts_for_move(ledger.engine, caller.workspace_id, line, change, gather)
        return await ledger.change(
            MODEL,
            model_id,
            lambda model: aliases.move(model, **msgspec.structs.asdict(change), facts=facts),
            caller=caller,
            # The facts were gathered for this policy, and for the version that stands there now.
            expected=line.version if expected is None else expected,
        )

    if expected is not None:
        return await attempt()
    return await retry_on_conflict(attempt, subject="the model", conflict=Stale)


async def check_gate(
    ledger: Ledger, workspace_id: UUID, model_id: UUID, *, alias: str, version: str, gather: GateFacts
) -> GateTrial:
    """What would come of moving the alias there; nothing is recorded. Raises Unprocessable for an unknown version."""
    line = await ledger.get(MODEL, workspace_id, model_id)
    model = line.state
    facts = await gather_facts(
        ledger.engine, workspace_id, line, version, current=model.version_at(alias), gather=gather
    )
    ruling = aliases.check_version(model, alias, version=version, facts=facts)
    protected = model.protects(alias)
    return GateTrial(
        model_id=model_id,
        alias=alias,
        version=version,
        current=model.version_at(alias),
        protected=protected,
        allowed=ruling is None or ruling.passed or not protected,
        ruling=ruling,
    )


async def _gather_facts_for_move(
    engine: AsyncEngine, workspace_id: UUID, line: StreamState[ModelState], change: AliasChange, gather: GateFacts
) -> Facts:
    current = line.state.version_at(change.alias)
    if not line.state.protects(change.alias) or current == change.version:
        return UNMEASURED
    return await gather_facts(engine, workspace_id, line, change.version, current=current, gather=gather)


async def gather_facts(
    engine: AsyncEngine,
    workspace_id: UUID,
    line: StreamState[ModelState],
    version: str,
    *,
    current: str | None,
    gather: GateFacts,
) -> Facts:
    """What the gate of this line needs to know of a version; nothing where there is no gate or no such version."""
    policy = line.state.gate
    if policy is None or version not in line.state.versions:
        return UNMEASURED
    return await gather(engine, workspace_id, line.id, version, policy, current=current)
