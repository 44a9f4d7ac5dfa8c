# Generated from openapi/openapi.json by `make clients`.
"""`client.workspaces`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, query
from tuneledger.types import (
    Workspace,
    WorkspacePage,
    WorkspaceWithKey,
)


class AsyncWorkspaces(AsyncResource):
    """`client.workspaces`."""

    async def create(self, *, name: str, idempotency_key: str | None = None) -> WorkspaceWithKey:
        """Create a workspace and its first key.

        Scope: `operator`.

        `name`: Shown in lists. Two workspaces may share a name.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/workspaces",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"name": name}),
            ),
            WorkspaceWithKey,
        )

    def list(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[WorkspacePage, Workspace]:
        """List the workspaces this key can see.

        Scope: `access:read`.

        `limit`: Maximum number of items (default 50).

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(method="GET", path="/v1/workspaces", query=query({"limit": limit, "cursor": cursor})),
            WorkspacePage,
        )
