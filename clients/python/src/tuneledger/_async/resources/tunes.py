# Generated from openapi/openapi.json by `make clients`.
"""`client.tunes`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._downloads import AsyncDownload
from tuneledger._async._pages import AsyncPager
from tuneledger._async._streams import AsyncEventStream
from tuneledger._async._waiters import AsyncWaitsForTunes
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    Artifact,
    ArtifactPage,
    Budget,
    Checkpoint,
    CheckpointPage,
    FeedEvent,
    HistoryEntry,
    HistoryPage,
    MetricPage,
    MetricPoint,
    NewCheckpoint,
    NewLogLine,
    NewPoint,
    NewReportedFile,
    NewWandbRun,
    Operation,
    Splits,
    Sweep,
    Target,
    TrackedRuns,
    Tune,
    TuneDiagnosis,
    TuneEstimate,
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


class AsyncTunesTrackedRuns(AsyncResource):
    """`client.tunes.tracked_runs`."""

    async def list(self, tune_id: str) -> TrackedRuns:
        """List a tune's runs at W&B and MLflow.

        A run is logged once the tune has ended, at each integration that was there by then.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/tunes/{}/tracked-runs", tune_id)), TrackedRuns
        )


class AsyncTunesWeights(AsyncResource):
    """`client.tunes.weights`."""

    async def download(
        self, tune_id: str, *, checkpoint: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Operation:
        """Download a tune's weights into the artifact store.

        An operation; its result names the artifacts. What is there already is not downloaded again.

        409 where the provider keeps the weights, or the tune has none yet.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `checkpoint`: A checkpoint's id. Null: the weights at the job's end.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/weights", tune_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"checkpoint": checkpoint}),
            ),
            Operation,
        )

    def list(
        self, tune_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ArtifactPage, Artifact]:
        """List a tune's downloaded weights.

        Artifacts of the kind `weights`, without those that were deleted.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tunes/{}/weights", tune_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            ArtifactPage,
        )


