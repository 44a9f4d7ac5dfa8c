# Generated from openapi/openapi.json by `make clients`.
"""`client.workspaces`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger.types import (
    EndedWorkspace,
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

    async def end(self, workspace_id: str, *, confirm: str) -> EndedWorkspace:
        """End a workspace and delete all of it.

        Deletes every row of the workspace, its log and its artifacts too. Files at its providers stay; delete them
        first.

        Scope: `operator`.

        `workspace_id`: Id of the workspace.

        `confirm`: The name of the workspace.
        """
        return await self._api.answer(
            HttpCall(method="DELETE", path=path("/v1/workspaces/{}", workspace_id), body=body({"confirm": confirm})),
            EndedWorkspace,
        )

    def list(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[WorkspacePage, Workspace]:
        """List the workspaces this key can see.

        Scope: `access:read`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(method="GET", path="/v1/workspaces", query=query({"limit": limit, "cursor": cursor})),
            WorkspacePage,
        )
