"""GET /limits: what this workspace may use, and how much it does."""

from litestar import Router, get
from litestar.di import NamedDependency

from service.access.limits.schemas import WorkspaceLimit, WorkspaceLimitList
from service.access.limits.workspace_limits import NAMES, WorkspaceLimits
from service.ledger.store import Caller, Ledger


@get("/limits", operation_id="list_limits", summary="List the workspace's limits and their use", tags=["access"])
async def list_limits(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], limits: NamedDependency[WorkspaceLimits]
) -> WorkspaceLimitList:
    """Any key may ask. At a limit, requests that need more answer 429 `limit_reached` with the limit's name."""
    return WorkspaceLimitList(
        data=[
            WorkspaceLimit(
                name=name,
                limit=limits.maximum[name],
                used=await limits.load_use(name, ledger.engine, caller.workspace_id),
            )
            for name in NAMES
        ]
    )


router = Router(path="/", route_handlers=[list_limits])
