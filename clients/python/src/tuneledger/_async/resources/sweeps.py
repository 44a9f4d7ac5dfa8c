# Generated from openapi/openapi.json by `make clients`.
"""`client.sweeps`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._downloads import AsyncDownload
from tuneledger._calls import HttpCall, path, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    Sweep,
)


class AsyncSweeps(AsyncResource):
    """`client.sweeps`."""

    def draw_chart(
        self,
        sweep_id: str,
        *,
        format: OneOf["svg", "png"] | UnsetType = UNSET,
        theme: OneOf["light", "dark"] | UnsetType = UNSET,
    ) -> AsyncDownload:
        """Draw a sweep's curves over each other.

        One line per tune: validation loss where it was measured, else training loss.

        Scope: `tunes:read`.

        `sweep_id`: Id of the sweep.

        `format`: SVG, with texts as texts, or PNG.

        `theme`: Light or dark paper.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/sweeps/{}/chart", sweep_id),
                query=query({"format": format, "theme": theme}),
            ),
        )

    async def get(self, sweep_id: str) -> Sweep:
        """Get a sweep and its tunes.

        Scope: `tunes:read`.

        `sweep_id`: Id of the sweep.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/sweeps/{}", sweep_id)), Sweep)
