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
   * Older requests are deleted within the hour, with their texts; their feedback and examples stay.
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
   * The latest call first. A rating filter finds only rated requests.
   *
   * Scope: `requests:read`.
   */
  list(query?: types.ListRequestsQuery, options?: RequestOptions): Pages<types.RequestPage, types.LoggedRequest> {
    return this.api.pages({ method: "GET", path: "/v1/requests", query }, options);
  }

  /**
   * Log up to 1,000 calls.
   *
   * A refused call does not affect the others. A call with a `client_id` is logged once, however often it is sent.
   *
   * Calls are not events: they are kept for the workspace's retention, outside the log of events.
   *
   * Scope: `requests:write`.
   */
  log(body: types.LogRequests, options?: RequestOptions): Call<types.LoggedBatch> {
    return this.api.call({ method: "POST", path: "/v1/requests", body }, options);
  }

  /**
   * Log a file of calls.
   *
   * One call per line, any number of lines. After a broken upload, send all again: a client id is logged once.
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
   * Promote requests to examples.
   *
   * Each request becomes one example per dataset. Promoting it again returns the same example.
   *
   * Scope: `requests:write` and `datasets:write`.
   */
  promote(body: types.PromoteRequests, options?: RequestOptions): Call<types.Promotions> {
    return this.api.call({ method: "POST", path: "/v1/requests/promote", body }, options);
  }

  /**
   * Read a logged request.
   *
   * With its feedback, and the examples made from it.
   *
   * Scope: `requests:read`.
   */
  get(requestId: string, options?: RequestOptions): Call<types.LoggedRequest> {
    return this.api.call({ method: "GET", path: `/v1/requests/${segment(requestId)}` }, options);
  }

  /**
   * Erase a logged request.
   *
   * Deletes its texts and those of its feedback; its figures stay. Examples made from it are erased separately.
   *
   * Scope: `requests:write`.
   */
  erase(requestId: string, query?: types.EraseRequestQuery, options?: RequestOptions): Call<void> {
    return this.api.nothing({ method: "DELETE", path: `/v1/requests/${segment(requestId)}`, query }, options);
  }

  /**
   * Give feedback on a request.
   *
   * Replaces earlier feedback, which stays in the history. The ETag counts the request's events.
   *
   * Scope: `requests:write`.
   */
  giveFeedback(requestId: string, body: types.NewFeedback, options?: ChangeOptions): Call<types.LoggedRequest> {
    return this.api.call({ method: "POST", path: `/v1/requests/${segment(requestId)}/feedback`, body }, options);
  }

  /**
   * List a request's history.
   *
   * Feedback, promotions and erasure, each with who and when; empty without any.
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
   * The request, its feedback, its example, the example's repair, the dataset versions with it, and their models.
   *
   * Scope: `requests:read` and `models:read`.
   */
  trail(requestId: string, options?: RequestOptions): Call<types.Trail> {
    return this.api.call({ method: "GET", path: `/v1/requests/${segment(requestId)}/trail` }, options);
  }
}
