# Generated from openapi/openapi.json by `make clients`.
"""`client.workspaces`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, query
from tuneledger._sync._api import Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Workspace,
    WorkspacePage,
    WorkspaceWithKey,
)


class Workspaces(Resource):
    """`client.workspaces`."""

    def create(self, *, name: str, idempotency_key: str | None = None) -> WorkspaceWithKey:
        """Create a workspace and its first key.

        Scope: `operator`.

        `name`: Shown in lists. Two workspaces may share a name.
        """
        return self._api.answer(
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
    ) -> Pager[WorkspacePage, Workspace]:
        """List the workspaces this key can see.

        Scope: `access:read`.

        `limit`: Maximum number of items (default 50).

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(method="GET", path="/v1/workspaces", query=query({"limit": limit, "cursor": cursor})),
            WorkspacePage,
        )
