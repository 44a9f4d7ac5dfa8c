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
    SweepTable,
)


class AsyncSweeps(AsyncResource):
    """`client.sweeps`."""

    def download_table(
        self,
        sweep_id: str,
        *,
        sort: OneOf["requested", "validation_loss", "training_loss", "cost", "seconds", "metric"]
        | UnsetType
        | None = UNSET,
        metric: str | UnsetType = UNSET,
    ) -> AsyncDownload:
        """Download the table of a sweep as CSV.

        A column for each hyperparameter and each score.

        Scope: `tunes:read` and `evaluations:read`.

        `sweep_id`: Id of the sweep.

        `sort`: What to sort by, the best first. Default: the metric, else the validation loss.

        `metric`: A scorer's label. Default: the first.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/sweeps/{}/table/csv", sweep_id),
                query=query({"sort": sort, "metric": metric}),
            ),
        )

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

    async def table(
        self,
        sweep_id: str,
        *,
        sort: OneOf["requested", "validation_loss", "training_loss", "cost", "seconds", "metric"]
        | UnsetType
        | None = UNSET,
        metric: str | UnsetType = UNSET,
    ) -> SweepTable:
        """Compare a sweep's tunes in a table.

        Each tune with its parameters, losses, best checkpoint, cost, version, and the version's newest scores.

        Scope: `tunes:read` and `evaluations:read`.

        `sweep_id`: Id of the sweep.

        `sort`: What to sort by, the best first. Default: the metric, else the validation loss.

        `metric`: A scorer's label. Default: the first.
        """
        return await self._api.answer(
            HttpCall(
                method="GET", path=path("/v1/sweeps/{}/table", sweep_id), query=query({"sort": sort, "metric": metric})
            ),
            SweepTable,
        )
