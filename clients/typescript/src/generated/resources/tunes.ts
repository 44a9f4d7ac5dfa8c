// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { ChangeOptions, RequestOptions, StreamOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { EventStream } from "../../stream.js";
import { Resource, segment } from "../../resource.js";
import { WaitsForTunes } from "../../waiters.js";
import type * as types from "../types.js";

export class TunesWeightsResource extends Resource {
  /**
   * List a tune's downloaded weights.
   *
   * Artifacts of the kind `weights`, without those that were deleted.
   *
   * Scope: `tunes:read`.
   */
  list(
    tuneId: string,
    query?: types.ListTuneWeightsQuery,
    options?: RequestOptions,
  ): Pages<types.ArtifactPage, types.Artifact> {
    return this.api.pages({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/weights`, query }, options);
  }

  /**
   * Download a tune's weights into the artifact store.
   *
   * An operation; its result names the artifacts. What is there already is not downloaded again.
   *
   * 409 where the provider keeps the weights, or the tune has none yet.
   *
   * Scope: `tunes:write`.
   */
  download(tuneId: string, body: types.DownloadWeights, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/weights`, body }, options);
  }
}

export class TunesTrackedRunsResource extends Resource {
  /**
   * List a tune's runs at W&B and MLflow.
   *
   * A run is logged once the tune has ended, at each integration that was there by then.
   *
   * Scope: `tunes:read`.
   */
  list(tuneId: string, options?: RequestOptions): Call<types.TrackedRuns> {
    return this.api.call({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/tracked-runs` }, options);
  }
}

export class TunesMetricsResource extends Resource {
  /**
   * List a tune's training metrics.
   *
   * One point per measured step. Losses are in nats per token, accuracies from 0 to 1.
   *
   * Scope: `tunes:read`.
   */
  list(
    tuneId: string,
    query?: types.ListTuneMetricsQuery,
    options?: RequestOptions,
  ): Pages<types.MetricPage, types.MetricPoint> {
    return this.api.pages({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/metrics`, query }, options);
  }
}

export class TunesEventsResource extends Resource {
  /**
   * List a tune's job log.
   *
   * The provider's log lines, oldest first.
   *
   * Scope: `tunes:read`.
   */
  list(
    tuneId: string,
    query?: types.ListTuneEventsQuery,
    options?: RequestOptions,
  ): Pages<types.TuneLogPage, types.TuneLogLine> {
    return this.api.pages({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/events`, query }, options);
  }
}

export class TunesCheckpointsResource extends Resource {
  /**
   * List a tune's checkpoints.
   *
   * Scope: `tunes:read`.
   */
  list(
    tuneId: string,
    query?: types.ListTuneCheckpointsQuery,
    options?: RequestOptions,
  ): Pages<types.CheckpointPage, types.Checkpoint> {
    return this.api.pages({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/checkpoints`, query }, options);
  }
}

export class TunesResource extends WaitsForTunes {
  readonly checkpoints = new TunesCheckpointsResource(this.api);
  readonly events = new TunesEventsResource(this.api);
  readonly metrics = new TunesMetricsResource(this.api);
  readonly trackedRuns = new TunesTrackedRunsResource(this.api);
  readonly weights = new TunesWeightsResource(this.api);

  /**
   * List tunes, newest first.
   *
   * Scope: `tunes:read`.
   */
  list(query?: types.ListTunesQuery, options?: RequestOptions): Pages<types.TunePage, types.Tune> {
    return this.api.pages({ method: "GET", path: "/v1/tunes", query }, options);
  }

  /**
   * Create one or more tunes.
   *
   * Returns the sweep, with one tune per target in the same order; of a target with a grid, one per combination.
   *
   * Every target is checked first: 422 names all faults at once. The tunes are recorded as `pending`; workers send each
   * to its provider exactly once.
   *
   * Scope: `tunes:write`.
   */
  create(body: types.NewTunes, options?: RequestOptions): Call<types.Sweep> {
    return this.api.call({ method: "POST", path: "/v1/tunes", body }, options);
  }

