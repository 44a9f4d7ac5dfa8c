# Generated from openapi/openapi.json by `make clients`.
"""`client.comparisons`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._downloads import AsyncDownload
from tuneledger._calls import HttpCall, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    TargetComparison,
)


class AsyncComparisons(AsyncResource):
    """`client.comparisons`."""

    async def compare_targets(
        self, *, evaluation: Sequence[str], base: str | UnsetType = UNSET, metric: str | UnsetType = UNSET
    ) -> TargetComparison:
        """Compare targets with a base.

        Only rows with a score for both are compared. Intervals are 95% bootstrap intervals, seeded by the
        evaluation.

        Scope: `evaluations:read`.

        `evaluation`: Evaluations of the same dataset version and split.

        `base`: A target's name. Default: the first base model.

        `metric`: A scorer's label. Default: the first.
        """
        return await self._api.answer(
            HttpCall(
                method="GET",
                path="/v1/comparisons",
                query=query({"evaluation": evaluation, "base": base, "metric": metric}),
            ),
            TargetComparison,
        )

    def draw_chart(
        self,
        *,
        evaluation: Sequence[str],
        base: str | UnsetType = UNSET,
        metric: str | UnsetType = UNSET,
        format: OneOf["svg", "png"] | UnsetType = UNSET,
        theme: OneOf["light", "dark"] | UnsetType = UNSET,
    ) -> AsyncDownload:
        """Draw a comparison with its intervals.

        One bar per target: its mean score, with the 95% interval of its change from the base.

        Scope: `evaluations:read`.

        `evaluation`: Evaluations of the same dataset version and split.

        `base`: A target's name. Default: the first base model.

        `metric`: A scorer's label. Default: the first.

        `format`: SVG, with texts as texts, or PNG.

        `theme`: Light or dark paper.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/comparisons/chart",
                query=query(
                    {"evaluation": evaluation, "base": base, "metric": metric, "format": format, "theme": theme}
                ),
            ),
        )
