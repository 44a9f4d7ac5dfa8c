# Generated from openapi/openapi.json by `make clients`.
"""`client.sweeps`."""

from __future__ import annotations

from tuneledger._calls import HttpCall, path
from tuneledger._sync._api import Resource
from tuneledger.types import (
    Sweep,
)


class Sweeps(Resource):
    """`client.sweeps`."""

    def get(self, sweep_id: str) -> Sweep:
        """Get a sweep and its tunes.

        Scope: `tunes:read`.

        `sweep_id`: Id of the sweep.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/sweeps/{}", sweep_id)), Sweep)
