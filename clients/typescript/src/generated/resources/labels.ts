// Generated from openapi/openapi.json by `make clients`.

import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class LabelsResource extends Resource {
  /**
   * List a label's history.
   *
   * Scope: `labels:read`.
   */
  history(
    labelId: string,
    query?: types.ListLabelHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/labels/${segment(labelId)}/history`, query }, options);
  }

  /**
   * List your queues and what waits for you.
   *
   * The queues that you may claim from, because they name you or nobody, or have open assignments in. Each comes with
   * its task, with what is left for you, and with your open assignments.
   *
   * Scope: `labels:write`.
   */
  myQueue(query?: types.GetMyQueueQuery, options?: RequestOptions): Pages<types.MyQueuePage, types.MyQueue> {
    return this.api.pages({ method: "GET", path: "/v1/me/queue", query }, options);
  }
}
