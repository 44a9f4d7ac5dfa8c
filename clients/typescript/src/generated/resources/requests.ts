// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions, UploadOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { Upload } from "../../upload.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class RequestsRetentionResource extends Resource {
  /**
   * Read how long requests are kept.
   *
   * Scope: `requests:read`.
   */
  get(options?: RequestOptions): Call<types.RetentionSetting> {
    return this.api.call({ method: "GET", path: "/v1/requests/retention" }, options);
  }

  /**
   * Set how long requests are kept.
   *
   * Older ones are deleted within the hour, with their texts; their feedback and their examples stay.
   *
   * Scope: `requests:write`.
   */
  set(body: types.SetRetention, options?: RequestOptions): Call<types.RetentionSetting> {
    return this.api.call({ method: "PUT", path: "/v1/requests/retention", body }, options);
  }
}

export class RequestsResource extends Resource {
  readonly retention = new RequestsRetentionResource(this.api);

  /**
   * List logged requests.
   *
   * The latest call first. A filter by rating finds those that were rated.
   *
   * Scope: `requests:read`.
   */
  list(query?: types.ListRequestsQuery, options?: RequestOptions): Pages<types.RequestPage, types.LoggedRequest> {
    return this.api.pages({ method: "GET", path: "/v1/requests", query }, options);
  }

  /**
   * Log up to 1,000 calls.
   *
   * Calls that are refused do not keep the others out. A call with a `client_id` is logged once, however often sent.
   *
   * They are telemetry: no event records them, and they are kept as long as the workspace's retention says.
   *
   * Scope: `requests:write`.
   */
  log(body: types.LogRequests, options?: RequestOptions): Call<types.LoggedBatch> {
    return this.api.call({ method: "POST", path: "/v1/requests", body }, options);
  }

  /**
   * Log a file of calls.
   *
   * A call a line, of any length. Calls are kept as they come: where it breaks off, send it again with client ids.
   *
   * Scope: `requests:write`.
   */
  importRequests(file: Upload, options?: UploadOptions): Call<types.LoggedLines> {
    return this.api.call({
      method: "POST",
      path: "/v1/requests/import",
      upload: file,
      types: ["application/x-ndjson"],
    }, options);
  }

  /**
   * Turn requests into examples.
   *
   * A request becomes an example of a dataset once; asked again, the answer names the same one.
   *
   * Scope: `requests:write`.
   */
  promote(body: types.PromoteRequests, options?: RequestOptions): Call<types.Promotions> {
    return this.api.call({ method: "POST", path: "/v1/requests/promote", body }, options);
  }

  /**
   * Read a logged request.
   *
   * With its feedback, and the examples that were made of it.
   *
   * Scope: `requests:read`.
   */
  get(requestId: string, options?: RequestOptions): Call<types.LoggedRequest> {
    return this.api.call({ method: "GET", path: `/v1/requests/${segment(requestId)}` }, options);
  }

  /**
   * Erase a logged request.
   *
   * Its texts go, and those of its feedback; figures stay as a tombstone. Examples made of it are erased apart.
   *
   * Scope: `requests:write`.
   */
  erase(requestId: string, query?: types.EraseRequestQuery, options?: RequestOptions): Call<void> {
    return this.api.nothing({ method: "DELETE", path: `/v1/requests/${segment(requestId)}`, query }, options);
  }

  /**
   * Give feedback on a request.
   *
   * In place of what was said before, which stays in the history. The ETag counts what was done with the request.
   *
   * Scope: `requests:write`.
   */
  giveFeedback(requestId: string, body: types.NewFeedback, options?: ChangeOptions): Call<types.LoggedRequest> {
    return this.api.call({ method: "POST", path: `/v1/requests/${segment(requestId)}/feedback`, body }, options);
  }

  /**
   * List a request's history.
   *
   * Feedback, promotions and erasure, each with who and when; empty when nobody did anything.
   *
   * Scope: `requests:read`.
   */
  history(
    requestId: string,
    query?: types.ListRequestHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/requests/${segment(requestId)}/history`, query }, options);
  }

  /**
   * Trace a request to its fix.
   *
   * From the request and its feedback to the example, its repair, the versions that hold it, and their models.
   *
   * Scope: `requests:read`.
   */
  trail(requestId: string, options?: RequestOptions): Call<types.Trail> {
    return this.api.call({ method: "GET", path: `/v1/requests/${segment(requestId)}/trail` }, options);
  }
}
