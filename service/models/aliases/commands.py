"""Move an alias: load the version's measurements, let the gate decide, and record both."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Stale
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Caller, Ledger
from service.models.aliases import domain
from service.models.domain import MODEL, ModelState
from service.models.gates.domain import NO_FACTS, Facts
from service.models.gates.gate_facts import GateFactsLoader
from service.models.schemas import GateTrial


class AliasChange(msgspec.Struct, frozen=True, kw_only=True):
    """The alias, the version to move it to, and whether to override the gate."""

    alias: str
    version: str
    reason: str | None = None
    override: bool = False
    may_override: bool = False


async def move_alias(
    ledger: Ledger,
    caller: Caller,
    model_id: UUID,
    change: AliasChange,
    *,
    load_facts: GateFactsLoader,
    expected: int | None,
) -> StreamState[ModelState]:
    """Move the alias. Raises what `domain.move` raises (GateRefused, say), and Stale unless at version `expected`."""

    async def attempt() -> StreamState[ModelState]:
        stored = await ledger.get(MODEL, caller.workspace_id, model_id)
        facts = await _load_facts_for_move(ledger.engine, caller.workspace_id, stored, change, load_facts)
        return await ledger.change(
            MODEL,
            model_id,
            lambda model: domain.move(model, **msgspec.structs.asdict(change), facts=facts),
            caller=caller,
            # The facts are for this gate policy and for the alias's current version.
            expected=stored.version if expected is None else expected,
        )

    if expected is not None:
        return await attempt()
    return await retry_on_conflict(attempt, subject="the model", conflict=Stale)


async def check_gate(
    ledger: Ledger, workspace_id: UUID, model_id: UUID, *, alias: str, version: str, load_facts: GateFactsLoader
) -> GateTrial:
    """Check the version without moving the alias or recording anything. Raises Unprocessable for an unknown version."""
    stored = await ledger.get(MODEL, workspace_id, model_id)
    model = stored.state
    facts = await _load_facts(
        ledger.engine, workspace_id, stored, version, current=model.version_at(alias), load_facts=load_facts
    )
    ruling = domain.check_version(model, alias, version=version, facts=facts)
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


async def _load_facts_for_move(
    engine: AsyncEngine,
    workspace_id: UUID,
    stored: StreamState[ModelState],
    change: AliasChange,
    load_facts: GateFactsLoader,
) -> Facts:
    current = stored.state.version_at(change.alias)
    if not stored.state.protects(change.alias) or current == change.version:
        return NO_FACTS
    return await _load_facts(engine, workspace_id, stored, change.version, current=current, load_facts=load_facts)


async def _load_facts(
    engine: AsyncEngine,
    workspace_id: UUID,
    stored: StreamState[ModelState],
    version: str,
    *,
    current: str | None,
    load_facts: GateFactsLoader,
) -> Facts:
    """Load what the model's gate needs to know of a version; NO_FACTS without a gate or without such a version."""
    policy = stored.state.gate
    if policy is None or version not in stored.state.versions:
        return NO_FACTS
    return await load_facts(engine, workspace_id, stored.id, version, policy, current=current)
