// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ImportsErrorsResource extends Resource {
  /**
   * List the rows that were not taken.
   *
   * Scope: `datasets:read`.
   */
  list(
    importId: string,
    query?: types.ListImportErrorsQuery,
    options?: RequestOptions,
  ): Pages<types.RowErrorPage, types.RowError> {
    return this.api.pages({ method: "GET", path: `/v1/imports/${segment(importId)}/errors`, query }, options);
  }
}

export class ImportsResource extends Resource {
  readonly errors = new ImportsErrorsResource(this.api);

  /**
   * Read an import.
   *
   * Scope: `datasets:read`.
   */
  get(importId: string, options?: RequestOptions): Call<types.Import> {
    return this.api.call({ method: "GET", path: `/v1/imports/${segment(importId)}` }, options);
  }
}
