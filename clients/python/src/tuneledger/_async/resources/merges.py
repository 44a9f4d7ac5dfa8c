# Generated from openapi/openapi.json by `make clients`.
"""`client.merges`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    ConflictPage,
    Merge,
    MergeConflict,
    MergeDecision,
    Operation,
)


class AsyncMergesConflicts(AsyncResource):
    """`client.merges.conflicts`."""

    def list(
        self, merge_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ConflictPage, MergeConflict]:
        """List the examples that both sides of a merge changed.

        Each with what it was when both sides were the same, what it is on both, and what was decided.

        Scope: `datasets:read`.

        `merge_id`: Id of the merge.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/merges/{}/conflicts", merge_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            ConflictPage,
        )


class AsyncMerges(AsyncResource):
    """`client.merges`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.conflicts = AsyncMergesConflicts(api)

    async def decide_conflicts(
        self,
        merge_id: str,
        *,
        decisions: Sequence[MergeDecision | Mapping[str, Any]] | UnsetType = UNSET,
        others: OneOf["ours", "theirs"] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Decide conflicts, and merge once more.

        The decisions of this merge and these are those of a new one. Where both name an example, the later counts.

        Scope: `datasets:write`.

        `merge_id`: Id of the merge.

        `decisions`: Example by example. A decision counts as long as our example is as it is now.

        `others`: What to take for all other conflicts. Default: nothing; a merge with undecided conflicts changes
        nothing.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/merges/{}/decisions", merge_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"decisions": decisions, "others": others}),
            ),
            Operation,
        )

    async def get(self, merge_id: str) -> Merge:
        """Read a merge or a fork.

        Scope: `datasets:read`.

        `merge_id`: Id of the merge.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/merges/{}", merge_id)), Merge)
