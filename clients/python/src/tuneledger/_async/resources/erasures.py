# Generated from openapi/openapi.json by `make clients`.
"""`client.erasures`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, path, query
from tuneledger.types import (
    Erasure,
    ErasurePage,
)


class AsyncErasures(AsyncResource):
    """`client.erasures`."""

    async def get(self, erasure_id: str) -> Erasure:
        """Read an erasure, the receipt.

        What was erased, by digest; who held it; what is done and what remains; signed once complete.

        Scope: `erase`.

        `erasure_id`: Id of the erasure.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/erasures/{}", erasure_id)), Erasure)

    def list(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ErasurePage, Erasure]:
        """List erasures.

        Scope: `erase`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(method="GET", path="/v1/erasures", query=query({"limit": limit, "cursor": cursor})),
            ErasurePage,
        )
