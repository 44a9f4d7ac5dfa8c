"""How gates get their facts: the application passes in a loader, because evaluations import models."""

from typing import Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.models.gates.domain import Facts, GatePolicy


# Litestar checks that a dependency is an instance of the type the route declares.
@runtime_checkable
class GateFactsLoader(Protocol):
    """Load the measurements of a version, of its base model and of `current`, the version to compare with.

    Without a policy, `score` stays empty and all scores are in `others`.
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
