// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions, StreamOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { EventStream } from "../../stream.js";
import { Resource, segment } from "../../resource.js";
import { WaitsForTunes } from "../../waiters.js";
import type * as types from "../types.js";

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
   * Returns the sweep, with one tune per target in the same order.
   *
   * The tunes are recorded as `pending`; workers send each to its provider exactly once.
   *
   * Scope: `tunes:write`.
   */
  create(body: types.NewTunes, options?: RequestOptions): Call<types.Sweep> {
    return this.api.call({ method: "POST", path: "/v1/tunes", body }, options);
  }

  /**
   * Get a tune.
   *
   * The state that workers saw last. This request does not contact the provider.
   *
   * Scope: `tunes:read`.
   */
  get(tuneId: string, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "GET", path: `/v1/tunes/${segment(tuneId)}` }, options);
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
   * Retry a failed or cancelled tune.
   *
   * Creates a new tune with the same settings in the same sweep. Its `retries` is the id of the first.
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
}
