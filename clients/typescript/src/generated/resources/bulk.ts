// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class BulkResource extends Resource {
  /**
   * Read a bulk change.
   *
   * Scope: `datasets:read`.
   */
  getChange(bulkId: string, options?: RequestOptions): Call<types.BulkChange> {
    return this.api.call({ method: "GET", path: `/v1/bulk/${segment(bulkId)}` }, options);
  }

  /**
   * List the examples that a bulk change could not change.
   *
   * Scope: `datasets:read`.
   */
  skipped(
    bulkId: string,
    query?: types.ListSkippedExamplesQuery,
    options?: RequestOptions,
  ): Pages<types.SkipPage, types.Skip> {
    return this.api.pages({ method: "GET", path: `/v1/bulk/${segment(bulkId)}/skipped`, query }, options);
  }

  /**
   * Undo a bulk change.
   *
   * Returns each example to what it was, in the background. Those that were changed since stay as they are; the undo
   * lists them as skipped.
   *
   * Scope: `datasets:write`.
   */
  undoChange(bulkId: string, body: types.UndoBulk, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/bulk/${segment(bulkId)}/undo`, body }, options);
  }
}
