# Generated from openapi/openapi.json by `make clients`.
"""`client.runs`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, path, query
from tuneledger._shapes import OneOf
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Prediction,
    PredictionPage,
    PromptRun,
)


class RunsPredictions(Resource):
    """`client.runs.predictions`."""

    def list(
        self,
        run_id: str,
        *,
        state: OneOf["succeeded", "failed"] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[PredictionPage, Prediction]:
        """List a batch run's predictions.

        List the predictions made so far, also while the run is in progress.

        Scope: `prompts:read`.

        `run_id`: Id of the run.

        `state`: Only predictions in this state.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/runs/{}/predictions", run_id),
                query=query({"state": state, "limit": limit, "cursor": cursor}),
            ),
            PredictionPage,
        )


class Runs(Resource):
    """`client.runs`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.predictions = RunsPredictions(api)

    def get(self, run_id: str) -> PromptRun:
        """Read a batch run.

        Scope: `prompts:read`.

        `run_id`: Id of the run.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/runs/{}", run_id)), PromptRun)
