"""Where the facts of a gate come from: evaluations, which know models; the application passes in how to ask them."""

from typing import Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.models.gates.domain import UNMEASURED, Facts, GatePolicy


# Litestar asks of a dependency whether it is an instance of what the route declares.
@runtime_checkable
class GateFacts(Protocol):
    """Gathers what is known of a version, of its base model and of `current`, the version it is compared with.

    Without a policy, what there is: nothing is the gate's own score then, and all scores are among the others.
    """

    async def __call__(
        self,
        engine: AsyncEngine,
        workspace_id: UUID,
        model_id: UUID,
        version: str,
        policy: GatePolicy | None,
        *,
        current: str | None,
    ) -> Facts: ...


async def load_no_facts(
    engine: AsyncEngine,  # noqa: ARG001 - the shape of GateFacts
    workspace_id: UUID,  # noqa: ARG001
    model_id: UUID,  # noqa: ARG001
    version: str,  # noqa: ARG001
    policy: GatePolicy | None,  # noqa: ARG001
    *,
    current: str | None,  # noqa: ARG001
) -> Facts:
    """No evaluation exists."""
    return UNMEASURED
