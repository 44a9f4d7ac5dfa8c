# Generated from openapi/openapi.json by `make clients`.
"""`client.limits`."""

from __future__ import annotations

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall
from tuneledger.types import (
    WorkspaceLimitList,
)


class AsyncLimits(AsyncResource):
    """`client.limits`."""

    async def list(self) -> WorkspaceLimitList:
        """List the workspace's limits and their use.

        Any key may ask. At a limit, requests that need more answer 429 `limit_reached` with the limit's name.
        """
        return await self._api.answer(HttpCall(method="GET", path="/v1/limits"), WorkspaceLimitList)