  /**
   * Adopt a job that was made elsewhere.
   *
   * Follows a job of the connection's account as a tune of its own: its state, log, curves, checkpoints and model.
   *
   * Say which dataset version it was trained on, so that the model has a lineage.
   *
   * Scope: `tunes:write`.
   */
  adopt(body: types.AdoptTune, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: "/v1/tunes/adopt", body }, options);
  }

  /**
   * Estimate tunes: cost, time, and all faults.
   *
   * Takes the body of `POST /v1/tunes`. Nothing is recorded, and without `quote` no data is sent.
   *
   * Faults stand in the answer; `POST /v1/tunes` refuses the same ones with 422.
   *
   * Scope: `tunes:read`.
   */
  estimate(body: types.NewTunes, query?: types.EstimateTunesQuery, options?: RequestOptions): Call<types.TuneEstimate> {
    return this.api.call({ method: "POST", path: "/v1/tunes/estimate", body, query }, options);
  }

  /**
   * Get a tune, or wait for it.
   *
   * The state that workers saw last. This request does not contact the provider.
   *
   * Scope: `tunes:read`.
   */
  get(tuneId: string, query?: types.GetTuneQuery, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "GET", path: `/v1/tunes/${segment(tuneId)}`, query }, options);
  }

  /**
   * Cancel a tune.
   *
   * A tune that was not sent yet is `cancelled` at once. Otherwise `cancel_requested` becomes true and a worker asks
   * the provider to end the job. The job may still succeed; then the tune has succeeded.
   *
   * Scope: `tunes:write`.
   */
  cancel(tuneId: string, body?: types.CancelTune | null, options?: ChangeOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/cancel`, body }, options);
  }

  /**
   * Draw a tune's loss curves.
   *
   * Training and validation loss by step, with the checkpoints, the best one ringed.
   *
   * Scope: `tunes:read`.
   */
  drawChart(tuneId: string, query?: types.DrawTuneChartQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/chart`, query }, options);
  }

  /**
   * Report that a training with your own tools has succeeded.
   *
   * The tune's model gets its next version, as after a tune at a provider.
   *
   * Scope: `tunes:write`.
   */
  complete(tuneId: string, body: types.CompleteTune, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/complete`, body }, options);
  }

  /**
   * Decide about a tune that needs attention.
   *
   * A tune is in the state `needs_attention` when nobody but you can tell whether its job exists at the provider.
   *
   * `adopt` follows the job that you name, `send_again` creates the job once more, `give_up` fails the tune.
   *
   * Scope: `tunes:write`.
   */
  decide(tuneId: string, body: types.DecideTune, options?: ChangeOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/decide`, body }, options);
  }

  /**
   * Diagnose a tune's curves.
   *
   * Says whether a tune overfits, is flat or slow, diverges, or had too many epochs or too little data.
   *
   * It may be asked while the tune runs.
   *
   * Scope: `tunes:read`.
   */
  diagnose(tuneId: string, options?: RequestOptions): Call<types.TuneDiagnosis> {
    return this.api.call({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/diagnosis` }, options);
  }

  /**
   * Report that a training with your own tools has failed.
   *
   * It can be retried like any other: the retry waits for reports of its own.
   *
   * Scope: `tunes:write`.
   */
  fail(tuneId: string, body: types.FailTune, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/fail`, body }, options);
  }

  /**
   * List a tune's history.
   *
   * Scope: `tunes:read`.
   */
  history(
    tuneId: string,
    query?: types.ListTuneHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/history`, query }, options);
  }

  /**
   * Look again for the job of an ended tune.
   *
   * For a failed or cancelled tune whose job may have gone on, such as one that the provider did not find for long.
   *
   * The tune is `running` again, and workers ask the provider for its job. This creates no new job and costs nothing.
   *
   * Scope: `tunes:write`.
   */
  lookAgain(tuneId: string, body?: types.LookAgain | null, options?: ChangeOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/look-again`, body }, options);
  }

  /**
   * Pause a tune.
   *
   * A worker asks the provider; until then `pause_request` is `pause`. If it refuses, `pause_refusal` says why.
   *
   * Refused (409) where the provider cannot pause a job, before there is one, and after its end.
   *
   * Scope: `tunes:write`.
   */
  pause(tuneId: string, body?: types.PauseTune | null, options?: ChangeOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/pause`, body }, options);
  }

  /**
   * Download a tune's data and settings for a tool.
   *
   * A zip with the rows of the tune's version and its hyperparameters, which trains as it stands.
   *
   * `tuneledger.json` in it names the tune, for whoever reports how the training goes.
   *
   * Scope: `tunes:read` and `datasets:read`.
   */
  recipe(tuneId: string, query: types.ReadTuneRecipeQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/recipe`, query }, options);
  }

  /**
   * Report how a training with your own tools goes.
   *
   * For tunes through a connection of kind `files`. The clients have a callback for TRL and Transformers.
   *
   * Scope: `tunes:write`.
   */
  report(tuneId: string, body: types.TuneReport, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/report`, body }, options);
  }

  /**
   * Resume a paused tune.
   *
   * Also takes back a pause that the provider was not asked for yet. A worker asks it to go on with the job.
   *
   * Scope: `tunes:write`.
   */
  resume(tuneId: string, body?: types.PauseTune | null, options?: ChangeOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/resume`, body }, options);
  }

  /**
   * Retry a failed or cancelled tune.
   *
   * Creates a new tune with the same settings in the same sweep. Its `retries` is the id of the first.
   *
   * It is checked anew: what cannot work any more, or would go beyond a budget, is refused with 422.
   *
   * Scope: `tunes:write`.
   */
  retry(tuneId: string, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/retry` }, options);
  }

  /**
   * Stream a tune's events.
   *
   * Server-sent events, starting with the tune's first. Each is as in `GET /v1/events`; its `id` is its seq.
   *
   * `TuneProgressed` contains new log lines, metrics and checkpoints. After the tune's last event comes a message named
   * `end`. If the stream breaks off without it, reconnect with Last-Event-ID.
   *
   * Scope: `tunes:read`.
   */
  stream(tuneId: string, query?: types.StreamTuneQuery, options?: StreamOptions): EventStream<types.FeedEvent> {
    return this.api.stream({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/stream`, query }, options);
  }

  /**
   * Download a tune's training file.
   *
   * The rows of the tune's frozen version as its provider gets them: the same bytes each time.
   *
   * Rows that were erased since are missing; then the digest is no longer the one that the tune shows.
   *
   * Scope: `tunes:read` and `datasets:read`.
   */
  trainingFile(tuneId: string, query?: types.ReadTrainingFileQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/training-file`, query }, options);
  }
}
