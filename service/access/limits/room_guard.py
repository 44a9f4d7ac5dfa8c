"""A guard of the routes that add to what a workspace has."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from service.access.limits.workspace_limits import LimitName, WorkspaceLimits


class RequireRoom:
    """A guard: the route adds to what the workspace has of `name`."""

    def __init__(self, name: LimitName) -> None:
        self.name = name

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        state = connection.scope["state"]
        limits: WorkspaceLimits = state["limits"]
        await limits.check(self.name, state["engine"], state["holder"].workspace_id)


def require_room(name: LimitName) -> RequireRoom:
    return RequireRoom(name)
