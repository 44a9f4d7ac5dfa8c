# Generated from openapi/openapi.json by `make clients`.
"""`client.candidates`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, path, query
from tuneledger.types import (
    Candidate,
    HistoryEntry,
    HistoryPage,
)


class AsyncCandidates(AsyncResource):
    """`client.candidates`."""

    async def get(self, candidate_id: str) -> Candidate:
        """Read a candidate.

        Scope: `generations:read`.

        `candidate_id`: Id of the candidate.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/candidates/{}", candidate_id)), Candidate)

    def history(
        self, candidate_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a candidate's history.

        Scope: `generations:read`.

        `candidate_id`: Id of the candidate.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/candidates/{}/history", candidate_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )
