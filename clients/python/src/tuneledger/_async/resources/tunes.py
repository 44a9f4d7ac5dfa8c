# Generated from openapi/openapi.json by `make clients`.
"""`client.tunes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._async._streams import AsyncEventStream
from tuneledger._async._waiters import AsyncWaitsForTunes
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    Checkpoint,
    CheckpointPage,
    FeedEvent,
    HistoryEntry,
    HistoryPage,
    MetricPage,
    MetricPoint,
    Splits,
    Sweep,
    Target,
    Tune,
    TuneLogLine,
    TuneLogPage,
    TunePage,
)


class AsyncTunesCheckpoints(AsyncResource):
    """`client.tunes.checkpoints`."""

    def list(
        self, tune_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[CheckpointPage, Checkpoint]:
        """List a tune's checkpoints.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tunes/{}/checkpoints", tune_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            CheckpointPage,
        )


class AsyncTunesEvents(AsyncResource):
    """`client.tunes.events`."""

    def list(
        self, tune_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[TuneLogPage, TuneLogLine]:
        """List a tune's job log.

        The provider's log lines, oldest first.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET", path=path("/v1/tunes/{}/events", tune_id), query=query({"limit": limit, "cursor": cursor})
            ),
            TuneLogPage,
        )


class AsyncTunesMetrics(AsyncResource):
    """`client.tunes.metrics`."""

    def list(
        self, tune_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[MetricPage, MetricPoint]:
        """List a tune's training metrics.

        One point per measured step. Losses are in nats per token, accuracies from 0 to 1.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tunes/{}/metrics", tune_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            MetricPage,
        )


class AsyncTunes(AsyncWaitsForTunes):
    """`client.tunes`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.checkpoints = AsyncTunesCheckpoints(api)
        self.events = AsyncTunesEvents(api)
        self.metrics = AsyncTunesMetrics(api)

    async def cancel(
        self,
        tune_id: str,
        *,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Cancel a tune.

        A tune that was not sent yet is `cancelled` at once. Otherwise `cancel_requested` becomes true and a worker
        asks the provider to end the job. The job may still succeed; then the tune has succeeded.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `reason`: Why, for the history.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/cancel", tune_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=None if reason is UNSET else body({"reason": reason}),
            ),
            Tune,
        )

    async def create(
        self,
        *,
        dataset_id: str,
        dataset_version: str,
        targets: Sequence[Target | Mapping[str, Any]],
        bump: OneOf["major", "minor"] | UnsetType = UNSET,
        method: OneOf["dpo", "supervised"] | UnsetType = UNSET,
        model: str | UnsetType | None = UNSET,
        notes: str | UnsetType | None = UNSET,
        seed: int | UnsetType | None = UNSET,
        splits: Splits | Mapping[str, Any] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Sweep:
        """Create one or more tunes.

        Returns the sweep, with one tune per target in the same order.

        The tunes are recorded as `pending`; workers send each to its provider exactly once.

        Scope: `tunes:write`.

        `bump`: Whether the new model version gets a minor (v1.1) or a major number (v2.0).

        `dataset_id`: The dataset to train on.

        `dataset_version`: The name of a frozen version of the dataset.

        `method`: The training method.

        `model`: The model that gets a new version per success. Created if it does not exist.

        `notes`: Notes for the new model version, in Markdown.

        `seed`: A seed for the provider; null leaves it to the provider.

        `splits`: The splits to train on and to validate with.

        `targets`: What to tune, one tune each; 1 to 50.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/tunes",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "bump": bump,
                        "dataset_id": dataset_id,
                        "dataset_version": dataset_version,
                        "method": method,
                        "model": model,
                        "notes": notes,
                        "seed": seed,
                        "splits": splits,
                        "targets": targets,
                    }
                ),
            ),
            Sweep,
        )

    async def get(self, tune_id: str) -> Tune:
        """Get a tune.

        The state that workers saw last. This request does not contact the provider.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/tunes/{}", tune_id)), Tune)

    def history(
        self, tune_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a tune's history.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tunes/{}/history", tune_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def retry(self, tune_id: str, *, idempotency_key: str | None = None) -> Tune:
        """Retry a failed or cancelled tune.

        Creates a new tune with the same settings in the same sweep. Its `retries` is the id of the first.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/retry", tune_id),
                headers=headers(idempotency_key=idempotency_key),
            ),
            Tune,
        )

    def stream(
        self, tune_id: str, *, seconds: float | UnsetType = UNSET, last_event_id: str | int | UnsetType = UNSET
    ) -> AsyncEventStream[FeedEvent]:
        """Stream a tune's events.

        Server-sent events, starting with the tune's first. Each is as in `GET /v1/events`; its `id` is its seq.

        `TuneProgressed` contains new log lines, metrics and checkpoints. After the tune's last event comes a
        message named `end`. If the stream breaks off without it, reconnect with Last-Event-ID.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `seconds`: Seconds after which the server ends the stream, for the client to reconnect. 0: end it once all
        existing events have been sent.
        """
        return AsyncEventStream(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tunes/{}/stream", tune_id),
                query=query({"seconds": seconds}),
                headers=headers(last_event_id=last_event_id),
            ),
            FeedEvent,
        )

    def list(
        self,
        *,
        state: OneOf["pending", "validating", "queued", "running", "paused", "succeeded", "failed", "cancelled"]
        | UnsetType
        | None = UNSET,
        dataset_id: str | UnsetType = UNSET,
        sweep_id: str | UnsetType = UNSET,
        model: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[TunePage, Tune]:
        """List tunes, newest first.

        Scope: `tunes:read`.

        `state`: Only tunes in this state.

        `dataset_id`: Id of the dataset.

        `sweep_id`: Id of the sweep.

        `model`: Only tunes for this model.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/tunes",
                query=query(
                    {
                        "state": state,
                        "dataset_id": dataset_id,
                        "sweep_id": sweep_id,
                        "model": model,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
            ),
            TunePage,
        )
