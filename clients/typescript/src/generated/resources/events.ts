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
   * List events.
   *
   * Scope: `audit:read`.
   */
  list(query?: types.ListEventsQuery, options?: RequestOptions): Pages<types.EventPage, types.FeedEvent> {
    return this.api.pages({ method: "GET", path: "/v1/events", query }, options);
  }

  /**
   * Export the sealed log for a verifier.
   *
   * NDJSON with all that `tuneledger verify` needs and no texts: a header, the events, and the sealed leaves.
   *
   * Scope: `audit:read`.
   */
  exportLog(options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: "/v1/events/export" }, options);
  }

  /**
   * Follow the event feed.
   *
   * Server-sent events. A message without a name is an event as in `GET /v1/events`; its `id` is the seq.
   *
   * `place` messages say which seq the stream has reached when no event matched. Ignore lines that begin with a colon.
   *
   * Scope: `audit:read`.
   */
  stream(query?: types.StreamEventsQuery, options?: StreamOptions): EventStream<types.FeedEvent> {
    return this.api.stream({ method: "GET", path: "/v1/events/stream", query }, options);
  }

  /**
   * Get an event.
   *
   * Scope: `audit:read`.
   */
  get(seq: number, options?: RequestOptions): Call<types.FeedEvent> {
    return this.api.call({ method: "GET", path: `/v1/events/${segment(seq)}` }, options);
  }
}
