// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class SweepsResource extends Resource {
  /**
   * Get a sweep and its tunes.
   *
   * Scope: `tunes:read`.
   */
  get(sweepId: string, options?: RequestOptions): Call<types.Sweep> {
    return this.api.call({ method: "GET", path: `/v1/sweeps/${segment(sweepId)}` }, options);
  }
}
