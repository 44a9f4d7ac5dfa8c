// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions, StreamOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { EventStream } from "../../stream.js";
import { Resource, segment } from "../../resource.js";
import { WaitsForTunes } from "../../waiting.js";
import type * as types from "../types.js";

export class TunesMetricsResource extends Resource {
  /**
   * Read the training curves.
   *
   * A point for each step that was measured; losses are in nats per token, accuracies from 0 to 1.
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
   * Read the job's log.
   *
   * In the provider's words, the oldest line first.
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
   * List the models kept on the way.
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
   * List tunes, the newest first.
   *
   * Scope: `tunes:read`.
   */
  list(query?: types.ListTunesQuery, options?: RequestOptions): Pages<types.TunePage, types.Tune> {
    return this.api.pages({ method: "GET", path: "/v1/tunes", query }, options);
  }

  /**
   * Tune one base model, or many at once.
   *
   * Answers with the sweep, whose `tunes` are in the order of the targets: one target, one tune.
   *
   * The tunes are recorded as `pending`; workers send each to its provider exactly once.
   *
   * Scope: `tunes:write`.
   */
  create(body: types.NewTunes, options?: RequestOptions): Call<types.Sweep> {
    return this.api.call({ method: "POST", path: "/v1/tunes", body }, options);
  }

  /**
   * Read a tune.
   *
   * As the workers last saw it: reading asks no provider.
   *
   * Scope: `tunes:read`.
   */
  get(tuneId: string, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "GET", path: `/v1/tunes/${segment(tuneId)}` }, options);
  }

  /**
   * Cancel a tune.
   *
   * One that was not sent yet is `cancelled` at once. Otherwise `cancel_requested` turns true, a worker asks the
   * provider, and the job ends when the provider ends it; it may still succeed, and then the tune has succeeded.
   *
   * Scope: `tunes:write`.
   */
  cancel(tuneId: string, body?: types.CancelTune | null, options?: ChangeOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/cancel`, body }, options);
  }

  /**
   * Read a tune's history.
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
   * Try a failed or cancelled tune again.
   *
   * The same order as a new tune of the same sweep; its `retries` names the first.
   *
   * Scope: `tunes:write`.
   */
  retry(tuneId: string, options?: RequestOptions): Call<types.Tune> {
    return this.api.call({ method: "POST", path: `/v1/tunes/${segment(tuneId)}/retry` }, options);
  }

  /**
   * Follow a tune.
   *
   * Server-sent events, from the tune's first event on: each as `GET /v1/events` shows it, under its seq as `id`.
   *
   * `TuneProgressed` brings the log lines, points of the curves and checkpoints that are new. After the tune's last
   * event comes a message named `end`; a stream that breaks off without it goes on with Last-Event-ID.
   *
   * Scope: `tunes:read`.
   */
  stream(tuneId: string, query?: types.StreamTuneQuery, options?: StreamOptions): EventStream<types.FeedEvent> {
    return this.api.stream({ method: "GET", path: `/v1/tunes/${segment(tuneId)}/stream`, query }, options);
  }
}
