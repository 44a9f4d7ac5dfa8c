// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { RequestOptions, StreamOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { EventStream } from "../../stream.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class EventsResource extends Resource {
  /**
   * Read the event feed.
   *
   * Scope: `audit:read`.
   */
  list(query?: types.ListEventsQuery, options?: RequestOptions): Pages<types.EventPage, types.FeedEvent> {
    return this.api.pages({ method: "GET", path: "/v1/events", query }, options);
  }

  /**
   * Export the sealed log for a verifier.
   *
   * NDJSON of all that `tuneledger verify` needs, and no content: a header, the events, and the leaves as sealed.
   *
   * Scope: `audit:read`.
   */
  exportLog(options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: "/v1/events/export" }, options);
  }

  /**
   * Follow the event feed.
   *
   * Server-sent events. A message without a name is an event as `GET /v1/events` shows it, and its `id` is the seq.
   *
   * `place` messages say how far the stream is, for who waits long; a line that begins with a colon means nothing.
   *
   * Scope: `audit:read`.
   */
  stream(query?: types.StreamEventsQuery, options?: StreamOptions): EventStream<types.FeedEvent> {
    return this.api.stream({ method: "GET", path: "/v1/events/stream", query }, options);
  }

  /**
   * Read one event.
   *
   * Scope: `audit:read`.
   */
  get(seq: number, options?: RequestOptions): Call<types.FeedEvent> {
    return this.api.call({ method: "GET", path: `/v1/events/${segment(seq)}` }, options);
  }
}