class AsyncTunes(AsyncWaitsForTunes):
    """`client.tunes`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.checkpoints = AsyncTunesCheckpoints(api)
        self.events = AsyncTunesEvents(api)
        self.metrics = AsyncTunesMetrics(api)
        self.tracked_runs = AsyncTunesTrackedRuns(api)
        self.weights = AsyncTunesWeights(api)

    async def adopt(
        self,
        *,
        connection_id: str,
        dataset_id: str,
        dataset_version: str,
        job_id: str,
        base_model: str | UnsetType | None = UNSET,
        bump: OneOf["major", "minor"] | UnsetType = UNSET,
        method: OneOf["dpo", "kto", "reinforcement", "supervised"] | UnsetType = UNSET,
        model: str | UnsetType | None = UNSET,
        notes: str | UnsetType | None = UNSET,
        splits: Splits | Mapping[str, Any] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Adopt a job that was made elsewhere.

        Follows a job of the connection's account as a tune of its own: its state, log, curves, checkpoints and
        model.

        Say which dataset version it was trained on, so that the model has a lineage.

        Scope: `tunes:write`.

        `base_model`: The base model's id at the provider; null for the one that the provider says.

        `bump`: Whether the new model version gets a minor (v1.1) or a major number (v2.0).

        `connection_id`: The connection to the account that has the job.

        `dataset_id`: The dataset that the job was trained on.

        `dataset_version`: The name of a frozen version of the dataset.

        `job_id`: The job's id at the provider.

        `method`: The training method.

        `model`: The model that gets a new version when the job succeeds. Created if it does not exist.

        `notes`: Notes for the new model version, in Markdown.

        `splits`: The splits that it was trained on and validated with.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/tunes/adopt",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "base_model": base_model,
                        "bump": bump,
                        "connection_id": connection_id,
                        "dataset_id": dataset_id,
                        "dataset_version": dataset_version,
                        "job_id": job_id,
                        "method": method,
                        "model": model,
                        "notes": notes,
                        "splits": splits,
                    }
                ),
            ),
            Tune,
        )

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

    async def complete(
        self,
        tune_id: str,
        *,
        model: str,
        cost: Budget | Mapping[str, Any] | UnsetType | None = UNSET,
        trained_tokens: int | UnsetType | None = UNSET,
        weights: Sequence[NewReportedFile | Mapping[str, Any]] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Report that a training with your own tools has succeeded.

        The tune's model gets its next version, as after a tune at a provider.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `cost`: What it cost, such as the hire of a machine.

        `model`: The tuned model: its name at the connection's server, if one answers for it, or else where it is.

        `trained_tokens`: Tokens trained on, all epochs included.

        `weights`: The files of the weights, with their digests.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/complete", tune_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"cost": cost, "model": model, "trained_tokens": trained_tokens, "weights": weights}),
            ),
            Tune,
        )

    async def create(
        self,
        *,
        dataset_id: str,
        dataset_version: str,
        targets: Sequence[Target | Mapping[str, Any]],
        budget: Budget | Mapping[str, Any] | UnsetType | None = UNSET,
        bump: OneOf["major", "minor"] | UnsetType = UNSET,
        force: bool | UnsetType = UNSET,
        method: OneOf["dpo", "kto", "reinforcement", "supervised"] | UnsetType = UNSET,
        model: str | UnsetType | None = UNSET,
        notes: str | UnsetType | None = UNSET,
        require_ready: bool | UnsetType = UNSET,
        seed: int | UnsetType | None = UNSET,
        splits: Splits | Mapping[str, Any] | UnsetType = UNSET,
        wandb: NewWandbRun | Mapping[str, Any] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Sweep:
        """Create one or more tunes.

        Returns the sweep, with one tune per target in the same order; of a target with a grid, one per
        combination.

        Every target is checked first: 422 names all faults at once. The tunes are recorded as `pending`; workers
        send each to its provider exactly once.

        Scope: `tunes:write`.

        `budget`: Refuse the request when its estimate is above this.

        `bump`: Whether the new model version gets a minor (v1.1) or a major number (v2.0).

        `dataset_id`: The dataset to train on.

        `dataset_version`: The name of a frozen version of the dataset.

        `force`: Send also what looks odd: an unknown hyperparameter, rows that nobody trains on. Faults are
        refused anyway.

        `method`: The training method.

        `model`: The model that gets a new version per success. Created if it does not exist. A target may name
        another.

        `notes`: Notes for the new model version, in Markdown.

        `require_ready`: Refuse the request (422) unless the last check of the version's examples found no errors.

        `seed`: A seed for the provider; null leaves it to the provider.

        `splits`: The splits to train on and to validate with.

        `targets`: What to tune; 1 to 50. With their grids they may make 100 tunes.

        `wandb`: Where the provider itself shows the tunes: OpenAI and its like, and Together.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/tunes",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "budget": budget,
                        "bump": bump,
                        "dataset_id": dataset_id,
                        "dataset_version": dataset_version,
                        "force": force,
                        "method": method,
                        "model": model,
                        "notes": notes,
                        "require_ready": require_ready,
                        "seed": seed,
                        "splits": splits,
                        "targets": targets,
                        "wandb": wandb,
                    }
                ),
            ),
            Sweep,
        )

    async def decide(
        self,
        tune_id: str,
        *,
        decision: OneOf["adopt", "give_up", "send_again"],
        job_id: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Decide about a tune that needs attention.

        A tune is in the state `needs_attention` when nobody but you can tell whether its job exists at the
        provider.

        `adopt` follows the job that you name, `send_again` creates the job once more, `give_up` fails the tune.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `decision`: `adopt` the job `job_id`, `send_again` where there is no job, or `give_up`.

        `job_id`: The job to adopt, by the provider's id; null for the other decisions.

        `reason`: Why, for the history.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/decide", tune_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=body({"decision": decision, "job_id": job_id, "reason": reason}),
            ),
            Tune,
        )

    async def diagnose(self, tune_id: str) -> TuneDiagnosis:
        """Diagnose a tune's curves.

        Says whether a tune overfits, is flat or slow, diverges, or had too many epochs or too little data.

        It may be asked while the tune runs.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/tunes/{}/diagnosis", tune_id)), TuneDiagnosis
        )

    def draw_chart(
        self,
        tune_id: str,
        *,
        format: OneOf["svg", "png"] | UnsetType = UNSET,
        theme: OneOf["light", "dark"] | UnsetType = UNSET,
    ) -> AsyncDownload:
        """Draw a tune's loss curves.

        Training and validation loss by step, with the checkpoints, the best one ringed.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `format`: SVG, with texts as texts, or PNG.

        `theme`: Light or dark paper.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET", path=path("/v1/tunes/{}/chart", tune_id), query=query({"format": format, "theme": theme})
            ),
        )

    async def estimate(
        self,
        *,
        dataset_id: str,
        dataset_version: str,
        targets: Sequence[Target | Mapping[str, Any]],
        budget: Budget | Mapping[str, Any] | UnsetType | None = UNSET,
        bump: OneOf["major", "minor"] | UnsetType = UNSET,
        force: bool | UnsetType = UNSET,
        method: OneOf["dpo", "kto", "reinforcement", "supervised"] | UnsetType = UNSET,
        model: str | UnsetType | None = UNSET,
        notes: str | UnsetType | None = UNSET,
        require_ready: bool | UnsetType = UNSET,
        seed: int | UnsetType | None = UNSET,
        splits: Splits | Mapping[str, Any] | UnsetType = UNSET,
        wandb: NewWandbRun | Mapping[str, Any] | UnsetType | None = UNSET,
        quote: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> TuneEstimate:
        """Estimate tunes: cost, time, and all faults.

        Takes the body of `POST /v1/tunes`. Nothing is recorded, and without `quote` no data is sent.

        Faults stand in the answer; `POST /v1/tunes` refuses the same ones with 422.

        Scope: `tunes:read`.

        `quote`: Ask providers that tell one for their own price. The training file is sent there for it, unless it
        is there already, and deleted afterwards.

        `budget`: Refuse the request when its estimate is above this.

        `bump`: Whether the new model version gets a minor (v1.1) or a major number (v2.0).

        `dataset_id`: The dataset to train on.

        `dataset_version`: The name of a frozen version of the dataset.

        `force`: Send also what looks odd: an unknown hyperparameter, rows that nobody trains on. Faults are
        refused anyway.

        `method`: The training method.

        `model`: The model that gets a new version per success. Created if it does not exist. A target may name
        another.

        `notes`: Notes for the new model version, in Markdown.

        `require_ready`: Refuse the request (422) unless the last check of the version's examples found no errors.

        `seed`: A seed for the provider; null leaves it to the provider.

        `splits`: The splits to train on and to validate with.

        `targets`: What to tune; 1 to 50. With their grids they may make 100 tunes.

        `wandb`: Where the provider itself shows the tunes: OpenAI and its like, and Together.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/tunes/estimate",
                query=query({"quote": quote}),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "budget": budget,
                        "bump": bump,
                        "dataset_id": dataset_id,
                        "dataset_version": dataset_version,
                        "force": force,
                        "method": method,
                        "model": model,
                        "notes": notes,
                        "require_ready": require_ready,
                        "seed": seed,
                        "splits": splits,
                        "targets": targets,
                        "wandb": wandb,
                    }
                ),
            ),
            TuneEstimate,
        )

    async def fail(
        self, tune_id: str, *, message: str, code: str | UnsetType = UNSET, idempotency_key: str | None = None
    ) -> Tune:
        """Report that a training with your own tools has failed.

        It can be retried like any other: the retry waits for reports of its own.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `code`: A word for programs.

        `message`: What went wrong.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/fail", tune_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"code": code, "message": message}),
            ),
            Tune,
        )

    async def get(
        self, tune_id: str, *, wait: float | UnsetType = UNSET, until: OneOf["ended", "registered"] | UnsetType = UNSET
    ) -> Tune:
        """Get a tune, or wait for it.

        The state that workers saw last. This request does not contact the provider.

        Scope: `tunes:read`.

        `tune_id`: Id of the tune.

        `wait`: Seconds to wait for the tune; the response comes as soon as it is so far.

        `until`: What to wait for: its end, or after a success its version, where it gets one.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/tunes/{}", tune_id), query=query({"wait": wait, "until": until})),
            Tune,
        )

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

    async def look_again(
        self,
        tune_id: str,
        *,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Look again for the job of an ended tune.

        For a failed or cancelled tune whose job may have gone on, such as one that the provider did not find for
        long.

        The tune is `running` again, and workers ask the provider for its job. This creates no new job and costs
        nothing.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `reason`: Why, for the history.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/look-again", tune_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=None if reason is UNSET else body({"reason": reason}),
            ),
            Tune,
        )

    async def pause(
        self,
        tune_id: str,
        *,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Pause a tune.

        A worker asks the provider; until then `pause_request` is `pause`. If it refuses, `pause_refusal` says why.

        Refused (409) where the provider cannot pause a job, before there is one, and after its end.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `reason`: Why, for the history.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/pause", tune_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=None if reason is UNSET else body({"reason": reason}),
            ),
            Tune,
        )

    def recipe(
        self,
        tune_id: str,
        *,
        for_: OneOf["axolotl", "llama-factory", "unsloth", "trl"],
        base_model: str | UnsetType = UNSET,
    ) -> AsyncDownload:
        """Download a tune's data and settings for a tool.

        A zip with the rows of the tune's version and its hyperparameters, which trains as it stands.

        `tuneledger.json` in it names the tune, for whoever reports how the training goes.

        Scope: `tunes:read` and `datasets:read`.

        `tune_id`: Id of the tune.

        `for_`: The tool that is to train.

        `base_model`: The base model as the tool knows it, such as on the Hugging Face Hub. Default: the tune's.
        """
        return AsyncDownload(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/tunes/{}/recipe", tune_id),
                query=query({"for": for_, "base_model": base_model}),
            ),
        )

    async def report(
        self,
        tune_id: str,
        *,
        checkpoints: Sequence[NewCheckpoint | Mapping[str, Any]] | UnsetType = UNSET,
        estimated_finish: dt.datetime | str | UnsetType | None = UNSET,
        log: Sequence[NewLogLine | Mapping[str, Any]] | UnsetType = UNSET,
        points: Sequence[NewPoint | Mapping[str, Any]] | UnsetType = UNSET,
        state: OneOf["paused", "queued", "running"] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Report how a training with your own tools goes.

        For tunes through a connection of kind `files`. The clients have a callback for TRL and Transformers.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `checkpoints`: Checkpoints that were saved.

        `estimated_finish`: When it will probably end.

        `log`: Lines of its log.

        `points`: Points of the curves.

        `state`: What the training does.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/report", tune_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "checkpoints": checkpoints,
                        "estimated_finish": estimated_finish,
                        "log": log,
                        "points": points,
                        "state": state,
                    }
                ),
            ),
            Tune,
        )

    async def resume(
        self,
        tune_id: str,
        *,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Tune:
        """Resume a paused tune.

        Also takes back a pause that the provider was not asked for yet. A worker asks it to go on with the job.

        Scope: `tunes:write`.

        `tune_id`: Id of the tune.

        `reason`: Why, for the history.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/tunes/{}/resume", tune_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=None if reason is UNSET else body({"reason": reason}),
            ),
            Tune,
        )

    async def retry(self, tune_id: str, *, idempotency_key: str | None = None) -> Tune:
        """Retry a failed or cancelled tune.

        Creates a new tune with the same settings in the same sweep. Its `retries` is the id of the first.

        It is checked anew: what cannot work any more, or would go beyond a budget, is refused with 422.

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

    def training_file(
        self, tune_id: str, *, split: OneOf["train", "validation", "test"] | UnsetType = UNSET
    ) -> AsyncDownload:
        """Download a tune's training file.

        The rows of the tune's frozen version as its provider gets them: the same bytes each time.

        Rows that were erased since are missing; then the digest is no longer the one that the tune shows.

        Scope: `tunes:read` and `datasets:read`.

        `tune_id`: Id of the tune.

        `split`: The training file, or another split of the same version.
        """
        return AsyncDownload(
            self._api,
            HttpCall(method="GET", path=path("/v1/tunes/{}/training-file", tune_id), query=query({"split": split})),
        )

    def list(
        self,
        *,
        state: OneOf[
            "pending",
            "validating",
            "queued",
            "running",
            "paused",
            "succeeded",
            "failed",
            "cancelled",
            "needs_attention",
        ]
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
