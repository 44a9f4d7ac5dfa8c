# Generated from openapi/openapi.json by `make clients`.
"""`client.scorers`."""

from __future__ import annotations

from tuneledger._calls import HttpCall
from tuneledger._sync._api import Resource
from tuneledger.types import (
    ScorerList,
)


class Scorers(Resource):
    """`client.scorers`."""

    def list(self) -> ScorerList:
        """List scorers.

        Scope: `evaluations:read`.
        """
        return self._api.answer(HttpCall(method="GET", path="/v1/scorers"), ScorerList)
