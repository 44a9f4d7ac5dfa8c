# Generated from openapi/openapi.json by `make clients`.
"""`client.scorers`."""

from __future__ import annotations

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall
from tuneledger.types import (
    ScorerList,
)


class AsyncScorers(AsyncResource):
    """`client.scorers`."""

    async def list(self) -> ScorerList:
        """List scorers.

        Scope: `evaluations:read`.
        """
        return await self._api.answer(HttpCall(method="GET", path="/v1/scorers"), ScorerList)
